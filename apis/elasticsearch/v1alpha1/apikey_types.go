package v1alpha1

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// Keys of the connection Secret of an APIKey.
const (
	// APIKeySecretEndpoint is the https URL of the cluster.
	APIKeySecretEndpoint = "endpoint"
	// APIKeySecretKey is the key as the header takes it: Authorization: ApiKey <it>.
	APIKeySecretKey = "api_key"
	// APIKeySecretID is the id of the key, which is no secret.
	APIKeySecretID = "id"
	// APIKeySecretCA are the certificates of the authorities that sign the cluster's
	// certificate, as PEM. It is missing where those of the system do.
	APIKeySecretCA = "ca.crt"
)

// APIKeyParameters are the desired state of an API key.
// +kubebuilder:validation:XValidation:rule="!has(self.rotateBefore) || has(self.validity)",message="rotateBefore takes a validity: a key that never expires is never replaced"
// +kubebuilder:validation:XValidation:rule="!has(self.validity) || !has(self.rotateBefore) || duration(self.rotateBefore) < duration(self.validity)",message="rotateBefore must be shorter than validity"
type APIKeyParameters struct {
	// RoleDescriptors are what the key may do. It can never do more than the user of
	// the ProviderConfig who makes it. A change applies to the key that there is.
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	RoleDescriptors []RoleDescriptor `json:"roleDescriptors"`

	// Validity of a key from its creation on, for example 2160h. A change applies to
	// the next key. Left out: the key never expires, and is never replaced.
	// +optional
	Validity *metav1.Duration `json:"validity,omitempty"`

	// RotateBefore is how long before a key expires the next one is made and written
	// to the Secret. Left out: a third of its validity.
	// +optional
	RotateBefore *metav1.Duration `json:"rotateBefore,omitempty"`

	// Overlap is how long a key still works after the next one was made, so that
	// programs can pick that up. Left out: 24h.
	// +optional
	// +kubebuilder:default="24h"
	Overlap *metav1.Duration `json:"overlap,omitempty"`

	// Metadata of the key, beside the owner marker. What others put there is no
	// drift.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	Metadata *apiextensionsv1.JSON `json:"metadata,omitempty"`
}

// A RoleDescriptor is a role that an API key has to itself.
type RoleDescriptor struct {
	// Name of the descriptor.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	Name string `json:"name"`

	Privileges `json:",inline"`
}

// APIKeyObservation is the key as Elasticsearch last reported it. It holds no
// secret.
type APIKeyObservation struct {
	// ID of the key that the Secret holds.
	ID string `json:"id,omitempty"`
	// Created is when it was made.
	Created *metav1.Time `json:"created,omitempty"`
	// Expiration is when it ends. It is missing for a key that never does.
	Expiration *metav1.Time `json:"expiration,omitempty"`
	// RotationTime is when the next key is made.
	RotationTime *metav1.Time `json:"rotationTime,omitempty"`
	// Previous are the keys that still work and are invalidated next.
	// +listType=map
	// +listMapKey=id
	Previous []PreviousAPIKey `json:"previous,omitempty"`
	// Endpoint of the cluster that knows the key.
	Endpoint string `json:"endpoint,omitempty"`
	// Owner is the owner marker of the key.
	Owner string `json:"owner,omitempty"`
	// Settled is a fingerprint of what was asked for and of what Elasticsearch made
	// of it. While both stay as they are, another spelling of the same is no drift.
	Settled string `json:"settled,omitempty"`
}

// A PreviousAPIKey still works, though another has taken its place.
type PreviousAPIKey struct {
	// ID of the key.
	ID string `json:"id"`
	// InvalidAfter is when it is invalidated.
	InvalidAfter metav1.Time `json:"invalidAfter"`
}

// An APIKeySpec defines the desired state of an APIKey.
// +kubebuilder:validation:XValidation:rule="has(self.writeConnectionSecretToRef)",message="set writeConnectionSecretToRef: Elasticsearch tells a key once, and nobody else keeps it"
// +kubebuilder:validation:XValidation:rule="!has(self.adoption) || self.adoption == 'Never'",message="an API key cannot be taken over: Elasticsearch tells its secret only to whom it was made for"
type APIKeySpec struct {
	xpv2.ManagedResourceSpec `json:",inline"`
	custody.Terms            `json:",inline"`

	// ForProvider are the parameters of the API key.
	ForProvider APIKeyParameters `json:"forProvider"`
}

// An APIKeyStatus represents the observed state of an APIKey.
type APIKeyStatus struct {
	xpv2.ManagedResourceStatus `json:",inline"`
	custody.Record             `json:",inline"`

	// AtProvider is what Elasticsearch last reported.
	// +optional
	AtProvider APIKeyObservation `json:"atProvider,omitempty"`
}

// An APIKey is an API key of an Elasticsearch cluster. Its Secret holds endpoint,
// api_key (for the header Authorization: ApiKey), id, and ca.crt where the
// ProviderConfig has a CA bundle. A key is replaced before it expires, and when its
// Secret has lost it.
//
// Keys are named by the crossplane.io/external-name annotation. The provider writes
// the owner marker plumbline.dev/owner into their metadata, and invalidates every
// key of that name and marker that is not in the Secret, once the overlap has
// passed. The ProviderConfig must have username and password: Elasticsearch gives
// no privileges to a key that is made with a key.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="READY",type="string",JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="SYNCED",type="string",JSONPath=".status.conditions[?(@.type=='Synced')].status"
// +kubebuilder:printcolumn:name="ID",type="string",JSONPath=".status.atProvider.id"
// +kubebuilder:printcolumn:name="EXPIRES",type="string",JSONPath=".status.atProvider.expiration"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane,managed,plumbline},path=apikeys,singular=apikey
type APIKey struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec APIKeySpec `json:"spec"`
	// +optional
	Status APIKeyStatus `json:"status,omitempty"`
}

var _ resource.ModernManaged = &APIKey{}

// Custody says where the terms and the record of the API key are.
func (a *APIKey) Custody() custody.Custody {
	return custody.Custody{
		Terms: &a.Spec.Terms, Record: &a.Status.Record, Parameters: a.Spec.ForProvider,
		Object: custody.Object{ID: a.Status.AtProvider.ID, Owner: a.Status.AtProvider.Owner},
	}
}

// APIKeyList contains a list of APIKey.
// +kubebuilder:object:root=true
type APIKeyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []APIKey `json:"items"`
}
