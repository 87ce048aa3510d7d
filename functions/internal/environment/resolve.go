package environment

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

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
	LabelTagPrefix   = "tags.plumbline.dev/"
	LabelPodSecurity = "pod-security.kubernetes.io/"

	AnnotationDescription = "plumbline.dev/description"
)

// Resolve answers every question that the claim leaves open.
func Resolve(s Spec) Plan {
	n := s.names()
	return Plan{
		Name:           n.environment,
		Home:           s.team,
		Labels:         s.labels(),
		Namespace:      s.namespace(n),
		ServiceAccount: s.serviceAccount(),
		Extras:         s.extraObjects(),
		Group:          s.group(n),
		Bindings:       s.bindings(),
		Indices:        s.indices(n),
		Hosts:          hosts(s.claim.Spec.Routes),
		Ingress:        s.ingress(),
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
	for key, value := range s.claim.Spec.Tags {
		labels[LabelTagPrefix+key] = string(value)
	}
	return labels
}

func (s Spec) namespace(n names) Namespace {
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
		Labels:      labels,
		Annotations: annotations,
		Quota:       quantities(s.quota()),
		Container: ContainerLimits{
			DefaultRequest: quantities(s.size.Container.DefaultRequest),
			DefaultLimit:   quantities(s.size.Container.DefaultLimit),
			Max:            quantities(s.size.Container.Max),
		},
		ClusterRole:      s.blueprint.Identity.ClusterRole,
		DNSNamespace:     s.blueprint.Network.DNSNamespace,
		GatewayNamespace: s.blueprint.Routing.GatewayNamespace,
		EgressCIDRs:      s.blueprint.Network.EgressCIDRs,
		AllowFrom:        s.flows("from", connections.AllowFrom),
		AllowTo:          s.flows("to", connections.AllowTo),
	}
}

func (s Spec) group(n names) Group {
	g := Group{
		Resource:       s.claim.Name,
		Name:           n.group(),
		Description:    s.claim.Spec.Description,
		ProviderConfig: s.blueprint.Identity.ProviderConfig,
		Policy:         s.deletionPolicy(),
	}
	if a := s.claim.Spec.Access; a != nil {
		for _, m := range a.Members {
			g.Members = append(g.Members, string(m))
		}
	}
	return g
}

func (s Spec) indices(n names) []Index {
	if s.claim.Spec.Search == nil {
		return nil
	}
	var indices []Index
	for _, i := range s.claim.Spec.Search.Indices {
		indices = append(indices, Index{
			Key:            i.Name,
			Resource:       s.claim.Name + "." + i.Name,
			Name:           n.index(i.Name),
			Shards:         i.Shards,
			Replicas:       i.Replicas,
			ProviderConfig: s.blueprint.Search.ProviderConfig,
			Policy:         s.deletionPolicy(),
		})
	}
	return indices
}

// deletionPolicy is the claim's, then that of the environment, which ParseBlueprint
// has set by its tier.
func (s Spec) deletionPolicy() v1alpha1.DeletionPolicy {
	if d := s.claim.Spec.Deletion; d != nil && d.Policy != "" {
		return d.Policy
	}
	return s.class.DeletionPolicy
}

// hosts gathers the routes of one host, as they share its record and certificate,
// in the order in which the claim first names each.
func hosts(routes []v1alpha1.Route) []Host {
	var hosts []Host
	for _, r := range routes {
		i := slices.IndexFunc(hosts, func(h Host) bool { return h.Name == r.Host })
		if i < 0 {
			i = len(hosts)
			hosts = append(hosts, Host{Name: r.Host, SecretName: r.Host + "-tls"})
		}
		hosts[i].Paths = append(hosts[i].Paths, Path{Prefix: pathOf(r), Service: r.Service, Port: r.Port})
	}
	return hosts
}

func (s Spec) ingress() Ingress {
	r := s.blueprint.Routing
	return Ingress{
		Class:       r.IngressClass,
		Annotations: maps.Clone(r.IngressAnnotations),
		Target:      r.DNS.Target,
		RecordType:  recordType(r.DNS.Target),
		TTLSeconds:  r.DNS.TTLSeconds,
		IssuerGroup: r.Issuer.Group,
		IssuerKind:  r.Issuer.Kind,
		IssuerName:  r.Issuer.Name,
	}
}

func recordType(target string) string {
	addr, err := netip.ParseAddr(target)
	switch {
	case err != nil:
		return "CNAME"
	case addr.Is4():
		return "A"
	default:
		return "AAAA"
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
