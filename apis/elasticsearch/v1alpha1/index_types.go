package v1alpha1

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// IndexParameters are the desired state of an Elasticsearch index. A setting
// that is left out keeps the value Elasticsearch chose, and is never drift.
// The index is named by the crossplane.io/external-name annotation.
type IndexParameters struct {
	// NumberOfShards is the number of primary shards. Elasticsearch fixes it when
	// the index is created; to change it, reindex into a new index.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1024
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="numberOfShards cannot change after the index exists; reindex into a new index"
	NumberOfShards *int32 `json:"numberOfShards,omitempty"`

	// NumberOfReplicas is the number of copies of each primary shard.
	// +optional
	// +kubebuilder:validation:Minimum=0
	NumberOfReplicas *int32 `json:"numberOfReplicas,omitempty"`

	// Settings are further dynamic index settings by their flat name without the
	// leading "index.", for example refresh_interval: 30s. A setting that
	// Elasticsearch fixes when the index is created can be given here too, but
	// only from the start: a later change is refused and reported.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	Settings map[string]string `json:"settings,omitempty"`

	// Mappings is the mapping of the index, as the create index API takes it.
	// Fields may be added later; Elasticsearch cannot remove or retype a field.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	Mappings *apiextensionsv1.JSON `json:"mappings,omitempty"`

	// Aliases of the index, by name. One that is changed or removed by hand is put
	// back; one that is not named here is left alone, unless it was named before.
	// +optional
	// +kubebuilder:validation:MaxProperties=50
	Aliases map[string]Alias `json:"aliases,omitempty"`
}

// An Alias is another name of an index.
type Alias struct {
	// IsWriteIndex says whether documents that are written to the alias go to this
	// index. Left out: they do, unless another index has the alias too.
	// +optional
	IsWriteIndex *bool `json:"isWriteIndex,omitempty"`

	// Filter is a query that limits which documents are found through the alias.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	Filter *apiextensionsv1.JSON `json:"filter,omitempty"`
}

// IndexObservation is the index as Elasticsearch last reported it.
type IndexObservation struct {
	// UUID of the index. It changes when the index is deleted and created again.
	UUID string `json:"uuid,omitempty"`
	// Health of the index: green, yellow or red.
	Health string `json:"health,omitempty"`
	// Endpoint of the cluster that holds the index.
	Endpoint string `json:"endpoint,omitempty"`
	// Aliases of the index that this resource named, so that one it does not name any
	// more is removed.
	// +listType=set
	Aliases []string `json:"aliases,omitempty"`
	// Settled are fingerprints of values as they were asked for, each with what
	// Elasticsearch made of it. Another spelling of the same is no drift.
	// +optional
	// +listType=set
	Settled []string `json:"settled,omitempty"`
	// Owner is the owner marker found on the index.
	Owner string `json:"owner,omitempty"`
	// Adopted is whether the index was there before this resource took it over. Such
	// an index outlives the resource.
	Adopted bool `json:"adopted,omitempty"`
}

// An IndexSpec defines the desired state of an Index.
type IndexSpec struct {
	xpv2.ManagedResourceSpec `json:",inline"`
	custody.Terms            `json:",inline"`

	// Deletion says what the deletion of this resource may cost.
	// +optional
	Deletion *custody.DeletionTerms `json:"deletion,omitempty"`

	// ForProvider are the parameters of the index.
	// +optional
	ForProvider IndexParameters `json:"forProvider,omitempty"`
}

// An IndexStatus represents the observed state of an Index.
type IndexStatus struct {
	xpv2.ManagedResourceStatus `json:",inline"`
	custody.Record             `json:",inline"`

	// AtProvider is what Elasticsearch last reported.
	// +optional
	AtProvider IndexObservation `json:"atProvider,omitempty"`
}

// An Index is an index of an Elasticsearch cluster. The provider writes the
// owner marker plumbline.dev/owner into the _meta of the index, and touches only
// an index that carries its own marker.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="READY",type="string",JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="SYNCED",type="string",JSONPath=".status.conditions[?(@.type=='Synced')].status"
// +kubebuilder:printcolumn:name="INDEX",type="string",JSONPath=".metadata.annotations.crossplane\\.io/external-name"
// +kubebuilder:printcolumn:name="HEALTH",type="string",JSONPath=".status.atProvider.health"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane,managed,plumbline}
// +kubebuilder:validation:XValidation:rule="(has(self.spec.forProvider) && has(self.spec.forProvider.numberOfShards)) == (has(oldSelf.spec.forProvider) && has(oldSelf.spec.forProvider.numberOfShards))",message="numberOfShards can be neither added nor removed after the index exists"
type Index struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec IndexSpec `json:"spec"`
	// +optional
	Status IndexStatus `json:"status,omitempty"`
}

var _ resource.ModernManaged = &Index{}

// Custody says where the terms and the record of the index are.
func (i *Index) Custody() custody.Custody {
	return custody.Custody{
		Terms: &i.Spec.Terms, Record: &i.Status.Record, Parameters: i.Spec.ForProvider,
		Object: custody.Object{ID: i.Status.AtProvider.UUID, Owner: i.Status.AtProvider.Owner, Adopted: i.Status.AtProvider.Adopted},
	}
}

// IndexList contains a list of Index.
// +kubebuilder:object:root=true
type IndexList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Index `json:"items"`
}
