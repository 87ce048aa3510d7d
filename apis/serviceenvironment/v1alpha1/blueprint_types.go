package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// A Blueprint is the platform team's one file: every question that a claim
// leaves open is answered here. It is the data of the EnvironmentConfig
// plumbline-blueprint. It is decoded strictly, so an unknown field is a mistake.
//
// Names that a Blueprint gives to objects must not change once an environment
// exists; those fields say so.
type Blueprint struct {
	metav1.TypeMeta `json:",inline"`

	// PlatformNamespace holds the managed resources of a composite that has no
	// claim, and is the team that owns it.
	PlatformNamespace string `json:"platformNamespace"`

	// Environments that a claim may name.
	Environments map[string]EnvironmentClass `json:"environments"`

	// Sizes that a claim may name.
	Sizes map[string]Size `json:"sizes"`

	// Names of what is composed.
	// +optional
	Names Names `json:"names,omitempty"`

	// ReservedNamespaces are names that no environment's namespace may have; * stands
	// for any characters. They add to default, kube-*, crossplane-* and the
	// platform and gateway namespaces, which are always reserved.
	// +optional
	ReservedNamespaces []string `json:"reservedNamespaces,omitempty"`

	// RequiredTags are keys that every claim must carry in spec.tags.
	// +optional
	RequiredTags []string `json:"requiredTags,omitempty"`

	// Network governs what pods may reach, and who may reach them.
	// +optional
	Network Network `json:"network,omitempty"`

	// Access governs the roles that a claim may give.
	// +optional
	Access BlueprintAccess `json:"access,omitempty"`

	// Workload governs what the service itself runs as.
	// +optional
	Workload Workload `json:"workload,omitempty"`

	// Extras are what environments get beside what Plumbline composes, by name. Texts
	// in their objects may hold placeholders: {team}, {service}, {environment},
	// {namespace}, {tag:<key>} for a required tag, and {parameter:<name>}. Any other
	// lowercase word in braces is a mistake; what stands in double braces stays as it
	// is.
	// +optional
	Extras map[string]Extra `json:"extras,omitempty"`

	// Identity governs the Entra ID group.
	Identity Identity `json:"identity"`

	// Search governs the Elasticsearch indices.
	Search SearchBackend `json:"search"`

	// Routing governs routes, DNS records and certificates.
	Routing Routing `json:"routing"`
}

// A Tier says how dear an environment is.
type Tier string

// Tiers of an environment.
const (
	// TierProduction keeps data by default.
	TierProduction Tier = "Production"
	// TierNonProduction deletes data with the environment by default.
	TierNonProduction Tier = "NonProduction"
)

// A PodSecurityLevel is a level of the Pod Security Standards.
type PodSecurityLevel string

// Levels of the Pod Security Standards.
const (
	PodSecurityPrivileged PodSecurityLevel = "privileged"
	PodSecurityBaseline   PodSecurityLevel = "baseline"
	PodSecurityRestricted PodSecurityLevel = "restricted"
)

// An EnvironmentClass answers for all environments of one name, such as prod.
type EnvironmentClass struct {
	// Tier is Production or NonProduction.
	Tier Tier `json:"tier"`

	// Size of an environment whose claim names none.
	Size string `json:"size"`

	// DeletionPolicy of an environment whose claim names none: Retain in the tier
	// Production, Delete in NonProduction, unless it is set here.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// PodSecurity is the level that the namespace enforces. Left out: restricted.
	// +optional
	PodSecurity PodSecurityLevel `json:"podSecurity,omitempty"`

	// Namespace adds labels and annotations to the namespace.
	// +optional
	Namespace NamespaceMetadata `json:"namespace,omitempty"`

	// HostSuffixes are the DNS names at and below which a route's host may lie.
	// {team} and {service} stand for those of the claim. Without any, an
	// environment of this name has no routes.
	// +optional
	HostSuffixes []string `json:"hostSuffixes,omitempty"`
}

// A Size bounds what an environment may use.
type Size struct {
	// Quota is the hard quota of the namespace, as in a ResourceQuota.
	Quota map[string]string `json:"quota"`

	// MaxQuota is the most that a claim of this size may ask for in
	// spec.overrides.quota. What is not named here cannot be overridden.
	// +optional
	MaxQuota map[string]string `json:"maxQuota,omitempty"`

	// Container bounds and fills in each container, as in a LimitRange.
	// +optional
	Container ContainerLimits `json:"container,omitempty"`
}

