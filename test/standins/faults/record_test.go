package faults

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ask(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
	return w
}

func TestRecord(t *testing.T) {
	const empty = `{"total":0,"mutating":0,"requests":[]}`
	h := New(&counter{})
	if diff := cmp.Diff(empty, strings.TrimSpace(ask(t, h, "GET", "/_standin/requests").Body.String())); diff != "" {
		t.Errorf("\nNo requests are an empty list.\n-want, +got:\n%s", diff)
	}

	for range historyLimit + 1 {
		ask(t, h, "GET", "/old")
	}
	ask(t, h, "DELETE", "/new")
	got := h.Requests()
	if got.Total != historyLimit+2 || got.Mutating != 1 || len(got.Requests) != historyLimit {
		t.Errorf("\nAll requests are counted, and the last of them remembered.\nRequests(): %d in all, %d mutating, %d remembered", got.Total, got.Mutating, len(got.Requests))
	}
	if diff := cmp.Diff(Request{Method: "DELETE", Path: "/new", Status: http.StatusCreated}, got.Requests[historyLimit-1]); diff != "" {
		t.Errorf("\nThe last request is the last.\n-want, +got:\n%s", diff)
	}

	if status := ask(t, h, "DELETE", "/_standin/requests").Code; status != http.StatusNoContent {
		t.Errorf("\nRequests can be forgotten by a request.\nstatus: %d", status)
	}
	if diff := cmp.Diff(empty, strings.TrimSpace(ask(t, h, "GET", "/_standin/requests").Body.String())); diff != "" {
		t.Errorf("\nWhat is forgotten is gone.\n-want, +got:\n%s", diff)
	}
}

// TestAtOnce checks that a rule decides on as many requests as it says, whoever
// asks.
func TestAtOnce(t *testing.T) {
	standIn := &counter{}
	h := New(standIn)
	if err := h.Set(Rule{Status: http.StatusServiceUnavailable, Times: 10}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { ask(t, h, "PUT", "/things/1") })
	}
	all.Wait()
	if done, asked := standIn.done.Load(), h.Requests().Total; done != 40 || asked != 50 {
		t.Errorf("\nTen of fifty requests fail.\nthe stand-in did %d of %d", done, asked)
	}
}

func TestSetRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		rules  []Rule
		want   []string // Parts of the error.
	}{
		"Path":     {"A pattern is a regular expression.", []Rule{{Path: "("}}, []string{"rule 0", "path"}},
		"Delay":    {"A delay is a duration.", []Rule{{Delay: "soon"}}, []string{"rule 0", "delay"}},
		"Negative": {"Nothing comes before it is asked for, or fewer times than never.", []Rule{{Delay: "-1s", Times: -1}}, []string{"delay", "times"}},
		"Status":   {"A status has three digits, and none is provisional.", []Rule{{Status: 99}, {Status: 1000}, {Status: 100}}, []string{"rule 0", "rule 1", "rule 2", "status"}},
		"Lost":     {"What is only for an answer has one.", []Rule{{Cut: true, Status: 500}, {Body: "b"}}, []string{"rule 0: cut", "rule 1: body"}},
		"All":      {"All mistakes are told at once.", []Rule{{Path: "(", Delay: "soon"}, {}, {Status: 1}}, []string{"rule 0: path", "rule 0: delay", "rule 2: status"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			h := New(&counter{})
			if err := h.Set(Rule{Status: http.StatusTeapot}); err != nil {
				t.Fatal(err)
			}
			err := h.Set(tc.rules...)
			for _, part := range tc.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("\n%s\nSet(...): want %q in %v", tc.reason, part, err)
				}
			}
			if status := ask(t, h, "GET", "/x").Code; status != http.StatusTeapot {
				t.Errorf("\n%s\nThe rules of before stay in force: status %d", tc.reason, status)
			}
		})
	}
}
