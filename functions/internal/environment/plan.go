package environment

import (
	corev1 "k8s.io/api/core/v1"

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
	// Labels of everything composed.
	Labels map[string]string

	Namespace Namespace
	Group     Group
	Bindings  []Binding
	Indices   []Index
	Streams   []Stream
	Hosts     []Host
	Ingress   Ingress
}

// A Namespace and what governs it.
type Namespace struct {
	Name             string
	Labels           map[string]string
	Annotations      map[string]string
	Quota            corev1.ResourceList
	Container        ContainerLimits
	ClusterRole      string
	DNSNamespace     string
	GatewayNamespace string
	EgressCIDRs      []string
	AllowFrom        []Flow
	AllowTo          []Flow
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
}

// A Host with the paths under it. It has one DNS record and one certificate.
type Host struct {
	Name       string
	SecretName string
	Paths      []Path
}

// A Path of a Host.
type Path struct {
	Prefix  string
	Service string
	Port    int32
}

// Ingress is how every Host is served, found and certified.
type Ingress struct {
	Class       string
	Annotations map[string]string
	Target      string
	RecordType  string
	TTLSeconds  int64
	IssuerGroup string
	IssuerKind  string
	IssuerName  string
}
