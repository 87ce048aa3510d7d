package e2e

import (
	"fmt"
	"testing"
	"time"
)

// TestBreaker holds that nothing is lost while Crossplane's circuit breaker is open. What
// changes then reaches nobody, and no later change need follow it.
func TestBreaker(t *testing.T) {
	c := commit(t, storyOf("breaker"))
	becomesReady(t, c)
	composite := object("plumbline.dev/v1alpha1", "XServiceEnvironment", "", c.GetResourceReference().Name)
	quota := object("v1", "ResourceQuota", "breaker-dev", "environment")
	edits := 0
	within(t, patience, "the circuit breaker opens", func() string {
		for range 50 {
			edits++
			annotate(t, quota, "example.com/edit", fmt.Sprint(edits))
		}
		must(t, get(t, composite))
		return unlessEqual("False", fmt.Sprint(conditionNamed(composite, "Responsive")["status"]))
	})

	rules := object("networking.k8s.io/v1", "NetworkPolicy", "breaker-dev", "environment")
	must(t, get(t, rules))
	deleted := rules.GetUID()
	must(t, say(plane.Client().Delete(t.Context(), rules)))
	within(t, patience+time.Minute, "what was deleted unseen is back", func() string {
		if missing := get(t, rules); missing != "" {
			return missing
		}
		if rules.GetUID() == deleted {
			return "it was not deleted"
		}
		return ""
	})
	remove(t, c)
}
