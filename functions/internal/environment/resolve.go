package environment

import (
	"cmp"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// Labels and annotations of what is composed.
const (
	LabelManagedBy   = "app.kubernetes.io/managed-by"
	LabelTeam        = "plumbline.dev/team"
	LabelService     = "plumbline.dev/service"
	LabelEnvironment = "plumbline.dev/environment"
	LabelTier        = "plumbline.dev/tier"
	LabelProtected   = "plumbline.dev/protected"
	LabelTagPrefix   = "tags.plumbline.dev/"
	LabelPodSecurity = "pod-security.kubernetes.io/"

	// ProtectedInUse is the value of LabelProtected of a namespace that is protected by
	// what it holds, and not by claim or Blueprint.
	ProtectedInUse = "in-use"

	AnnotationDescription = "plumbline.dev/description"
)

// Resolve answers every question that the claim leaves open.
func Resolve(s Spec) Plan {
	n := s.names()
	hosts := s.hosts()
	return Plan{
		Name:           n.environment,
		Home:           s.team,
		Holder:         s.holder(),
		HandOver:       s.claim.Spec.HandOver,
		Labels:         s.labels(),
		Lifetime:       s.lifetime(),
		Adoption:       s.adoption(),
		Namespace:      s.namespace(n, hosts),
		ServiceAccount: s.serviceAccount(),
		Extras:         s.extraObjects(),
		Group:          s.group(n),
		Bindings:       s.bindings(),
		Indices:        s.indices(n),
		Streams:        s.streams(n),
		Search:         s.search(n),
		Leases:         leases(hosts),
		Hosts:          hosts,
	}
}

// labels are on everything composed. No tag can pose as one of the others: its key
// has no prefix but ours.
func (s Spec) labels() map[string]string {
	labels := map[string]string{
		LabelManagedBy:   "plumbline",
		LabelTeam:        s.team,
		LabelService:     s.claim.Spec.Service,
		LabelEnvironment: s.claim.Spec.Environment,
	}
	if s.protected() {
		labels[LabelProtected] = "true"
	}
	for key, value := range s.claim.Spec.Tags {
		labels[LabelTagPrefix+key] = string(value)
	}
	return labels
}

func (s Spec) namespace(n names, hosts []Host) Namespace {
	labels := s.values().texts(s.class.Namespace.Labels)
	maps.Copy(labels, s.labels())
	labels[LabelTier] = string(s.class.Tier)
	for _, mode := range []string{"enforce", "audit", "warn"} {
		labels[LabelPodSecurity+mode] = string(s.class.PodSecurity)
		labels[LabelPodSecurity+mode+"-version"] = "latest"
	}
	annotations := s.values().texts(s.class.Namespace.Annotations)
	if d := s.claim.Spec.Description; d != "" {
		annotations[AnnotationDescription] = d
	}
	connections := cmp.Or(s.claim.Spec.Network, &v1alpha1.Connections{})
	return Namespace{
		Name:        n.namespace(),
		Lease:       Lease{Namespace: s.blueprint.PlatformNamespace, Name: "namespace-" + n.namespace()},
		Labels:      labels,
		Annotations: annotations,
		Quota:       quantities(s.quota()),
		Container: ContainerLimits{
			DefaultRequest: quantities(s.size.Container.DefaultRequest),
			DefaultLimit:   quantities(s.size.Container.DefaultLimit),
			Max:            quantities(s.size.Container.Max),
		},
		ClusterRole:       s.blueprint.Identity.ClusterRole,
		DNSNamespace:      s.blueprint.Network.DNSNamespace,
		GatewayNamespaces: gatewayNamespacesOf(hosts),
		EgressCIDRs:       s.blueprint.Network.EgressCIDRs,
		AllowFrom:         s.flows("from", connections.AllowFrom),
		AllowTo:           s.flows("to", connections.AllowTo),
		HeldBy:            s.heldBy(),
	}
}

// quantities converts what ParseBlueprint has found to be quantities.
func quantities(from map[string]string) corev1.ResourceList {
	list := corev1.ResourceList{}
	for name, quantity := range from {
		list[corev1.ResourceName(name)] = resource.MustParse(quantity)
	}
	return list
}
