package elasticsearch

import (
	"net/http/httptest"
	"testing"
	"time"

	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

// TestClock talks to clusters whose clocks are wrong.
func TestClock(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"Right": 0, "Ahead": 2 * time.Hour, "Behind": -2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			wrong := &faults.Clock{}
			wrong.Set(ahead)
			server := httptest.NewServer(standin.New(standin.Options{Username: "u", Password: "p", Now: wrong.Now}))
			defer server.Close()
			connect := func() *Client {
				c, err := New(Config{Endpoint: server.URL, Username: "u", Password: "p"})
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			near := func(reason string, c *Client, want time.Duration) {
				t.Helper()
				if off := time.Until(c.Now()) - want; off.Abs() > time.Minute {
					t.Errorf("\n%s\noff by %s", reason, off)
				}
			}
			c := connect()
			near("Before anything is known the clocks are taken for the same.", c, 0)
			if _, err := c.CreateAPIKey(t.Context(), NewAPIKey{Name: "a", Validity: time.Hour}); err != nil {
				t.Fatal(err)
			}
			near("The end of a new key tells the time of the cluster.", c, ahead)
			again := connect()
			if _, err := again.APIKeys(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			near("A key that was made in the future tells that the cluster is ahead.", again, max(0, ahead))
		})
	}
}
