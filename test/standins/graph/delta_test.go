package graph

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestDeltaToken begins to follow groups, and goes on when that is possible no more.
func TestDeltaToken(t *testing.T) {
	cases := map[string]struct {
		reason string
		lose   func(*Server, *time.Time)
		status int
	}{
		"Good":      {"A link is followed.", func(*Server, *time.Time) {}, http.StatusOK},
		"Old":       {"A token holds for seven days.", func(_ *Server, now *time.Time) { *now = now.Add(deltaLifetime + time.Second) }, http.StatusBadRequest},
		"Forgotten": {"Changes can be forgotten before.", func(s *Server, _ *time.Time) { s.ForgetChanges() }, http.StatusGone},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(1e9, 0)
			s := New(Options{Now: func() time.Time { return now }})
			ask := func(path, query string) answer {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://graph"+path+"?"+query, nil)
				req := &request{method: r.Method, host: "graph", header: r.Header, query: r.URL.Query(), now: now}
				if err := req.locate(r.URL.EscapedPath()); err != nil {
					t.Fatal(err)
				}
				return s.perform(req)
			}
			first := ask("/v1.0/groups/delta", "$deltatoken=latest&$select=members")
			body, _ := first.body.(map[string]any)
			link, _ := body["@odata.deltaLink"].(string)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
			tc.lose(s, &now)
			if got := ask(r.URL.Path, r.URL.RawQuery).status; got != tc.status {
				t.Errorf("\n%s\nstatus: want %d, got %d", tc.reason, tc.status, got)
			}
		})
	}
}

// TestThrottling takes more resource units than there are.
func TestThrottling(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := New(Options{ResourceUnits: 30, Now: func() time.Time { return now }})
	ask := func() answer {
		req := &request{method: http.MethodGet, host: "graph", header: http.Header{}, query: map[string][]string{}, now: now, version: "v1.0", path: []string{"users"}}
		return s.perform(req)
	}
	for range 30 {
		if got := ask().status; got != http.StatusOK {
			t.Fatalf("\nWithin the units requests are answered, got %d", got)
		}
	}
	if got := ask(); got.status != http.StatusTooManyRequests || got.retryAfter != "1" {
		t.Errorf("\nBeyond them the application is sent away for a while, got %d for %q seconds", got.status, got.retryAfter)
	}
	now = now.Add(time.Second)
	if got := ask().status; got != http.StatusOK {
		t.Errorf("\nThen it is answered again, got %d", got)
	}
}
