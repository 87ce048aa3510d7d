package v1alpha1

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// RoleMappingParameters are the desired state of a role mapping. The mapping is
// named by the crossplane.io/external-name annotation.
type RoleMappingParameters struct {
	// Enabled says whether the mapping gives anybody anything.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`

	// Roles that whoever the rules fit is given. Elasticsearch does not check that
	// they exist.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	Roles []string `json:"roles"`

	// Rules that a user must fit, as the role mapping API takes them: an object with
	// one of any, all, field and except. Pin the realm in them, for example
	// {"all": [{"field": {"realm.name": "oidc"}}, {"field": {"groups": "<object id>"}}]}:
	// without it every realm can say who is in the group.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	Rules apiextensionsv1.JSON `json:"rules"`

	// Metadata of the mapping, beside the owner marker. What others put there is no
	// drift.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	Metadata *apiextensionsv1.JSON `json:"metadata,omitempty"`
}

// RoleMappingObservation is the mapping as Elasticsearch last reported it.
type RoleMappingObservation struct {
	DocumentObservation `json:",inline"`
}

// A RoleMappingSpec defines the desired state of a RoleMapping.
type RoleMappingSpec struct {
	xpv2.ManagedResourceSpec `json:",inline"`
	custody.Terms            `json:",inline"`

	// ForProvider are the parameters of the role mapping.
	ForProvider RoleMappingParameters `json:"forProvider"`
}

// A RoleMappingStatus represents the observed state of a RoleMapping.
type RoleMappingStatus struct {
	xpv2.ManagedResourceStatus `json:",inline"`
	custody.Record             `json:",inline"`

	// AtProvider is what Elasticsearch last reported.
	// +optional
	AtProvider RoleMappingObservation `json:"atProvider,omitempty"`
}

// A RoleMapping gives roles of an Elasticsearch cluster to users of its realms.
// The provider writes the owner marker plumbline.dev/owner into the metadata of
// the mapping, and touches only a mapping that carries its own marker.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="READY",type="string",JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="SYNCED",type="string",JSONPath=".status.conditions[?(@.type=='Synced')].status"
// +kubebuilder:printcolumn:name="MAPPING",type="string",JSONPath=".metadata.annotations.crossplane\\.io/external-name"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane,managed,plumbline}
type RoleMapping struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec RoleMappingSpec `json:"spec"`
	// +optional
	Status RoleMappingStatus `json:"status,omitempty"`
}

var _ resource.ModernManaged = &RoleMapping{}

// Custody says where the terms and the record of the role mapping are.
func (r *RoleMapping) Custody() custody.Custody {
	return custody.Custody{
		Terms: &r.Spec.Terms, Record: &r.Status.Record, Parameters: r.Spec.ForProvider,
		Object: custody.Object{Owner: r.Status.AtProvider.Owner, Adopted: r.Status.AtProvider.Adopted},
	}
}

// RoleMappingList contains a list of RoleMapping.
// +kubebuilder:object:root=true
type RoleMappingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []RoleMapping `json:"items"`
}
