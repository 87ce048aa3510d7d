package controlplane

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
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
		if e.Name != "GOMEMLIMIT" {
			continue
		}
		collects, err := resource.ParseQuantity(strings.TrimSuffix(e.Value, "B"))
		if err != nil || collects.Cmp(*c.Resources.Limits.Memory()) >= 0 {
			t.Errorf("\nIt collects garbage before the kernel would end it.\nGOMEMLIMIT: %s, limit: %v, %v", e.Value, c.Resources.Limits.Memory(), err)
		}
	}
}
