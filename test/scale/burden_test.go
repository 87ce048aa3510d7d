package scale

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPrintBurdens holds that the table tells each burden beside the others, per minute
// and per resource, and how the last compares with the first.
func TestPrintBurdens(t *testing.T) {
	const program = "plumbline-provider-plumbline"
	burden := func(resources, requests int) Burden {
		return Burden{
			Resources: resources, Environments: resources / 3, Took: 20 * time.Second, Quiet: 2 * time.Minute,
			Costs: Counts{Writes: map[string]map[string]int{program: {"update groups/status": 3 * resources}}},
			Rest:  Memory{Resident: 80 << 10, Peak: 100 << 10},
			Resting: Counts{Requests: map[string]int{"Elasticsearch": requests, "Graph": 6},
				CPU: map[string]time.Duration{program: 4 * time.Second}},
			Load: []string{"1 1 1", "2 1 1"},
		}
	}
	var out strings.Builder
	if err := printBurdens(&out, []Burden{burden(100, 11), burden(1000, 10)}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| resources | 100 | 1000 | last / first |",
		"| environments | 33 | 333 | 10.1 |",
		"| all Ready after | 20 s | 20 s | 1.0 |",
		"| writes to the API a resource until then | 3 | 3 | 1.0 |",
		"| … at rest | 80 MB | 80 MB | 1.0 |",
		"| CPU a minute at rest | 2.0 s | 2.0 s | 1.0 |",
		"| writes to the API at rest | 0 | 0 |  |",
		"| requests a minute at rest to Elasticsearch | 5.5 | 5 | 0.9 |",
		"| load of the machine before and after | 1 1 1 → 2 1 1 | 1 1 1 → 2 1 1 |  |",
	} {
		if !strings.Contains(out.String(), want+"\n") {
			t.Errorf("\nThe table has the line\n%s\n%s", want, out.String())
		}
	}
}

// TestRequestsForOne tells requests for one resource from those of sweeps.
func TestRequestsForOne(t *testing.T) {
	const metrics = `# TYPE plumbline_backend_requests_total counter
plumbline_backend_requests_total{backend="a",purpose="Resource"} 3
plumbline_backend_requests_total{backend="a",purpose="Sweep"} 5
plumbline_backend_requests_total{backend="b",purpose="Resource"} 4
`
	if diff := cmp.Diff(7, forOne([]byte(metrics))); diff != "" {
		t.Errorf("\nThose of all backends are counted, and sweeps are not.\nforOne(...): -want, +got:\n%s", diff)
	}
}
