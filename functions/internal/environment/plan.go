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

	Namespace      Namespace
	ServiceAccount ServiceAccount
	Extras         []ExtraObject
	Group          Group
	Bindings       []Binding
	Indices        []Index
	Hosts          []Host
	Ingress        Ingress
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
	Members        []string
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
