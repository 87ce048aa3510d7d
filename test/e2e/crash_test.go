package e2e

import (
	"net/http"
	"testing"

	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

// TestNoSecondGroup kills the provider after Microsoft Graph has created a group
// and before the provider hears of it: the worst moment there is.
func TestNoSecondGroup(t *testing.T) {
	// The creation is carried out, and its answer held back for longer than the
	// provider lives.
	fault(t, graph(), faults.Rule{Method: http.MethodPost, Path: `/groups$`, After: true, Delay: "10m", Times: 1})
	c := commit(t, storyOf("crash"))
	eventually(t, "Graph has the group", func() string {
		if len(groups(t, "crash-dev")) == 0 {
			return "it has none"
		}
		return ""
	})
	id := groups(t, "crash-dev")[0]["id"]
	if err := plane.KillProvider(); err != nil {
		t.Fatal(err)
	}
	fault(t, graph())
	if err := plane.RestartProvider(t.Context()); err != nil {
		t.Fatal(err)
	}
	becomesReady(t, c)
	found := groups(t, "crash-dev")
	if len(found) != 1 || found[0]["id"] != id {
		t.Errorf("a provider that comes back finds the group it made: want one with id %v, got %v", id, found)
	}
	if got := status(t, c).Endpoints.GroupID; got != id {
		t.Errorf("the claim names the group that exists: want %v, got %v", id, got)
	}
	remove(t, c)
	if found := groups(t, "crash-dev"); len(found) != 0 {
		t.Errorf("the group goes with its claim, got %v", found)
	}
}

// fault puts rules in force at a stand-in, in place of those before.
func fault(t *testing.T, b backend, rules ...faults.Rule) {
	t.Helper()
	if rules == nil {
		rules = []faults.Rule{}
	}
	if code, answer := b.do(t, http.MethodPut, "/_standin/faults", rules); code != http.StatusNoContent {
		t.Fatalf("cannot set faults: %d %v", code, answer)
	}
}
