package v1alpha1

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// A TimeValue of Elasticsearch: a number and one of d, h, m, s, ms, micros, nanos.
// +kubebuilder:validation:Pattern=`^[0-9]+(d|h|m|s|ms|micros|nanos)$`
type TimeValue string

// A ByteSize of Elasticsearch: a number and one of b, kb, mb, gb, tb, pb.
// +kubebuilder:validation:Pattern=`^[0-9]+(b|kb|mb|gb|tb|pb)$`
type ByteSize string

// LifecyclePolicyParameters are the desired state of a lifecycle policy. The
// policy is named by the crossplane.io/external-name annotation. A phase or an
// action that is left out is none, and is taken away again where somebody else
// added it.
// +kubebuilder:validation:XValidation:rule="!has(self.warm) || !has(self.warm.actions.rollover)",message="rollover belongs in phase hot"
// +kubebuilder:validation:XValidation:rule="!has(self.cold) || !has(self.cold.actions.rollover)",message="rollover belongs in phase hot"
// +kubebuilder:validation:XValidation:rule="!has(self.hot) || !has(self.hot.actions.delete)",message="action delete belongs in phase delete"
// +kubebuilder:validation:XValidation:rule="!has(self.warm) || !has(self.warm.actions.delete)",message="action delete belongs in phase delete"
// +kubebuilder:validation:XValidation:rule="!has(self.cold) || !has(self.cold.actions.delete)",message="action delete belongs in phase delete"
// +kubebuilder:validation:XValidation:rule="!has(self.frozen) || has(self.frozen.actions.searchableSnapshot)",message="phase frozen takes action searchableSnapshot"
type LifecyclePolicyParameters struct {
	// Hot is the phase in which an index is written to.
	// +optional
	Hot *LifecyclePhase `json:"hot,omitempty"`
	// Warm is the phase in which an index is read, and not written to.
	// +optional
	Warm *LifecyclePhase `json:"warm,omitempty"`
	// Cold is the phase in which an index is rarely read.
	// +optional
	Cold *LifecyclePhase `json:"cold,omitempty"`
	// Frozen is the phase in which an index is hardly ever read.
	// +optional
	Frozen *LifecyclePhase `json:"frozen,omitempty"`
	// Delete is the phase in which an index goes.
	// +optional
	Delete *LifecyclePhase `json:"delete,omitempty"`

	// Metadata is what _meta of the policy holds beside the owner marker. What
	// others put there is no drift.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	Metadata *apiextensionsv1.JSON `json:"metadata,omitempty"`
}

// A LifecyclePhase is what is done to an index from an age on.
type LifecyclePhase struct {
	// MinAge of an index, since its rollover or else its creation. Left out: 0ms.
	// +optional
	MinAge *TimeValue `json:"minAge,omitempty"`

	// Actions of the phase. Which phase takes which is Elasticsearch's to say: it
	// refuses a policy that is wrong, and the resource tells why.
	// +optional
	// +kubebuilder:default={}
	Actions LifecycleActions `json:"actions,omitempty"`
}

// LifecycleActions of a phase. Elasticsearch takes them in an order of its own.
type LifecycleActions struct {
	// SetPriority sets the order in which indices are recovered.
	// +optional
	SetPriority *SetPriorityAction `json:"setPriority,omitempty"`
	// Unfollow makes a follower index an index of its own.
	// +optional
	Unfollow *EmptyAction `json:"unfollow,omitempty"`
	// Rollover makes a new index once one of its conditions is met.
	// +optional
	Rollover *RolloverAction `json:"rollover,omitempty"`
	// Readonly ends writing to the index.
	// +optional
	Readonly *EmptyAction `json:"readonly,omitempty"`
	// Downsample aggregates a time series.
	// +optional
	Downsample *DownsampleAction `json:"downsample,omitempty"`
	// Allocate moves the index to other nodes, or changes its copies.
	// +optional
	Allocate *AllocateAction `json:"allocate,omitempty"`
	// Migrate moves the index to the data tier of the phase. Elasticsearch does so
	// unless Enabled is false.
	// +optional
	Migrate *MigrateAction `json:"migrate,omitempty"`
	// Shrink brings the index to fewer primary shards.
	// +optional
	Shrink *ShrinkAction `json:"shrink,omitempty"`
	// Forcemerge merges the segments of the index.
	// +optional
	Forcemerge *ForcemergeAction `json:"forcemerge,omitempty"`
	// SearchableSnapshot puts the index into a snapshot that can be searched.
	// +optional
	SearchableSnapshot *SearchableSnapshotAction `json:"searchableSnapshot,omitempty"`
	// WaitForSnapshot waits until a snapshot policy has taken the index in.
	// +optional
	WaitForSnapshot *WaitForSnapshotAction `json:"waitForSnapshot,omitempty"`
	// Delete deletes the index.
	// +optional
	Delete *DeleteAction `json:"delete,omitempty"`
}

