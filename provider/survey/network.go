package survey

import (
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// describeNetwork says as intents what NetworkPolicies allow. All that the claim does
// not allow is denied once it is applied, so what is not described here has to be read.
func (d *drafting) describeNetwork() {
	if len(d.found.policies.Items) == 0 {
		d.remarkf("Nothing restricts the network of the namespace now; the claim denies all but DNS, the namespace itself, the gateway, and what spec.network allows: name there whom the service talks to")
		return
	}
	for _, policy := range d.found.policies.Items {
		for _, rule := range policy.Spec.Ingress {
			d.describeRule(policy.Name, rule.From, rule.Ports, &d.connections().AllowFrom)
		}
		for _, rule := range policy.Spec.Egress {
			d.describeRule(policy.Name, rule.To, rule.Ports, &d.connections().AllowTo)
		}
	}
	if n := d.Claim.Spec.Network; n != nil && len(n.AllowFrom)+len(n.AllowTo) == 0 {
		d.Claim.Spec.Network = nil
	}
}

func (d *drafting) connections() *v1alpha1.Connections {
	if d.Claim.Spec.Network == nil {
		d.Claim.Spec.Network = &v1alpha1.Connections{}
	}
	return d.Claim.Spec.Network
}

func (d *drafting) describeRule(policy string, peers []networkingv1.NetworkPolicyPeer, on []networkingv1.NetworkPolicyPort, to *[]v1alpha1.Peer) {
	ports, fits := portsOf(on)
	if len(peers) == 0 || !fits {
		d.remarkf("A rule of NetworkPolicy %s does not fit: a claim names services and networks, and ports of TCP by their number", policy)
		return
	}
	for _, p := range peers {
		peer, own := d.peerOf(p)
		switch {
		case own:
		case peer.Service == "" && peer.CIDR == "":
			d.remarkf("A rule of NetworkPolicy %s does not fit: a claim names environments of services, and networks, and no others", policy)
		default:
			peer.Ports = ports
			*to = append(*to, peer)
		}
	}
}

// peerOf is a peer as a claim names it. One that every environment may talk to is its
// own affair.
func (d *drafting) peerOf(p networkingv1.NetworkPolicyPeer) (peer v1alpha1.Peer, own bool) {
	switch {
	case p.IPBlock != nil && len(p.IPBlock.Except) == 0:
		return v1alpha1.Peer{CIDR: p.IPBlock.CIDR}, false
	case p.IPBlock != nil:
		return v1alpha1.Peer{}, false
	case p.NamespaceSelector == nil:
		return v1alpha1.Peer{}, true // Pods of the namespace itself, which all may talk to each other.
	}
	name := namespaceOf(p.NamespaceSelector)
	if name == d.blueprint.Network.DNSNamespace && name != "" || name == d.found.namespace.Name {
		return v1alpha1.Peer{}, true
	}
	service, environment, ok := split(d.blueprint.Names.Namespace, name)
	if _, known := d.blueprint.Environments[environment]; !ok || !known || p.PodSelector != nil {
		return v1alpha1.Peer{}, false
	}
	return v1alpha1.Peer{Service: service, Environment: environment}, false
}

// namespaceOf is the one namespace that a selector fits, or none.
func namespaceOf(s *metav1.LabelSelector) string {
	if len(s.MatchExpressions) > 0 || len(s.MatchLabels) != 1 {
		return ""
	}
	return s.MatchLabels["kubernetes.io/metadata.name"]
}

func portsOf(on []networkingv1.NetworkPolicyPort) ([]v1alpha1.Port, bool) {
	var ports []v1alpha1.Port
	for _, p := range on {
		if p.Port == nil || p.Port.IntValue() == 0 || p.EndPort != nil || p.Protocol != nil && *p.Protocol != "TCP" {
			return nil, false
		}
		ports = append(ports, v1alpha1.Port(p.Port.IntVal))
	}
	return ports, true
}
