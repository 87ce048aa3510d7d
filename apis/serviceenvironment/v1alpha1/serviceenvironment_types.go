package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// A DeletionPolicy says what happens to data when its environment is deleted.
// +kubebuilder:validation:Enum=Retain;Delete
type DeletionPolicy string

const (
	// DeletionRetain keeps the indices, data streams and the group in their systems.
	DeletionRetain DeletionPolicy = "Retain"
	// DeletionDelete deletes them with the environment.
	DeletionDelete DeletionPolicy = "Delete"
)

// ServiceEnvironmentSpec says what a service needs in one environment. Service
// and environment are enough; the platform team's Blueprint answers the rest.
type ServiceEnvironmentSpec struct {
	// Service is the name of the service, as in the software catalog. It cannot
	// change: names of everything composed derive from it.
	// +kubebuilder:title="Service"
	// +kubebuilder:example="checkout"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="service cannot change; delete this ServiceEnvironment and create another"
	Service string `json:"service"`

	// Environment is one that the Blueprint knows, for example dev, staging or
	// prod. It has no hyphen, and cannot change.
	// +kubebuilder:title="Environment"
	// +kubebuilder:example="prod"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9]*$`
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="environment cannot change; delete this ServiceEnvironment and create another"
	Environment string `json:"environment"`

	// Size is one that the Blueprint knows, for example small, medium or large. It
	// sets the quota of the namespace and the limits of a container. Left out, the
	// Blueprint's size for the environment holds.
	// +kubebuilder:title="Size"
	// +kubebuilder:example="medium"
	// +kubebuilder:validation:MaxLength=30
	// +kubebuilder:validation:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +optional
	Size string `json:"size,omitempty"`

	// Overrides change what the size gives, within the bounds that the Blueprint
	// sets for the size.
	// +kubebuilder:title="Overrides"
	// +optional
	Overrides *Overrides `json:"overrides,omitempty"`

	// Description says in a sentence what the service does. It is shown on the
	// namespace, on the Entra ID group, and in the _meta of indices and data streams.
	// +kubebuilder:title="Description"
	// +kubebuilder:example="Takes an order from the basket to the payment"
	// +kubebuilder:validation:MaxLength=200
	// +optional
	Description string `json:"description,omitempty"`

	// Tags are set as labels tags.plumbline.dev/<key> on every object that the
	// environment is made of, and in the _meta of indices and data streams as
	// plumbline.dev/tags. The Blueprint may require some. Keys and values are those
	// of Kubernetes labels, without a prefix.
	// +kubebuilder:title="Tags"
	// +kubebuilder:example={"costCenter":"4711"}
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",message="a tag key is 1-63 letters, digits, '-', '_' or '.', and begins and ends with a letter or digit"
	// +optional
	Tags map[string]TagValue `json:"tags,omitempty"`

	// Access says who may work in the environment.
	// +kubebuilder:title="Access"
	// +optional
	Access *Access `json:"access,omitempty"`

	// Network says whom the service talks to beyond its own namespace. All that
	// neither the claim nor the Blueprint allows is denied.
	// +kubebuilder:title="Network"
	// +optional
	Network *Connections `json:"network,omitempty"`

	// ServiceAccountName is the name of the ServiceAccount that the namespace gets for
	// the pods of the service. Left out, it is the Blueprint's.
	// +kubebuilder:title="Service account"
	// +kubebuilder:example="workload"
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +optional
	ServiceAccountName string `json:"serviceAccountName,omitempty"`

	// Extras that the Blueprint offers in this environment, beside those that every
	// environment of the name has.
	// +kubebuilder:title="Extras"
	// +kubebuilder:validation:MaxItems=20
	// +listType=map
	// +listMapKey=name
	// +optional
	Extras []ExtraRequest `json:"extras,omitempty"`

	// Search asks for Elasticsearch indices and data streams, and says who may use
	// them.
	// +kubebuilder:title="Search"
	// +optional
	Search *Search `json:"search,omitempty"`

	// Routes make the service reachable from outside, each at a host and path.
	// Routes of one host share its DNS record and its certificate. They have at most
	// 50 hosts.
	// +kubebuilder:title="Routes"
	// +kubebuilder:validation:MaxItems=100
	// +listType=map
	// +listMapKey=host
	// +listMapKey=path
	// +optional
	Routes []Route `json:"routes,omitempty"`

	// Lifetime says until when the environment is needed.
	// +kubebuilder:title="Lifetime"
	// +optional
	Lifetime *Lifetime `json:"lifetime,omitempty"`

	// Paused true leaves everything as it is: changes of this claim and of the
	// Blueprint wait, and what is changed by hand, in Kubernetes or in a system behind
	// it, is not put right. A paused claim cannot be deleted.
	// +kubebuilder:title="Paused"
	// +kubebuilder:example=false
	// +optional
	Paused bool `json:"paused,omitempty"`

	// Adoption says what becomes of what exists already under a name of this
	// environment: its namespace and what is to lie in it, indices, roles and role
	// mappings of Elasticsearch, and the Entra ID group. Never leaves it alone, and
	// the claim waits. IfIdentical takes it if it is exactly as this claim wants it.
	// Adopt takes it if its present owner offers it to this claim by a mark. What was
	// taken outlives the environment. Left out, the Blueprint's for the environment
	// holds, which also says what is the most.
	// +kubebuilder:title="Adoption"
	// +kubebuilder:example="Never"
	// +kubebuilder:validation:Enum=Never;IfIdentical;Adopt
	// +optional
	Adoption custody.Adoption `json:"adoption,omitempty"`

	// HandOver is the claim that is to have this environment, as <namespace>/<name>.
	// Everything that it is made of is marked for that claim, and for no other, and its
	// data is kept when this claim goes. Data streams cannot be marked, and stay.
	// +kubebuilder:title="Hand over to"
	// +kubebuilder:example="shop/checkout-prod"
	// +kubebuilder:validation:MaxLength=127
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +optional
	HandOver string `json:"handOver,omitempty"`

	// Deletion says what happens to data when the environment is deleted.
	// +kubebuilder:title="Deletion"
	// +optional
	Deletion *Deletion `json:"deletion,omitempty"`
}

