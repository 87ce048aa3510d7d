package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// A Blueprint is the platform team's one file: every question that a claim
// leaves open is answered here. It is the data of the EnvironmentConfig
// plumbline-blueprint. It is decoded strictly, so an unknown field is a mistake.
//
// Names that a Blueprint gives to objects must not change once an environment
// exists; those fields say so.
type Blueprint struct {
	metav1.TypeMeta `json:",inline"`

	// PlatformNamespace holds the managed resources of a composite that has no
	// claim, and is the team that owns it. It also holds the Leases of hosts, so it
	// must not change once an environment exists.
	PlatformNamespace string `json:"platformNamespace"`

	// Environments that a claim may name. A name that ends with * stands for all that
	// begin so and have no entry of their own, as pr* for previews of pull requests.
	Environments map[string]EnvironmentClass `json:"environments"`

	// Sizes that a claim may name.
	Sizes map[string]Size `json:"sizes"`

	// Teams to whom the Blueprint gives something otherwise than to all. The first that
	// a claim's namespace fits holds, and no other.
	// +optional
	Teams []Team `json:"teams,omitempty"`

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

	// Search governs the Elasticsearch indices and data streams.
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

	// Formerly is the name that this environment had, where it was renamed. Names of
	// what is composed keep it, since neither a namespace nor an index can be renamed.
	// Claims move to the new name by spec.handOver.
	// +optional
	Formerly string `json:"formerly,omitempty"`

	// Size of an environment whose claim names none.
	Size string `json:"size"`

	// DeletionPolicy of an environment whose claim names none: Retain in the tier
	// Production, Delete in NonProduction, unless it is set here.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// DeletionGrace is for how long indices, data streams and the group that are to be
	// deleted are kept first, in days or hours, such as 7d. Whoever adds the claim again
	// within that time has them back. All else goes at once. A claim cannot shorten it.
	// Left out: they go at once too.
	// +optional
	DeletionGrace Retention `json:"deletionGrace,omitempty"`

	// Protect true refuses to delete an environment whose claim does not set
	// spec.deletion.protect to false.
	// +optional
	Protect bool `json:"protect,omitempty"`

	// ProtectInUse refuses the same while the namespace holds any of these: Pods,
	// Volumes. Each size must bound what is named here, pods or persistentvolumeclaims,
	// as Kubernetes counts what a quota bounds.
	// +optional
	ProtectInUse []Use `json:"protectInUse,omitempty"`

	// PodSecurity is the level that the namespace enforces. Left out: restricted.
	// +optional
	PodSecurity PodSecurityLevel `json:"podSecurity,omitempty"`

	// Namespace adds labels and annotations to the namespace.
	// +optional
	Namespace NamespaceMetadata `json:"namespace,omitempty"`

	// HostSuffixes are, for each zone, the DNS names at and below which a route's host
	// may lie. {team}, {service} and {environment} stand for those of the claim.
	// Without any, an environment of this name has no routes in that zone.
	// +optional
	HostSuffixes map[string][]string `json:"hostSuffixes,omitempty"`

	// Retention of the documents of data streams.
	// +optional
	Retention RetentionBounds `json:"retention,omitempty"`

	// Lifetime of environments of this name.
	// +optional
	Lifetime LifetimeBounds `json:"lifetime,omitempty"`

	// Adoption of what exists already.
	// +optional
	Adoption AdoptionBounds `json:"adoption,omitempty"`
}

// AdoptionBounds say what becomes of what exists already under a name of an
// environment: Never, IfIdentical or Adopt, as in spec.adoption of a claim.
type AdoptionBounds struct {
	// Default of a claim that says nothing. Left out: Never.
	// +optional
	Default custody.Adoption `json:"default,omitempty"`

	// Max is the most that a claim may ask for: Never is the least, Adopt the most.
	// Left out: the default.
	// +optional
	Max custody.Adoption `json:"max,omitempty"`
}

// RetentionBounds say for how long the documents of data streams are kept, in days or
// hours.
type RetentionBounds struct {
	// Default of a data stream that names none. Left out: 30d, or max if that is less.
	// +optional
	Default Retention `json:"default,omitempty"`

	// Max is the most that a claim may ask for. Left out: 365d.
	// +optional
	Max Retention `json:"max,omitempty"`
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

	// Group in Entra ID: its uniqueName and its display name. Left out:
	// {service}-{environment}.
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

	// Owners of the group of a claim that names none, as in spec.access.owners.
	// Without any, whoever owns the group keeps it.
	// +optional
	Owners []Member `json:"owners,omitempty"`

	// BreakGlassMembers are members of every group, whatever its claim says: the
	// accounts and groups that must get in when all else fails.
	// +optional
	BreakGlassMembers []Member `json:"breakGlassMembers,omitempty"`
}
