package scale

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func record(user, verb, resource string) string {
	return fmt.Sprintf(`{"verb":%q,"user":{"username":%q},"objectRef":{"resource":%q}}`, verb, user, resource)
}

// TestAuditLog holds that each write is counted once, however often the log is read and
// wherever a read stops.
func TestAuditLog(t *testing.T) {
	const core, provider = "system:serviceaccount:crossplane-system:crossplane", "system:serviceaccount:crossplane-system:provider"
	text := strings.Join([]string{
		record(core, "patch", "namespaces"),
		record(core, "patch", "namespaces"),
		record(provider, "update", "indices"),
		record(provider, "update", "leases"), // A leader that lives.
		record(core, "create", "leases"),     // An environment's right to a host.
		record(core, "create", "selfsubjectaccessreviews"),
		"no record", "",
	}, "\n")
	want := map[string]map[string]int{
		"crossplane": {"patch namespaces": 2, "create leases": 1},
		"provider":   {"update indices": 1},
	}
	for cut := 0; cut <= len(text); cut += 7 {
		file := filepath.Join(t.TempDir(), "audit.log")
		l := auditLog{file: file, writes: map[string]map[string]int{}}
		for _, part := range []string{text[:cut], text} {
			if err := os.WriteFile(file, []byte(part), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := l.read(); err != nil {
				t.Fatal(err)
			}
		}
		got, err := l.read()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("\nEach write is counted once, though the first read ended after %d letters.\nread(): -want, +got:\n%s", cut, diff)
		}
	}
}

func TestCounts(t *testing.T) {
	first := Counts{
		Writes: map[string]map[string]int{"a": {"patch x": 3}}, Stored: 2, Calls: 1, Passes: 1,
		Requests: map[string]int{"Graph": 5},
	}
	second := Counts{
		Writes: map[string]map[string]int{"a": {"patch x": 4, "patch y": 1}, "b": {"create z": 2}}, Stored: 7, Calls: 5, Passes: 4, Breakers: 1,
		Requests: map[string]int{"Graph": 9, "Elasticsearch": 1},
	}
	if diff := cmp.Diff(second, second.since(first).plus(first), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("\nWhat there was, and what was added, is what there is.\n-want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(4, second.since(first).writes()); diff != "" {
		t.Errorf("\nWrites of all components add up.\nwrites(): -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(2, second.writes("b")); diff != "" {
		t.Errorf("\nWrites are told apart by who wrote.\nwrites(b): -want, +got:\n%s", diff)
	}
}

func TestTotal(t *testing.T) {
	metrics := []byte(`# HELP passes_total How often.
passes_total{controller="composite/a",result="success"} 3
passes_total{controller="composite/b",result="error"} 2
passes_total{controller="claim/a"} 1e+02
passes_total_created 7
plain 12
`)
	cases := map[string]struct {
		reason string
		name   string
		labels []string
		want   int
	}{
		"All":    {"Samples of all labels add up.", "passes_total", nil, 105},
		"Labels": {"Only samples with the label count, be it the beginning of its value.", "passes_total", []string{`controller="composite/`}, 5},
		"Plain":  {"A metric may have no labels.", "plain", nil, 12},
		"None":   {"A metric that is not there counts nothing.", "passes", nil, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, total(metrics, tc.name, tc.labels...)); diff != "" {
				t.Errorf("\n%s\ntotal(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
