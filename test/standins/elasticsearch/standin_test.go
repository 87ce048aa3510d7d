package elasticsearch

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A step is a request as the superuser and what matters of its answer.
type step struct {
	method, path, body string

	status int
	want   string // Part of the answer, as JSON: what it does not name does not matter, and null is what is not there.
}

// A story is a case of a table: steps against one cluster, in order.
type story struct {
	reason string
	steps  []step
}

func tell(t *testing.T, stories map[string]story) {
	t.Helper()
	for name, tc := range stories {
		t.Run(name, func(t *testing.T) {
			s := New(Options{Username: "u", Password: "p", Now: march})
			for _, st := range tc.steps {
				expect(t, s, tc.reason, st, superuserOf)
			}
		})
	}
}

func superuserOf(r *http.Request) { r.SetBasicAuth("u", "p") }

// expect sends the request of a step, after an edit, and checks the answer.
func expect(t *testing.T, s *Server, reason string, st step, edit func(*http.Request)) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), st.method, st.path, strings.NewReader(st.body))
	if st.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	edit(r)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != st.status {
		t.Fatalf("\n%s\n%s %s: want status %d, got %d: %s", reason, st.method, st.path, st.status, w.Code, w.Body)
	}
	if st.want == "" {
		return
	}
	want, got := decoded(t, st.want), decoded(t, w.Body.String())
	if diff := cmp.Diff(want, project(got, want)); diff != "" {
		t.Errorf("\n%s\n%s %s: -want, +got:\n%s", reason, st.method, st.path, diff)
	}
}

func decoded(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("no JSON: %q: %v", text, err)
	}
	return v
}

// project returns what want names of got.
func project(got, want any) any {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return got
		}
		out := map[string]any{}
		for k := range w {
			out[k] = project(g[k], w[k])
		}
		if len(w) == 0 { // An empty object is one.
			return g
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return got
		}
		out := make([]any, len(g))
		for n := range g {
			out[n] = project(g[n], w[n])
		}
		return out
	}
	return got
}

// refused is the answer of a fault, in the shape that every error has.
func refused(kind, reason string) string {
	k, _ := json.Marshal(kind)
	r, _ := json.Marshal(reason)
	return `{"error":{"root_cause":[{"type":` + string(k) + `}],"type":` + string(k) + `,"reason":` + string(r) + `}}`
}
