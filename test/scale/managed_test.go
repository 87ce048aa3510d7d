package scale

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGather holds that what burdens the provider is what claims become, each once.
func TestGather(t *testing.T) {
	cases := map[string]struct {
		reason             string
		amount             Amount
		objects            int
		environments, more int
	}{
		"Environments": {"Ten environments have all resources of the mix.", Amount{Environments: 10}, 34, 10, 0},
		"Resources":    {"Of as many resources as are wanted the last environment may have some only.", Amount{Resources: 40}, 40, 11, 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := gather(root, tc.amount)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.objects) != tc.objects || got.environments < tc.environments || got.environments > tc.environments+tc.more {
				t.Errorf("\n%s\nwant %d of %d environments, got %d of %d", tc.reason, tc.objects, tc.environments, len(got.objects), got.environments)
			}
			kinds, taken := map[string]bool{}, map[string]bool{}
			for _, o := range got.objects {
				id := o.GetKind() + " " + o.GetNamespace() + "/" + o.GetName() + " " + o.GetAnnotations()["crossplane.io/external-name"]
				if taken[id] || o.GetLabels()["crossplane.io/claim-name"] == "" {
					t.Errorf("\nEach is there once, and of a claim.\n%s", id)
				}
				kinds[o.GetKind()], taken[id] = true, true
			}
			want := []string{"APIKey", "DataStream", "Group", "Index", "Role", "RoleMapping"}
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(kinds))); diff != "" {
				t.Errorf("\nThere are all kinds that claims become.\n-want, +got:\n%s", diff)
			}
		})
	}
}