// An EmptyAction has nothing to say.
type EmptyAction struct{}

// A SetPriorityAction sets the order in which indices are recovered.
type SetPriorityAction struct {
	// Priority of the index; the highest comes first.
	// +kubebuilder:validation:Minimum=0
	Priority int32 `json:"priority"`
}

// A RolloverAction makes a new index once one of its conditions is met.
// +kubebuilder:validation:MinProperties=1
type RolloverAction struct {
	// MaxAge since the index was created.
	// +optional
	MaxAge *TimeValue `json:"maxAge,omitempty"`
	// MaxDocs is the number of documents.
	// +optional
	// +kubebuilder:validation:Minimum=1
	MaxDocs *int64 `json:"maxDocs,omitempty"`
	// MaxSize of all primary shards together.
	// +optional
	MaxSize *ByteSize `json:"maxSize,omitempty"`
	// MaxPrimaryShardSize is the size of the largest primary shard.
	// +optional
	MaxPrimaryShardSize *ByteSize `json:"maxPrimaryShardSize,omitempty"`
	// MaxPrimaryShardDocs is the number of documents of the largest primary shard.
	// +optional
	// +kubebuilder:validation:Minimum=1
	MaxPrimaryShardDocs *int64 `json:"maxPrimaryShardDocs,omitempty"`
	// MinAge, and the other minima, must all be met besides.
	// +optional
	MinAge *TimeValue `json:"minAge,omitempty"`
	// MinDocs is the number of documents.
	// +optional
	// +kubebuilder:validation:Minimum=0
	MinDocs *int64 `json:"minDocs,omitempty"`
	// MinSize of all primary shards together.
	// +optional
	MinSize *ByteSize `json:"minSize,omitempty"`
	// MinPrimaryShardSize is the size of the largest primary shard.
	// +optional
	MinPrimaryShardSize *ByteSize `json:"minPrimaryShardSize,omitempty"`
	// MinPrimaryShardDocs is the number of documents of the largest primary shard.
	// +optional
	// +kubebuilder:validation:Minimum=0
	MinPrimaryShardDocs *int64 `json:"minPrimaryShardDocs,omitempty"`
}

// A DownsampleAction aggregates a time series.
type DownsampleAction struct {
	// FixedInterval to aggregate to, for example 1h.
	FixedInterval TimeValue `json:"fixedInterval"`
}

// An AllocateAction moves an index to other nodes, or changes its copies.
// +kubebuilder:validation:MinProperties=1
type AllocateAction struct {
	// NumberOfReplicas is the number of copies of each primary shard.
	// +optional
	// +kubebuilder:validation:Minimum=0
	NumberOfReplicas *int32 `json:"numberOfReplicas,omitempty"`
	// TotalShardsPerNode bounds the shards of the index on one node.
	// +optional
	TotalShardsPerNode *int32 `json:"totalShardsPerNode,omitempty"`
	// Include nodes that have one of the values of an attribute.
	// +optional
	Include map[string]string `json:"include,omitempty"`
	// Exclude nodes that have one of the values of an attribute.
	// +optional
	Exclude map[string]string `json:"exclude,omitempty"`
	// Require nodes to have all of the values of an attribute.
	// +optional
	Require map[string]string `json:"require,omitempty"`
}

// A MigrateAction says whether an index moves to the data tier of its phase.
type MigrateAction struct {
	// Enabled is true where it is left out.
	// +optional
	Enabled *bool `json:"enabled,omitempty"`
}

// A ShrinkAction brings an index to fewer primary shards.
// +kubebuilder:validation:XValidation:rule="has(self.numberOfShards) != has(self.maxPrimaryShardSize)",message="set either numberOfShards or maxPrimaryShardSize"
type ShrinkAction struct {
	// NumberOfShards to shrink to, a factor of what there is.
	// +optional
	// +kubebuilder:validation:Minimum=1
	NumberOfShards *int32 `json:"numberOfShards,omitempty"`
	// MaxPrimaryShardSize that the shards may grow to by shrinking.
	// +optional
	MaxPrimaryShardSize *ByteSize `json:"maxPrimaryShardSize,omitempty"`
	// AllowWriteAfterShrink opens the index for writing again.
	// +optional
	AllowWriteAfterShrink *bool `json:"allowWriteAfterShrink,omitempty"`
}

