package controlplane

import (
	"slices"
	"testing"
)

// TestShippedProvider holds that what is measured is what package/runtime ships.
func TestShippedProvider(t *testing.T) {
	c, err := shippedProvider("../..")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(c.Args, "--leader-election") || c.Resources.Limits.Memory().IsZero() {
		t.Errorf("\nThe provider runs with the arguments of its container, which has a bound on memory.\nargs: %v, limits: %v", c.Args, c.Resources.Limits)
	}
	for _, e := range c.Env {
		if e.Value == "" && e.Name != "POD_NAMESPACE" {
			t.Errorf("\nWhat only a Pod knows is the namespace, which is set.\nenv: %v", e)
		}
	}
}
