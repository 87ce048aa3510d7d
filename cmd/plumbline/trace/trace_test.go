package trace

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func TestOf(t *testing.T) {
	c := v1alpha1.ServiceEnvironment{}
	c.Namespace, c.Name = "payments", "till-dev"
	c.Spec.Routes = []v1alpha1.Route{{Host: "a.example.com"}, {Host: "b.example.com"}}
	c.Spec.Search = &v1alpha1.Search{Indices: []v1alpha1.Index{{Name: "orders"}, {Name: "items"}}}
	c.Status = v1alpha1.ServiceEnvironmentStatus{
		Environment: "till-dev", Namespace: "till-dev",
		Endpoints: &v1alpha1.Endpoints{GroupID: "1-2-3", URLs: []string{"https://a.example.com/", "https://b.example.com/x"}, Indices: []string{"till-dev.orders", "till-dev.items"}},
		Resources: []v1alpha1.ResourceStatus{{Kind: "Group", Name: "till-dev"}, {Kind: "ResourceQuota", Name: "environment"}},
	}
	other := v1alpha1.ServiceEnvironment{}
	other.Namespace, other.Name = "payments", "other-dev"
	other.Status = v1alpha1.ServiceEnvironmentStatus{Environment: "other-dev", Namespace: "other-dev", Resources: []v1alpha1.ResourceStatus{{Kind: "ResourceQuota", Name: "environment"}}}

	cases := map[string]struct {
		reason string
		thing  string
		want   []string
	}{
		"Index":     {reason: "An index leads to the line that asks for it.", thing: "till-dev.items", want: []string{"till-dev: Index till-dev.items: spec.search.indices[1].name"}},
		"Group":     {reason: "An object id of Entra ID leads to who may do what.", thing: "1-2-3", want: []string{"till-dev: Group till-dev, by its object id: spec.access"}},
		"Host":      {reason: "A host leads to its route.", thing: "b.example.com", want: []string{"till-dev: Host b.example.com: spec.routes[1].host"}},
		"Namespace": {reason: "A namespace leads to the service.", thing: "other-dev", want: []string{"other-dev: Namespace other-dev: spec.service"}},
		"Kind":      {reason: "A kind tells things of one name apart.", thing: "group/till-dev", want: []string{"till-dev: Group till-dev: spec.service"}},
		"Many":      {reason: "All that have an object of the name are told.", thing: "ResourceQuota/environment", want: []string{"till-dev: ResourceQuota environment: spec.service", "other-dev: ResourceQuota environment: spec.service"}},
		"Empty":     {reason: "A claim that has no object id yet is nobody's origin.", thing: "Group/"},
		"Stranger":  {reason: "What no claim became has no origin.", thing: "kube-system"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, o := range Of([]v1alpha1.ServiceEnvironment{c, other}, tc.thing) {
				got = append(got, o.Claim.GetName()+": "+o.What+": "+o.Field)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nOf(%q): -want, +got:\n%s", tc.reason, tc.thing, diff)
			}
		})
	}
}