// A ForcemergeAction merges the segments of an index.
type ForcemergeAction struct {
	// MaxNumSegments to merge to.
	// +kubebuilder:validation:Minimum=1
	MaxNumSegments int32 `json:"maxNumSegments"`
	// IndexCodec of the merged segments, for example best_compression.
	// +optional
	IndexCodec *string `json:"indexCodec,omitempty"`
}

// A SearchableSnapshotAction puts an index into a snapshot that can be searched.
type SearchableSnapshotAction struct {
	// SnapshotRepository that takes the snapshot.
	SnapshotRepository string `json:"snapshotRepository"`
	// ForceMergeIndex merges the index to one segment before.
	// +optional
	ForceMergeIndex *bool `json:"forceMergeIndex,omitempty"`
}

// A WaitForSnapshotAction waits until a snapshot policy has taken an index in.
type WaitForSnapshotAction struct {
	// Policy of snapshots.
	Policy string `json:"policy"`
}

// A DeleteAction deletes an index.
type DeleteAction struct {
	// DeleteSearchableSnapshot says whether a snapshot that an earlier phase made
	// goes as well. Left out: it does.
	// +optional
	DeleteSearchableSnapshot *bool `json:"deleteSearchableSnapshot,omitempty"`
}

// LifecyclePolicyObservation is the policy as Elasticsearch last reported it.
type LifecyclePolicyObservation struct {
	DocumentObservation `json:",inline"`

	// Version counts the changes of the policy.
	Version int64 `json:"version,omitempty"`
	// ModifiedDate is when it last changed.
	ModifiedDate string `json:"modifiedDate,omitempty"`
	// InUseBy counts the indices, data streams and index templates that follow the
	// policy. It cannot be deleted while there are any.
	InUseBy int64 `json:"inUseBy,omitempty"`
}

// A LifecyclePolicySpec defines the desired state of a LifecyclePolicy.
type LifecyclePolicySpec struct {
	xpv2.ManagedResourceSpec `json:",inline"`
	custody.Terms            `json:",inline"`

	// ForProvider are the parameters of the lifecycle policy.
	// +optional
	ForProvider LifecyclePolicyParameters `json:"forProvider,omitempty"`
}

// A LifecyclePolicyStatus represents the observed state of a LifecyclePolicy.
type LifecyclePolicyStatus struct {
	xpv2.ManagedResourceStatus `json:",inline"`
	custody.Record             `json:",inline"`

	// AtProvider is what Elasticsearch last reported.
	// +optional
	AtProvider LifecyclePolicyObservation `json:"atProvider,omitempty"`
}

// A LifecyclePolicy is an index lifecycle policy of an Elasticsearch cluster. The
// provider writes the owner marker plumbline.dev/owner into the _meta of the
// policy, and touches only a policy that carries its own marker. A policy that is
// in use stays until nothing uses it any more.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="READY",type="string",JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="SYNCED",type="string",JSONPath=".status.conditions[?(@.type=='Synced')].status"
// +kubebuilder:printcolumn:name="POLICY",type="string",JSONPath=".metadata.annotations.crossplane\\.io/external-name"
// +kubebuilder:printcolumn:name="IN-USE-BY",type="integer",JSONPath=".status.atProvider.inUseBy"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane,managed,plumbline}
type LifecyclePolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec LifecyclePolicySpec `json:"spec"`
	// +optional
	Status LifecyclePolicyStatus `json:"status,omitempty"`
}

var _ resource.ModernManaged = &LifecyclePolicy{}

// Custody says where the terms and the record of the lifecycle policy are.
func (l *LifecyclePolicy) Custody() custody.Custody {
	return custody.Custody{
		Terms: &l.Spec.Terms, Record: &l.Status.Record, Parameters: l.Spec.ForProvider,
		Object: custody.Object{Owner: l.Status.AtProvider.Owner, Adopted: l.Status.AtProvider.Adopted},
	}
}

// LifecyclePolicyList contains a list of LifecyclePolicy.
// +kubebuilder:object:root=true
type LifecyclePolicyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []LifecyclePolicy `json:"items"`
}
