package v1alpha1

import "k8s.io/apimachinery/pkg/runtime"

// An ExtraRequest asks for an extra of the Blueprint.
type ExtraRequest struct {
	// Name of the extra, as in the Blueprint.
	// +kubebuilder:title="Name"
	// +kubebuilder:example="monitoring"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	Name string `json:"name"`

	// Parameters of the extra, by the names that the Blueprint gives them. Each is
	// written as a text, a number and true or false in quotes. What is left out is as
	// the Blueprint says.
	// +kubebuilder:title="Parameters"
	// +kubebuilder:example={"replicas":"2"}
	// +kubebuilder:validation:MaxProperties=20
	// +optional
	Parameters map[string]ParameterValue `json:"parameters,omitempty"`
}

// A ParameterValue is the value of a parameter, as a text.
// +kubebuilder:validation:MaxLength=500
type ParameterValue string

// NamespaceMetadata is what the namespace carries beside what Plumbline sets.
// Values may hold placeholders.
type NamespaceMetadata struct {
	// Labels of the namespace, such as those by which a service mesh finds it. None
	// of plumbline.dev, pod-security.kubernetes.io or Crossplane.
	// +optional
	Labels map[string]string `json:"labels,omitempty"`

	// Annotations of the namespace. The same keys are Plumbline's own.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Workload governs what the service itself runs as.
type Workload struct {
	// ServiceAccount that each environment gets for its pods.
	// +optional
	ServiceAccount WorkloadServiceAccount `json:"serviceAccount,omitempty"`
}

// A WorkloadServiceAccount is for the pods of the service.
type WorkloadServiceAccount struct {
	// Name of the service account, unless the claim names it. Left out: workload.
	// default is the one of pods that name none.
	// +optional
	Name string `json:"name,omitempty"`

	// Annotations of the service account, such as those that lead to an identity of
	// the cloud. Values may hold placeholders.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`

	// AutomountToken lets pods have a token of the API server that do not ask for
	// one. Left out: false.
	// +optional
	AutomountToken bool `json:"automountToken,omitempty"`
}

// An Extra is what the platform team gives to environments beside what Plumbline
// composes: further objects, written once, with placeholders in their texts.
type Extra struct {
	// Description says what the extra is for.
	// +optional
	Description string `json:"description,omitempty"`

	// Environments that can have the extra. Left out: all.
	// +optional
	Environments []string `json:"environments,omitempty"`

	// Always gives the extra to every claim of these environments. Left out, a claim
	// asks for it in spec.extras.
	// +optional
	Always bool `json:"always,omitempty"`

	// Parameters that a claim may set, by name. The objects refer to each as
	// {parameter:<name>}.
	// +optional
	Parameters map[string]ExtraParameter `json:"parameters,omitempty"`

	// ImagePullSecrets are names of Secrets in the namespace by which the workload's
	// service account pulls images while the environment has the extra.
	// +optional
	ImagePullSecrets []string `json:"imagePullSecrets,omitempty"`

	// Objects to create.
	// +optional
	Objects []ExtraObject `json:"objects,omitempty"`
}

// A ParameterType says what a parameter's value must be.
type ParameterType string

// Types of a parameter.
const (
	ParameterString  ParameterType = "string"
	ParameterInteger ParameterType = "integer"
	ParameterBoolean ParameterType = "boolean"
)

// An ExtraParameter is what a claim may choose about an extra.
type ExtraParameter struct {
	// Type of the value. A text that is nothing but {parameter:<name>} becomes a
	// value of this type; within a longer text the value is written out.
	Type ParameterType `json:"type"`

	// Description says what the parameter is for.
	// +optional
	Description string `json:"description,omitempty"`

	// Default is the value where a claim sets none, written as a text. Without one a
	// claim must set the parameter, so an extra that is always there needs one.
	// +optional
	Default *string `json:"default,omitempty"`

	// Enum lists the values of a string. A string has either an enum or a pattern.
	// +optional
	Enum []string `json:"enum,omitempty"`

	// Pattern is a regular expression that the whole of a string matches.
	// +optional
	Pattern string `json:"pattern,omitempty"`

	// MaxLength of a string. Left out: 253.
	// +optional
	MaxLength int32 `json:"maxLength,omitempty"`

	// Minimum of an integer.
	// +optional
	Minimum *int64 `json:"minimum,omitempty"`

	// Maximum of an integer.
	// +optional
	Maximum *int64 `json:"maximum,omitempty"`
}

// An ExtraObject is one object of an extra. What it is, where it lies and what it
// is called never depends on a parameter.
type ExtraObject struct {
	// Manifest is the whole object, with placeholders in its texts. Its name may hold
	// all but tags and parameters. It says neither a namespace nor a status. Another
	// kind or name makes another object: the first is deleted.
	Manifest runtime.RawExtension `json:"manifest"`

	// Namespace that the object lies in, where that is not the environment's own. The
	// object's name must then hold {namespace}. What exists there already is never
	// taken over.
	// +optional
	Namespace string `json:"namespace,omitempty"`

	// ClusterScoped marks an object that lies in no namespace. Its name must hold
	// {namespace}, and what exists already is never taken over.
	// +optional
	ClusterScoped bool `json:"clusterScoped,omitempty"`

	// Ready says when the object serves its users. Left out: when it exists.
	// +optional
	Ready ExtraReadiness `json:"ready,omitempty"`
}

// ExtraReadiness says when an object serves its users.
type ExtraReadiness struct {
	// Condition is the type of a condition in the object's status that must be True.
	// +optional
	Condition string `json:"condition,omitempty"`
}
