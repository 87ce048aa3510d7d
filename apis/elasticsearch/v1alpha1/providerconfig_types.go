package v1alpha1

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A ProviderConfigSpec says how to reach one Elasticsearch cluster.
type ProviderConfigSpec struct {
	// Endpoint is the https URL of the cluster, without a path.
	// +kubebuilder:validation:Pattern=`^https?://[^/?#]+/?$`
	Endpoint string `json:"endpoint"`

	// Installation names this control plane in the owner marker of every index.
	// Two control planes that share a cluster need different names. Keep the name
	// when a control plane is rebuilt from Git, so that it finds its own again.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$`
	Installation string `json:"installation"`

	// Credentials to use. A ProviderConfig reads Secrets of its own namespace only.
	Credentials Credentials `json:"credentials"`

	// CABundleSecretRef selects PEM certificates of the authorities that sign the
	// cluster's certificate. The system's authorities are used where it is left out.
	// +optional
	CABundleSecretRef *xpv2.SecretKeySelector `json:"caBundleSecretRef,omitempty"`
}

// Credentials for an Elasticsearch cluster: an API key, or user and password.
// +kubebuilder:validation:XValidation:rule="has(self.apiKeySecretRef) != (has(self.username) && has(self.passwordSecretRef))",message="set either apiKeySecretRef, or both username and passwordSecretRef"
type Credentials struct {
	// APIKeySecretRef selects the encoded API key, as the create API key API
	// returns it in "encoded".
	// +optional
	APIKeySecretRef *xpv2.SecretKeySelector `json:"apiKeySecretRef,omitempty"`

	// Username for HTTP basic authentication.
	// +optional
	Username *string `json:"username,omitempty"`

	// PasswordSecretRef selects the password for HTTP basic authentication.
	// +optional
	PasswordSecretRef *xpv2.SecretKeySelector `json:"passwordSecretRef,omitempty"`
}

// A ProviderConfigStatus represents the status of a ProviderConfig.
type ProviderConfigStatus struct {
	xpv2.ProviderConfigStatus `json:",inline"`

	// Engine that answers at the endpoint, as it was when it last answered.
	// +optional
	Engine *Engine `json:"engine,omitempty"`
}

// An Engine is what answers at an endpoint, by what it says of itself.
type Engine struct {
	// Distribution of the engine: Elasticsearch or OpenSearch.
	Distribution string `json:"distribution"`

	// Version of the engine, such as 9.1.3.
	Version string `json:"version"`
}

// A ProviderConfig says how the resources of its namespace reach Elasticsearch.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="ENDPOINT",type="string",JSONPath=".spec.endpoint"
// +kubebuilder:printcolumn:name="SUPPORTED",type="string",JSONPath=".status.conditions[?(@.type=='EngineSupported')].status"
// +kubebuilder:printcolumn:name="VERSION",type="string",JSONPath=".status.engine.version"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane,provider,plumbline}
type ProviderConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   ProviderConfigSpec   `json:"spec"`
	Status ProviderConfigStatus `json:"status,omitempty"`
}

var _ resource.ProviderConfig = &ProviderConfig{}

// ProviderConfigList contains a list of ProviderConfig.
// +kubebuilder:object:root=true
type ProviderConfigList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []ProviderConfig `json:"items"`
}

// A ClusterProviderConfig says how resources of any namespace reach Elasticsearch.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="ENDPOINT",type="string",JSONPath=".spec.endpoint"
// +kubebuilder:printcolumn:name="SUPPORTED",type="string",JSONPath=".status.conditions[?(@.type=='EngineSupported')].status"
// +kubebuilder:printcolumn:name="VERSION",type="string",JSONPath=".status.engine.version"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Cluster,categories={crossplane,provider,plumbline}
type ClusterProviderConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   ProviderConfigSpec   `json:"spec"`
	Status ProviderConfigStatus `json:"status,omitempty"`
}

var _ resource.ProviderConfig = &ClusterProviderConfig{}

// ClusterProviderConfigList contains a list of ClusterProviderConfig.
// +kubebuilder:object:root=true
type ClusterProviderConfigList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []ClusterProviderConfig `json:"items"`
}

// A ProviderConfigUsage records that a resource uses a ProviderConfig or a
// ClusterProviderConfig, which cannot be deleted while it does.
// +kubebuilder:object:root=true
// +kubebuilder:printcolumn:name="CONFIG-NAME",type="string",JSONPath=".providerConfigRef.name"
// +kubebuilder:printcolumn:name="RESOURCE-KIND",type="string",JSONPath=".resourceRef.kind"
// +kubebuilder:printcolumn:name="RESOURCE-NAME",type="string",JSONPath=".resourceRef.name"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane,provider,plumbline}
type ProviderConfigUsage struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	xpv2.TypedProviderConfigUsage `json:",inline"`
}

var _ resource.TypedProviderConfigUsage = &ProviderConfigUsage{}

// ProviderConfigUsageList contains a list of ProviderConfigUsage.
// +kubebuilder:object:root=true
type ProviderConfigUsageList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []ProviderConfigUsage `json:"items"`
}
