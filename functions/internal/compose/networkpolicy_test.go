package compose

import (
	"testing"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// TestNoOpenDoor holds that every rule names its peers: Kubernetes takes a rule
// without any, and a selector without labels, for everybody.
func TestNoOpenDoor(t *testing.T) {
	p := planOf(t, everything())
	p.Namespace.EgressCIDRs = []string{"10.0.0.0/8"}
	p.Namespace.AllowFrom = append(p.Namespace.AllowFrom, p.Namespace.AllowTo...)
	p.Namespace.AllowTo[0].Ports = []v1alpha1.Port{443}
	rules := 0
	for _, part := range networkPolicies(p, World{}) {
		spec := part.Resource.(*networkingv1.NetworkPolicy).Spec
		var peers [][]networkingv1.NetworkPolicyPeer
		for _, r := range spec.Ingress {
			peers = append(peers, r.From)
		}
		for _, r := range spec.Egress {
			peers = append(peers, r.To)
		}
		for _, peers := range peers {
			rules++
			if len(peers) == 0 {
				t.Errorf("%s: a rule without peers lets in everybody", part.Name)
			}
			for _, peer := range peers {
				if s := peer.NamespaceSelector; s != nil && len(s.MatchLabels) == 0 {
					t.Errorf("%s: a selector without labels is every namespace", part.Name)
				}
				if peer.PodSelector == nil && peer.NamespaceSelector == nil && peer.IPBlock == nil {
					t.Errorf("%s: a peer without any is refused by Kubernetes", part.Name)
				}
			}
		}
	}
	if rules != 7 {
		t.Errorf("same namespace both ways, DNS, egress, gateway, one in, one out: want 7 rules, got %d", rules)
	}
}
