package v1alpha1

// Conditions of a ServiceEnvironment beside Crossplane's Ready and Synced. All
// are always there, so that a reader can wait for any of them.
const (
	// ConditionAccepted says whether the latest claim is valid and may have its
	// names. While it is False, nothing changes.
	ConditionAccepted = "Accepted"
	// ConditionNamespaceReady is about the namespace and all that governs it.
	ConditionNamespaceReady = "NamespaceReady"
	// ConditionIdentityReady is about the Entra ID group and its access.
	ConditionIdentityReady = "IdentityReady"
	// ConditionSearchReady is about the Elasticsearch indices.
	ConditionSearchReady = "SearchReady"
	// ConditionRouteReady is about routes, their DNS records and certificates.
	ConditionRouteReady = "RouteReady"
	// ConditionWithinLifetime says whether a day has come on which the claim's owners
	// have to act: the one on which it ends, or is to be reviewed.
	ConditionWithinLifetime = "WithinLifetime"
)

// A ResourceState is how far one resource has come.
type ResourceState string

// States of a resource.
const (
	// ResourceReady serves its users.
	ResourceReady ResourceState = "Ready"
	// ResourceProgressing is being worked on; there is nothing to do but wait.
	ResourceProgressing ResourceState = "Progressing"
	// ResourceWaiting cannot begin before what waitingFor names is ready.
	ResourceWaiting ResourceState = "Waiting"
	// ResourceFailed needs whom whoFixes names.
	ResourceFailed ResourceState = "Failed"
)

// A Fixer is who has to act.
type Fixer string

// Those who may have to act.
const (
	// FixerDeveloper changes the claim, or what it refers to.
	FixerDeveloper Fixer = "Developer"
	// FixerPlatformTeam looks after the Blueprint and the systems behind it.
	FixerPlatformTeam Fixer = "PlatformTeam"
)

// ServiceEnvironmentStatus tells what became of a ServiceEnvironment. Its words
// follow from the state alone, and change only when the state does.
type ServiceEnvironmentStatus struct {
	// Summary is one sentence: what is ready, what is not, and why.
	// +optional
	Summary string `json:"summary,omitempty"`

	// Environment is the name of the environment, service and environment joined
	// by a hyphen.
	// +optional
	Environment string `json:"environment,omitempty"`

	// Namespace is the Kubernetes namespace of the environment.
	// +optional
	Namespace string `json:"namespace,omitempty"`

	// InUse says what the namespace holds that would go with it: Pods, Volumes, each as
	// far as the quota bounds it.
	// +listType=set
	// +optional
	InUse []Use `json:"inUse,omitempty"`

	// Endpoints are where the environment is reached.
	// +optional
	Endpoints *Endpoints `json:"endpoints,omitempty"`

	// Resources are all resources of the environment, in the order a user meets
	// them.
	// +listType=atomic
	// +optional
	Resources []ResourceStatus `json:"resources,omitempty"`
}

// Endpoints are where the environment is reached.
type Endpoints struct {
	// URLs of the routes.
	// +listType=atomic
	// +optional
	URLs []string `json:"urls,omitempty"`

	// Indices are the names of the indices in Elasticsearch.
	// +listType=atomic
	// +optional
	Indices []string `json:"indices,omitempty"`

	// DataStreams are the names of the data streams in Elasticsearch.
	// +listType=atomic
	// +optional
	DataStreams []string `json:"dataStreams,omitempty"`

	// GroupID is the object id of the Entra ID group.
	// +optional
	GroupID string `json:"groupId,omitempty"`
}

// A ResourceStatus tells what became of one resource.
type ResourceStatus struct {
	// Name of the resource as its system knows it.
	Name string `json:"name"`

	// Kind of the resource.
	Kind string `json:"kind"`

	// State is Ready, Progressing, Waiting or Failed.
	State ResourceState `json:"state"`

	// Reason is a word for the state that a program can match.
	// +optional
	Reason string `json:"reason,omitempty"`

	// Message says it for people.
	// +optional
	Message string `json:"message,omitempty"`

	// WaitingFor names the resource that this one waits for in the end, by kind
	// and name.
	// +optional
	WaitingFor string `json:"waitingFor,omitempty"`

	// WhoFixes is who has to act: Developer or PlatformTeam. Nobody has to where it
	// is left out.
	// +optional
	WhoFixes Fixer `json:"whoFixes,omitempty"`

	// Adopted says that it was there before the claim, and is kept when the claim
	// goes.
	// +optional
	Adopted bool `json:"adopted,omitempty"`
}
