package v1alpha1

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A ProviderConfigSpec says how to reach one Entra ID tenant.
type ProviderConfigSpec struct {
	// TenantID is the object id of the tenant.
	// +kubebuilder:validation:Pattern=`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`
	TenantID string `json:"tenantID"`

	// ClientID is the application (client) id of the application registration
	// that the provider signs in as.
	// +kubebuilder:validation:Pattern=`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`
	ClientID string `json:"clientID"`

	// Installation names this control plane in the owner marker of every group.
	// Two control planes that share a tenant need different names. Keep the name
	// when a control plane is rebuilt from Git, so that it finds its own again.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$`
	Installation string `json:"installation"`

	// Credentials to use. A ProviderConfig reads Secrets of its own namespace only.
	Credentials Credentials `json:"credentials"`

	// Endpoint is the https URL of Microsoft Graph, for a national cloud.
	// +optional
	// +kubebuilder:default="https://graph.microsoft.com"
	// +kubebuilder:validation:Pattern=`^https://[^/?#]+/?$`
	Endpoint string `json:"endpoint,omitempty"`

	// AuthorityHost is the https URL of the sign-in service, for a national cloud.
	// +optional
	// +kubebuilder:default="https://login.microsoftonline.com"
	// +kubebuilder:validation:Pattern=`^https://[^/?#]+/?$`
	AuthorityHost string `json:"authorityHost,omitempty"`

	// CABundleSecretRef selects PEM certificates of the authorities that sign the
	// certificates of both services. The system's authorities are used where it is
	// left out.
	// +optional
	CABundleSecretRef *xpv2.SecretKeySelector `json:"caBundleSecretRef,omitempty"`
}

// A CredentialsSource says how the provider proves who it is.
type CredentialsSource string

const (
	// SourceClientSecret signs in with a secret of the application registration.
	SourceClientSecret CredentialsSource = "ClientSecret"
	// SourceWorkloadIdentity signs in with the provider's projected service
	// account token, which the application registration must trust.
	SourceWorkloadIdentity CredentialsSource = "WorkloadIdentity"
)

// Credentials for an Entra ID tenant.
// +kubebuilder:validation:XValidation:rule="(self.source == 'ClientSecret') == has(self.clientSecretRef)",message="clientSecretRef is needed with source ClientSecret, and only there"
type Credentials struct {
	// Source of the credentials.
	// +kubebuilder:validation:Enum=ClientSecret;WorkloadIdentity
	Source CredentialsSource `json:"source"`

	// ClientSecretRef selects the client secret.
	// +optional
	ClientSecretRef *xpv2.SecretKeySelector `json:"clientSecretRef,omitempty"`
}

// A ProviderConfigStatus represents the status of a ProviderConfig.
type ProviderConfigStatus struct {
	xpv2.ProviderConfigStatus `json:",inline"`
}

// A ProviderConfig says how the resources of its namespace reach Entra ID.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="TENANT",type="string",JSONPath=".spec.tenantID"
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

// A ClusterProviderConfig says how resources of any namespace reach Entra ID.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="TENANT",type="string",JSONPath=".spec.tenantID"
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
