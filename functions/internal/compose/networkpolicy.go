package compose

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// networkPolicies deny everything but what every environment needs and what the claim
// asks for. What all have is one object, as each more is written on every pass; what a
// claim adds is one each, so that its name tells what it is for.
func networkPolicies(p environment.Plan, _ World) []Part {
	parts := []Part{policy(p, "environment", always(p))}
	for _, f := range p.Namespace.AllowFrom {
		parts = append(parts, policy(p, f.Name, ingress(peers(f), tcp(f.Ports)...)))
	}
	for _, f := range p.Namespace.AllowTo {
		parts = append(parts, policy(p, f.Name, egress(peers(f), tcp(f.Ports)...)))
	}
	return parts
}

// always denies what nothing allows, and allows the namespace's own pods, DNS, and what
// the Blueprint says: where pods may connect to, and the gateway.
func always(p environment.Plan) networkingv1.NetworkPolicySpec {
	own := []networkingv1.NetworkPolicyPeer{samePeer()}
	spec := networkingv1.NetworkPolicySpec{
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
		Ingress:     []networkingv1.NetworkPolicyIngressRule{{From: own}},
		Egress:      []networkingv1.NetworkPolicyEgressRule{{To: own}, {To: dnsPeer(p), Ports: dnsPorts()}},
	}
	if len(p.Namespace.EgressCIDRs) > 0 {
		spec.Egress = append(spec.Egress, networkingv1.NetworkPolicyEgressRule{To: networks(p.Namespace.EgressCIDRs)})
	}
	if gateways := namespaces(p.Namespace.GatewayNamespaces); len(gateways) > 0 {
		spec.Ingress = append(spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: gateways})
	}
	return spec
}

func policy(p environment.Plan, name string, spec networkingv1.NetworkPolicySpec) Part {
	return Part{
		Name:       "network-" + name,
		Capability: status.Namespace,
		Needs:      []string{PartNamespace},
		Resource: &networkingv1.NetworkPolicy{
			TypeMeta:   typeMeta("networking.k8s.io/v1", "NetworkPolicy"),
			ObjectMeta: meta(p, name),
			Spec:       spec,
		},
	}
}

func ingress(from []networkingv1.NetworkPolicyPeer, ports ...networkingv1.NetworkPolicyPort) networkingv1.NetworkPolicySpec {
	return networkingv1.NetworkPolicySpec{
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
		Ingress:     []networkingv1.NetworkPolicyIngressRule{{From: from, Ports: ports}},
	}
}

func egress(to []networkingv1.NetworkPolicyPeer, ports ...networkingv1.NetworkPolicyPort) networkingv1.NetworkPolicySpec {
	return networkingv1.NetworkPolicySpec{
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress},
		Egress:      []networkingv1.NetworkPolicyEgressRule{{To: to, Ports: ports}},
	}
}

// samePeer selects all pods of the namespace by an empty selector. Without the selector
// the peer would be empty, and Kubernetes refuses that.
func samePeer() networkingv1.NetworkPolicyPeer {
	return networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{}}
}

func inNamespace(name string) networkingv1.NetworkPolicyPeer {
	return networkingv1.NetworkPolicyPeer{
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: name}},
	}
}

func namespaces(names []string) []networkingv1.NetworkPolicyPeer {
	var peers []networkingv1.NetworkPolicyPeer
	for _, name := range names {
		peers = append(peers, inNamespace(name))
	}
	return peers
}

func dnsPeer(p environment.Plan) []networkingv1.NetworkPolicyPeer {
	peer := inNamespace(p.Namespace.DNSNamespace)
	peer.PodSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"k8s-app": "kube-dns"}}
	return []networkingv1.NetworkPolicyPeer{peer}
}

// dnsPorts are both, as an answer that is too long for UDP is asked for over TCP.
func dnsPorts() []networkingv1.NetworkPolicyPort {
	return []networkingv1.NetworkPolicyPort{policyPort(corev1.ProtocolUDP, 53), policyPort(corev1.ProtocolTCP, 53)}
}

func tcp(ports []v1alpha1.Port) []networkingv1.NetworkPolicyPort {
	var out []networkingv1.NetworkPolicyPort
	for _, p := range ports {
		out = append(out, policyPort(corev1.ProtocolTCP, int32(p)))
	}
	return out
}

func policyPort(protocol corev1.Protocol, number int32) networkingv1.NetworkPolicyPort {
	port := intstr.FromInt32(number)
	return networkingv1.NetworkPolicyPort{Protocol: &protocol, Port: &port}
}

func peers(f environment.Flow) []networkingv1.NetworkPolicyPeer {
	if f.CIDR != "" {
		return networks([]string{f.CIDR})
	}
	return []networkingv1.NetworkPolicyPeer{{NamespaceSelector: &metav1.LabelSelector{MatchLabels: f.Namespaces}}}
}

func networks(cidrs []string) []networkingv1.NetworkPolicyPeer {
	peers := make([]networkingv1.NetworkPolicyPeer, len(cidrs))
	for i, cidr := range cidrs {
		peers[i].IPBlock = &networkingv1.IPBlock{CIDR: cidr}
	}
	return peers
}
