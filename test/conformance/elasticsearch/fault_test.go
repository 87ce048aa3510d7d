package elasticsearch

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

// TestFaults checks what the libraries make of faults in front of the stand-in.
func TestFaults(t *testing.T) {
	const throttled = `{"error":{"root_cause":[{"type":"circuit_breaking_exception","reason":"r"}],"type":"circuit_breaking_exception","reason":"r"},"status":429}`
	cases := map[string]struct {
		reason string
		rule   faults.Rule
		step   step
		want   faults.Record
	}{
		"Unavailable": {
			reason: "The library asks again when a cluster is gone for a moment.",
			rule:   faults.Rule{Method: "PUT", Status: 503, Times: 1},
			step:   step{call: "Create", name: "orders", body: `{}`, want: `{"acknowledged":true}`},
			want:   faults.Record{Total: 2, Mutating: 2, Requests: []faults.Request{{Method: "PUT", Path: "/orders", Status: 503}, {Method: "PUT", Path: "/orders", Status: 200}}},
		},
		"Throttled": {
			reason: "The library does not ask again when a cluster is throttled.",
			rule:   faults.Rule{Status: 429, Body: throttled, Headers: map[string]string{"X-Elastic-Product": "Elasticsearch", "Content-Type": "application/json"}},
			step:   step{call: "Delete", name: "orders", failure: failure{429, "circuit_breaking_exception", "r", 1}},
			want:   faults.Record{Total: 1, Mutating: 1, Requests: []faults.Request{{Method: "DELETE", Path: "/orders", Status: 429}}},
		},
	}
	for name, r := range releases {
		for of, tc := range cases {
			t.Run(name+"/"+of, func(t *testing.T) {
				h := faults.New(standin.New(options(r.version)))
				if err := h.Set(tc.rule); err != nil {
					t.Fatal(err)
				}
				r.take(t, r.connect(t, serve(t, h)), tc.reason, tc.step)
				if diff := cmp.Diff(tc.want, h.Requests()); diff != "" {
					t.Errorf("\n%s\nRequests(): -want, +got:\n%s", tc.reason, diff)
				}
			})
		}
	}
}

// TestMadeUnheard has a cluster make an index and the library not hear of it.
func TestMadeUnheard(t *testing.T) {
	for name, r := range releases {
		t.Run(name, func(t *testing.T) {
			cluster := standin.New(options(r.version))
			h := faults.New(cluster)
			if err := h.Set(faults.Rule{Method: http.MethodPut, Status: http.StatusServiceUnavailable, Times: 1, After: true}); err != nil {
				t.Fatal(err)
			}
			_, err := r.connect(t, serve(t, h))["Create"](t.Context(), "orders", `{}`)
			if f, ok := r.failure(err); !ok || f.Status != http.StatusBadRequest || f.Type != "resource_already_exists_exception" {
				t.Errorf("\nThe library asks again, and is told that the index is there already.\nCreate(...): %v", err)
			}
			if got := len(cluster.State().Indices); got != 1 {
				t.Errorf("\nThere is one index.\nState(): %d indices", got)
			}
		})
	}
}
