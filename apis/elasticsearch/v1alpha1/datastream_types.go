package v1alpha1

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// DataStreamParameters are the desired state of a data stream and of the index
// template that makes its backing indices. The stream and the template are named by
// the crossplane.io/external-name annotation.
//
// What changes reaches: dynamic settings and additions to the mapping, the template
// and all backing indices; settings that Elasticsearch fixes when it creates an
// index, the template and, by a rollover, the index that is written to from then on.
// +kubebuilder:validation:XValidation:rule="!(has(self.lifecycle) && has(self.lifecyclePolicyName))",message="set either lifecycle or lifecyclePolicyName: an ILM policy goes before the data stream lifecycle"
// +kubebuilder:validation:XValidation:rule="!has(self.settings) || !('lifecycle.name' in self.settings || 'index.lifecycle.name' in self.settings)",message="name the ILM policy in lifecyclePolicyName, not in settings"
type DataStreamParameters struct {
	// NumberOfShards is the number of primary shards of a backing index. Backing
	// indices of before a change keep theirs.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1024
	NumberOfShards *int32 `json:"numberOfShards,omitempty"`

	// NumberOfReplicas is the number of copies of each primary shard.
	// +optional
	// +kubebuilder:validation:Minimum=0
	NumberOfReplicas *int32 `json:"numberOfReplicas,omitempty"`

	// Settings are further index settings by their flat name without the leading
	// "index.", for example refresh_interval: 30s.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	Settings map[string]string `json:"settings,omitempty"`

	// Mappings is the mapping of backing indices, as the create index template API
	// takes it. Elasticsearch adds the field @timestamp where it is left out. Fields
	// may be added later; one that is retyped is refused: make another data stream
	// and reindex into it.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	Mappings *apiextensionsv1.JSON `json:"mappings,omitempty"`

	// Lifecycle is the data stream lifecycle: Elasticsearch rolls the stream over by
	// itself, and deletes what is older than its retention.
	// +optional
	Lifecycle *DataStreamLifecycle `json:"lifecycle,omitempty"`

	// LifecyclePolicyName is the ILM policy that rolls the stream over and deletes
	// its backing indices, instead of the data stream lifecycle. Backing indices of
	// before a change to lifecycle stay with their policy until they are gone.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	LifecyclePolicyName *string `json:"lifecyclePolicyName,omitempty"`

	// Priority of the index template. Of the templates that match the name of the
	// stream, the one with the highest makes its backing indices. Those that
	// Elasticsearch brings along have 100 or 200.
	// +optional
	// +kubebuilder:default=500
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000
	Priority *int64 `json:"priority,omitempty"`
}

// DataStreamLifecycle is how long Elasticsearch keeps the documents of a data
// stream.
type DataStreamLifecycle struct {
	// DataRetention is the least time for which documents are kept, in a unit of
	// Elasticsearch: 30d, 12h. Left out, they are kept for ever.
	// +optional
	// +kubebuilder:validation:MaxLength=30
	// +kubebuilder:validation:Pattern=`^[1-9][0-9]*(d|h|m|s|ms)$`
	DataRetention *string `json:"dataRetention,omitempty"`
}

// DataStreamObservation is the data stream as Elasticsearch last reported it.
type DataStreamObservation struct {
	// Generation counts the rollovers of the stream, from 1.
	Generation int64 `json:"generation,omitempty"`
	// BackingIndices is how many indices hold the documents of the stream.
	BackingIndices int64 `json:"backingIndices,omitempty"`
	// WriteIndex is the backing index that documents go to.
	WriteIndex string `json:"writeIndex,omitempty"`
	// Health of the worst backing index: green, yellow or red.
	Health string `json:"health,omitempty"`
	// Template is the index template that makes the next backing index.
	Template string `json:"template,omitempty"`
	// Lifecycle is what ends the documents of the stream.
	Lifecycle ObservedLifecycle `json:"lifecycle,omitempty"`
	// Endpoint of the cluster that holds the stream.
	Endpoint string `json:"endpoint,omitempty"`
	// Settled are fingerprints of values as they were asked for, each with what
	// Elasticsearch made of it. Another spelling of the same is no drift.
	// +optional
	// +listType=set
	Settled []string `json:"settled,omitempty"`
	// Owner is the owner marker found on the stream.
	Owner string `json:"owner,omitempty"`
}

// ObservedLifecycle is what ends the documents of a data stream.
type ObservedLifecycle struct {
	// ManagedBy is what rolls the stream over, in Elasticsearch's words.
	ManagedBy string `json:"managedBy,omitempty"`
	// EffectiveRetention is the retention that holds: that of the stream, or what the
	// cluster's own limits make of it.
	EffectiveRetention string `json:"effectiveRetention,omitempty"`
	// Policy is the ILM policy of the stream.
	Policy string `json:"policy,omitempty"`
}

// A DataStreamSpec defines the desired state of a DataStream.
// +kubebuilder:validation:XValidation:rule="!has(self.adoption) || self.adoption == 'Never'",message="a data stream cannot be taken over: Elasticsearch has no way to change its _meta; make another and reindex into it"
type DataStreamSpec struct {
	xpv2.ManagedResourceSpec `json:",inline"`
	custody.Terms            `json:",inline"`

	// Deletion says what the deletion of this resource may cost.
	// +optional
	Deletion *custody.DeletionTerms `json:"deletion,omitempty"`

	// ForProvider are the parameters of the data stream.
	// +optional
	ForProvider DataStreamParameters `json:"forProvider,omitempty"`
}

// A DataStreamStatus represents the observed state of a DataStream.
type DataStreamStatus struct {
	xpv2.ManagedResourceStatus `json:",inline"`
	custody.Record             `json:",inline"`

	// AtProvider is what Elasticsearch last reported.
	// +optional
	AtProvider DataStreamObservation `json:"atProvider,omitempty"`
}

// A DataStream is a data stream of an Elasticsearch cluster, with the index template
// of the same name that makes its backing indices. Elasticsearch decides when it
// rolls over. The provider writes the owner marker plumbline.dev/owner into the
// _meta of the template, which the stream takes over when it is created, and
// touches only a template and a stream that carry its own marker.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="READY",type="string",JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="SYNCED",type="string",JSONPath=".status.conditions[?(@.type=='Synced')].status"
// +kubebuilder:printcolumn:name="DATA STREAM",type="string",JSONPath=".metadata.annotations.crossplane\\.io/external-name"
// +kubebuilder:printcolumn:name="HEALTH",type="string",JSONPath=".status.atProvider.health"
// +kubebuilder:printcolumn:name="GENERATION",type="integer",JSONPath=".status.atProvider.generation"
// +kubebuilder:printcolumn:name="RETENTION",type="string",JSONPath=".status.atProvider.lifecycle.effectiveRetention"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane,managed,plumbline}
type DataStream struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec DataStreamSpec `json:"spec"`
	// +optional
	Status DataStreamStatus `json:"status,omitempty"`
}

var _ resource.ModernManaged = &DataStream{}

// Custody says where the terms and the record of the data stream are.
func (d *DataStream) Custody() custody.Custody {
	return custody.Custody{
		Terms: &d.Spec.Terms, Record: &d.Status.Record, Parameters: d.Spec.ForProvider,
		Object: custody.Object{Owner: d.Status.AtProvider.Owner},
	}
}

// DataStreamList contains a list of DataStream.
// +kubebuilder:object:root=true
type DataStreamList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []DataStream `json:"items"`
}
