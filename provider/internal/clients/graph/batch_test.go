package graph

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestUnrelate removes two members in one request, whatever becomes of each.
func TestUnrelate(t *testing.T) {
	one := func(id string, status int, code string) map[string]any {
		return map[string]any{"id": id, "status": status, "headers": map[string]string{"Retry-After": "7"},
			"body": map[string]any{"error": map[string]string{"code": code, "message": "m"}}}
	}
	cases := map[string]struct {
		reason  string
		answers []map[string]any
		err     string
		wait    time.Duration
	}{
		"Done":      {"What is done is done, in whatever order it is told.", []map[string]any{{"id": "1", "status": 204}, {"id": "0", "status": 204}}, "", 0},
		"NotThere":  {"Who is no member is no mistake.", []map[string]any{one("0", 404, "Request_ResourceNotFound"), {"id": "1", "status": 204}}, "", 0},
		"Throttled": {"A wait that is asked for one is kept.", []map[string]any{{"id": "0", "status": 204}, one("1", 429, "TooManyRequests")}, "Throttled: Microsoft Graph asks the application to wait (TooManyRequests)", 7 * time.Second},
		"First":     {"Of two failures, the first is told each time.", []map[string]any{one("1", 500, "B"), one("0", 400, "A")}, "A: m", 7 * time.Second},
		"Silent":    {"An answer that is missing is no success.", []map[string]any{{"id": "0", "status": 204}}, "a batch of 2 requests has 1 answers", 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1.0/$batch" {
					t.Errorf("\nOne request removes all.\n%s %s", r.Method, r.URL.Path)
				}
				answer(w, 200, map[string]any{"responses": tc.answers})
			})
			err := c.Unrelate(t.Context(), group, Members, []string{id(1), id(2)})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tc.err, got); diff != "" {
				t.Errorf("\n%s\nUnrelate(...): -want, +got:\n%s", tc.reason, diff)
			}
			var asked *Error
			if errors.As(err, &asked) && asked.RetryAfter() != tc.wait {
				t.Errorf("\n%s\nwait: want %s, got %s", tc.reason, tc.wait, asked.RetryAfter())
			}
		})
	}
}
