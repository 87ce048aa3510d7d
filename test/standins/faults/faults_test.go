package faults

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// counter is a stand-in that counts what it did.
type counter struct{ done atomic.Int32 }

func (c *counter) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	c.done.Add(1)
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, "made")
}

func TestHandler(t *testing.T) {
	type outcome struct {
		Status int
		Body   string
		Done   int32
	}
	cases := map[string]struct {
		reason string
		rules  []Rule
		want   []outcome // One for each PUT /things/1, in order.
	}{
		"NoRule": {
			reason: "Without a rule the stand-in answers.",
			want:   []outcome{{http.StatusCreated, "made", 1}},
		},
		"OtherRequests": {
			reason: "A rule decides on no request that it does not match.",
			rules:  []Rule{{Method: "GET", Status: 500}, {Path: "^/other", Status: 500}},
			want:   []outcome{{http.StatusCreated, "made", 1}},
		},
		"Refuse": {
			reason: "A rule answers in place of the stand-in, which does nothing.",
			rules:  []Rule{{Method: "PUT", Path: "^/things/", Status: 429, Body: "slow down"}},
			want:   []outcome{{429, "slow down", 0}, {429, "slow down", 0}},
		},
		"Spent": {
			reason: "A rule that is spent lets the stand-in answer again.",
			rules:  []Rule{{Status: 503, Times: 1}},
			want:   []outcome{{503, "", 0}, {http.StatusCreated, "made", 1}},
		},
		"After": {
			reason: "The stand-in does what it is asked, and the caller hears of a failure.",
			rules:  []Rule{{Status: 500, After: true, Times: 1}},
			want:   []outcome{{500, "", 1}},
		},
		"CutAfter": {
			reason: "A connection can be cut after the stand-in did what it was asked.",
			rules:  []Rule{{Cut: true, After: true, Times: 1}},
			want:   []outcome{{0, "", 1}, {http.StatusCreated, "made", 2}},
		},
		"Late": {
			reason: "A delay alone leaves the answer as it is.",
			rules:  []Rule{{Delay: "1ms"}},
			want:   []outcome{{http.StatusCreated, "made", 1}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			standIn := &counter{}
			h := New(standIn)
			if err := h.Set(tc.rules...); err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(h)
			defer server.Close()
			for i, want := range tc.want {
				got := outcome{}
				got.Status, got.Body = send(t, server.URL+"/things/1", http.MethodPut, "")
				got.Done = standIn.done.Load()
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("\n%s\nrequest %d: -want, +got:\n%s", tc.reason, i, diff)
				}
			}
		})
	}
}

func TestControl(t *testing.T) {
	server := httptest.NewServer(New(&counter{}))
	defer server.Close()

	if status, body := send(t, server.URL+"/_standin/faults", http.MethodPut, `[{"path":"("}]`); status != 400 || !strings.Contains(body, "rule 0") {
		t.Errorf("a wrong rule is refused and named, got %d %q", status, body)
	}
	if status, _ := send(t, server.URL+"/_standin/faults", http.MethodPut, `[{"status":503}]`); status != 204 {
		t.Errorf("rules can be set by a request, got %d", status)
	}
	if status, _ := send(t, server.URL+"/x", http.MethodGet, ""); status != 503 {
		t.Errorf("rules set by a request are in force, got %d", status)
	}
	if status, _ := send(t, server.URL+"/_standin/faults", http.MethodDelete, ""); status != 204 {
		t.Errorf("rules can be cleared by a request, got %d", status)
	}
	send(t, server.URL+"/x", http.MethodPost, "")
	_, body := send(t, server.URL+"/_standin/requests", http.MethodGet, "")
	want := `{"total":2,"mutating":1,"requests":[{"method":"GET","path":"/x","status":503},{"method":"POST","path":"/x","status":201}]}`
	if diff := cmp.Diff(want, strings.TrimSpace(body)); diff != "" {
		t.Errorf("requests are recorded, those for control are not: -want, +got:\n%s", diff)
	}
}

// TestClock sets the clock of a stand-in wrong, and its answers late ones of another day.
func TestClock(t *testing.T) {
	c := &Clock{}
	h := New(&counter{}).WithClock(c)
	server := httptest.NewServer(h)
	defer server.Close()
	date := func() time.Time {
		t.Helper()
		rsp, err := http.Get(server.URL) //nolint:noctx // It returns at once.
		if err != nil {
			t.Fatal(err)
		}
		_ = rsp.Body.Close() // Nothing is read.
		at, err := http.ParseTime(rsp.Header.Get("Date"))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	if status, body := send(t, server.URL+"/_standin/clock", http.MethodPut, `"2h"`); status != 204 {
		t.Fatalf("\nThe clock is set by a request.\n%d %s", status, body)
	}
	for reason, at := range map[string]time.Time{"The stand-in goes by the clock.": c.Now(), "Answers tell its time.": date()} {
		if ahead := time.Until(at); ahead < 119*time.Minute || ahead > 121*time.Minute {
			t.Errorf("\n%s\nahead by %s", reason, ahead)
		}
	}
	if err := h.Set(Rule{Headers: map[string]string{"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}}); err != nil {
		t.Fatal(err)
	}
	if got := date(); got.Year() != 2026 || got.YearDay() != 1 {
		t.Errorf("\nHeaders without a status are added to the stand-in's own answer.\nDate: %s", got)
	}
	if status, _ := send(t, server.URL+"/_standin/clock", http.MethodPut, `"soon"`); status != 400 {
		t.Errorf("\nWhat is no length of time is refused.\nstatus: %d", status)
	}
	if r := h.Requests(); r.Total != 2 {
		t.Errorf("\nRequests for control are not counted.\n%+v", r)
	}
}

// send returns the status and body of an answer, or 0 if there is none.
func send(t *testing.T, url, method, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	// A connection that is kept alive would be tried again by the client.
	req.Close = true
	rsp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer rsp.Body.Close() //nolint:errcheck // It is read to its end.
	b, err := io.ReadAll(rsp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return rsp.StatusCode, string(b)
}