// Overrides change what the size gives.
type Overrides struct {
	// Quota of the namespace, by the names that a ResourceQuota knows. What is not
	// named here is as the size says.
	// +kubebuilder:title="Quota"
	// +kubebuilder:example={"requests.memory":"48Gi"}
	// +kubebuilder:validation:MaxProperties=30
	// +optional
	Quota map[string]Quantity `json:"quota,omitempty"`
}

// A Quantity of Kubernetes.
// +kubebuilder:example="4Gi"
// +kubebuilder:validation:MaxLength=30
// +kubebuilder:validation:Pattern=`^[0-9]{1,15}(\.[0-9]{1,9})?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei)?$`
type Quantity string

// A TagValue is the value of a Kubernetes label.
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:Pattern=`^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$`
type TagValue string

// A Use is what a namespace may hold that goes with it.
type Use string

// What a namespace may hold.
const (
	// UsePods are pods that have not ended.
	UsePods Use = "Pods"
	// UseVolumes are PersistentVolumeClaims.
	UseVolumes Use = "Volumes"
)

// Deletion says what happens to data when the environment is deleted.
type Deletion struct {
	// Policy Retain keeps the indices, data streams and the group in their systems when the
	// environment, or one of them, is removed; Delete deletes them. Left out, the
	// Blueprint's policy for the environment holds: Retain in production.
	// +kubebuilder:title="Policy"
	// +kubebuilder:example="Retain"
	// +optional
	Policy DeletionPolicy `json:"policy,omitempty"`

	// Search is the policy of what the environment has in Elasticsearch, where it is
	// another than policy.
	// +kubebuilder:title="Policy of search"
	// +kubebuilder:example="Delete"
	// +optional
	Search DeletionPolicy `json:"search,omitempty"`

	// Group is the policy of the Entra ID group, where it is another than policy.
	// +kubebuilder:title="Policy of the group"
	// +kubebuilder:example="Retain"
	// +optional
	Group DeletionPolicy `json:"group,omitempty"`

	// Protect true refuses to delete this ServiceEnvironment, whoever asks, until a
	// change that sets it to false was committed. Left out, the Blueprint says so for
	// the environment.
	// +kubebuilder:title="Protect"
	// +kubebuilder:example=true
	// +optional
	Protect *bool `json:"protect,omitempty"`
}

// A ServiceEnvironment gives a service what it needs around it: a namespace with
// quota, network rules and access; an Entra ID group; Elasticsearch indices and data
// streams; and routes with DNS record and certificate.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="ENVIRONMENT",type="string",JSONPath=".status.environment",description="The environment's name, which everything composed begins with"
// +kubebuilder:printcolumn:name="ACCEPTED",type="string",JSONPath=".status.conditions[?(@.type=='Accepted')].reason",description="Whether the latest change was accepted, or why not"
// +kubebuilder:printcolumn:name="URL",type="string",JSONPath=".status.endpoints.urls[0]",description="Where the service is reached"
// +kubebuilder:printcolumn:name="SUMMARY",type="string",JSONPath=".status.summary",description="What is ready, what is not, and why"
// +kubebuilder:validation:XValidation:rule="!self.metadata.name.contains('.')",message="metadata.name must not contain a dot"
type ServiceEnvironment struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ServiceEnvironmentSpec `json:"spec"`
	// +optional
	Status ServiceEnvironmentStatus `json:"status,omitempty"`
}

// ServiceEnvironmentList contains a list of ServiceEnvironment.
// +kubebuilder:object:root=true
type ServiceEnvironmentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []ServiceEnvironment `json:"items"`
}