// ContainerLimits bound each container. Each is resource name to quantity.
type ContainerLimits struct {
	// DefaultRequest is what a container requests that requests nothing.
	// +optional
	DefaultRequest map[string]string `json:"defaultRequest,omitempty"`

	// DefaultLimit is the limit of a container that sets none.
	// +optional
	DefaultLimit map[string]string `json:"defaultLimit,omitempty"`

	// Max is the highest limit that a container may set.
	// +optional
	Max map[string]string `json:"max,omitempty"`
}

// Names are templates. Each holds {service}-{environment} once, so that no two
// environments can meet in one name, and letters around it as wanted. They must
// not change once an environment exists.
type Names struct {
	// Namespace in Kubernetes. Left out: {service}-{environment}.
	// +optional
	Namespace string `json:"namespace,omitempty"`

	// Index in Elasticsearch; ends with .{index}. Left out:
	// {service}-{environment}.{index}.
	// +optional
	Index string `json:"index,omitempty"`

	// Group in Entra ID. Left out: {service}-{environment}.
	// +optional
	Group string `json:"group,omitempty"`
}

// Network governs what pods may reach, and who may reach them. All that neither it
// nor the claim allows is denied, but for traffic within the namespace.
type Network struct {
	// DNSNamespace runs the cluster's DNS, labelled k8s-app: kube-dns. Left out:
	// kube-system.
	// +optional
	DNSNamespace string `json:"dnsNamespace,omitempty"`

	// EgressCIDRs are the addresses outside the cluster that pods may connect to.
	// +optional
	EgressCIDRs []string `json:"egressCIDRs,omitempty"`

	// PermittedCIDRs are the addresses outside the cluster that a claim may name in
	// spec.network, beside egressCIDRs. Until one does, they are denied.
	// +optional
	PermittedCIDRs []string `json:"permittedCIDRs,omitempty"`
}

// BlueprintAccess governs the roles that a claim may give.
type BlueprintAccess struct {
	// Roles that a claim may give. Left out: all of Viewer, Editor, Admin and
	// Deployer.
	// +optional
	Roles []Role `json:"roles,omitempty"`

	// ClusterRoles are what each role is bound to in the namespace. Left out, they
	// are view for Viewer, edit for Editor and Deployer, and admin for Admin.
	// Crossplane must be allowed to bind any other.
	// +optional
	ClusterRoles map[Role]string `json:"clusterRoles,omitempty"`
}

// Identity governs the Entra ID group.
type Identity struct {
	// ProviderConfig is the ClusterProviderConfig of entra.plumbline.dev.
	ProviderConfig string `json:"providerConfig"`

	// ClusterRole that the group gets in the namespace. Left out: edit.
	// +optional
	ClusterRole string `json:"clusterRole,omitempty"`
}

// SearchBackend governs the Elasticsearch indices.
type SearchBackend struct {
	// ProviderConfig is the ClusterProviderConfig of elasticsearch.plumbline.dev.
	ProviderConfig string `json:"providerConfig"`
}

// Routing governs routes, DNS records and certificates.
type Routing struct {
	// IngressClass serves the routes. Left out: kong.
	// +optional
	IngressClass string `json:"ingressClass,omitempty"`

	// IngressAnnotations are set on every Ingress.
	// +optional
	IngressAnnotations map[string]string `json:"ingressAnnotations,omitempty"`

	// GatewayNamespace runs the gateway. Its pods may reach those of an environment
	// that has routes.
	GatewayNamespace string `json:"gatewayNamespace"`

	// DNS says where the records point.
	DNS DNS `json:"dns"`

	// Issuer of the certificates.
	Issuer Issuer `json:"issuer"`
}

// DNS says where the records of the routes point.
type DNS struct {
	// Target is the gateway's address: an IP address, for an A or AAAA record, or a
	// DNS name, for a CNAME record.
	Target string `json:"target"`

	// TTLSeconds of the records. Left out: 300.
	// +optional
	TTLSeconds int64 `json:"ttlSeconds,omitempty"`
}

// An Issuer of cert-manager, or of a plugin to it, that serves all namespaces.
type Issuer struct {
	// Group of the issuer. Left out: cert-manager.io.
	// +optional
	Group string `json:"group,omitempty"`

	// Kind of the issuer. Left out: ClusterIssuer.
	// +optional
	Kind string `json:"kind,omitempty"`

	// Name of the issuer.
	Name string `json:"name"`
}
