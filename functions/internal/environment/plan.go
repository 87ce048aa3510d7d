package environment

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// A Plan is a Spec with every open question answered. Builders copy from it and
// decide nothing.
type Plan struct {
	// Name of the environment, <service>-<environment>.
	Name string
	// Home is the namespace of the managed resources: the team's own. They must
	// outlive the created namespace to be deleted in order.
	Home string
	// Holder is the claim as others read of it: its team and its name.
	Holder string
	// HandOver is the Holder that is to have the environment; empty: it stays.
	HandOver string
	// Labels of everything composed.
	Labels map[string]string
	// Adoption of what exists already.
	Adoption custody.Adoption

	Lifetime       Lifetime
	Namespace      Namespace
	ServiceAccount ServiceAccount
	Extras         []ExtraObject

	Group    Group
	Bindings []Binding
	Indices  []Index
	Streams  []Stream
	Leases   []HostLease
	Search   Search
	Hosts    []Host
}

// A Lease is the right to a name, for whoever holds the object.
type Lease struct {
	Namespace string
	Name      string
}

// A Namespace and what governs it.
type Namespace struct {
	Name              string
	Lease             Lease // The right to the namespace, where it was taken over.
	Labels            map[string]string
	Annotations       map[string]string
	Quota             corev1.ResourceList
	Container         ContainerLimits
	ClusterRole       string
	DNSNamespace      string
	GatewayNamespaces []string // Of the zones that the routes are in.
	EgressCIDRs       []string
	AllowFrom         []Flow
	AllowTo           []Flow
	HeldBy            []v1alpha1.Use // While it holds any of it, nobody deletes it unasked.
}

// A Flow is traffic from or to pods of other namespaces, told by their labels, or a
// network.
type Flow struct {
	Name       string
	Namespaces map[string]string // Labels; none where CIDR is set.
	CIDR       string
	Ports      []v1alpha1.Port // Of TCP; none: all ports of all protocols.
}

// ContainerLimits bound each container.
type ContainerLimits struct {
	DefaultRequest corev1.ResourceList
	DefaultLimit   corev1.ResourceList
	Max            corev1.ResourceList
}

// A ServiceAccount for the pods of the service.
type ServiceAccount struct {
	Name             string
	Annotations      map[string]string
	ImagePullSecrets []string
	AutomountToken   bool
}

// An ExtraObject is an object of an extra, with everything filled in.
type ExtraObject struct {
	Extra     string // The extra that it belongs to.
	Identity  string // Its kind, place and name, which tell it from all others.
	Manifest  map[string]any
	Namespace string // Where it lies, if not in the environment's own.
	Outside   bool   // It lies in that namespace, or in none.
	Condition string // That must be True; none: the object need only exist.
}

// A Group of Entra ID.
type Group struct {
	Resource       string // The name of its managed resource.
	Name           string
	Description    string
	Owners         []string
	Members        []string
	Membership     v1alpha1.Membership
	ProviderConfig string
	Policy         v1alpha1.DeletionPolicy
	Grace          time.Duration // For which it is kept before Policy Delete holds.
}

// A Binding gives a ClusterRole in the namespace to others than the group. Its name
// holds the ClusterRole's, as that of a binding cannot change: another role is
// another binding.
type Binding struct {
	Name            string
	ClusterRole     string
	Users           []v1alpha1.Subject
	Groups          []v1alpha1.Subject
	ServiceAccounts []v1alpha1.ServiceAccount
}

// An Index of Elasticsearch.
type Index struct {
	Key            string // The name within the environment.
	Resource       string // The name of its managed resource.
	Name           string
	Shards         *int32
	Replicas       *int32
	Mappings       map[string]any
	Settings       map[string]string
	Aliases        []Alias
	ProviderConfig string
	Policy         v1alpha1.DeletionPolicy
	Grace          time.Duration // As of the Group.
}

// An Alias is another name of an Index.
type Alias struct {
	Name         string
	IsWriteIndex *bool
}

// A Stream is a data stream of Elasticsearch.
type Stream struct {
	Key            string // The name within the environment.
	Resource       string // The name of its managed resource.
	Name           string
	Retention      string
	Shards         *int32
	Replicas       *int32
	Mappings       map[string]any
	Settings       map[string]string
	ProviderConfig string
	Policy         v1alpha1.DeletionPolicy
	Grace          time.Duration // As of the Group.
}

// A Host with the paths under it. It has one DNS record, and one certificate where
// its zone has an ingress.
// Search is who may use the indices.
type Search struct {
	ProviderConfig string
	// IndexPrefix is what the names of all indices of the environment begin with, and
	// of no other.
	IndexPrefix string
	Metadata    map[string]any // Of everything that Elasticsearch keeps.
	Roles       []SearchRole
	Mappings    []SearchMapping
	Keys        []SearchKey
}

// A SearchRole of Elasticsearch. It reaches the indices of the environment alone.
type SearchRole struct {
	Key        string // The name within the environment.
	Resource   string // The name of its managed resource.
	Name       string
	Pattern    string // Of the indices.
	Privileges []string
}

// A SearchMapping gives a role to users of a realm.
type SearchMapping struct {
	Key      string // The name within the environment.
	Resource string // The name of its managed resource.
	Name     string
	Role     string
	Realm    string
	OfGroup  bool // To the environment's group, whose object id only Entra ID knows.
	Groups   []string
	Users    []string
}

// A SearchKey is an API key and the Secret that it is put into.
type SearchKey struct {
	Key        string // The name within the environment.
	Resource   string // The name of its managed resource.
	Name       string
	Role       SearchRole // What it may do.
	Connection string     // The Secret that the provider writes, in the team's namespace.
	SecretName string     // The Secret in the created namespace.

	Validity     time.Duration
	RotateBefore time.Duration
	Overlap      time.Duration
}

// A Host with the paths under it. It has one DNS record and one certificate.
type Host struct {
	Name       string // It may begin with a wildcard.
	Object     string // The name as one of Kubernetes.
	Lease      HostLease
	SecretName string
	RecordType string
	Zone       v1alpha1.Zone // With every default filled in.
	Entries    []Entry
}

// An Entry is the paths of a Host that are handled alike.
type Entry struct {
	Name    string
	Plugins []string // KongClusterPlugins, in the claim's order.
	Rewrite string   // The prefix in place of the path; empty: the path stays.
	Timeout string   // Of a request; empty: the gateway's own.
	Paths   []Path
}

// A Path of a Host.
type Path struct {
	Path    string
	Type    v1alpha1.PathType
	Service string
	Port    int32
}
