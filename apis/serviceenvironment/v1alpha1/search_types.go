package v1alpha1

import apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

// Search asks for Elasticsearch indices and data streams. Their names, and those of
// aliases, are told apart within the environment.
// +kubebuilder:validation:XValidation:rule="!has(self.indices) || !has(self.streams) || self.streams.all(s, !self.indices.exists(i, i.name == s.name))",message="a name is that of an index or of a data stream, not of both"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.indices) || !has(self.streams) || self.streams.all(s, !oldSelf.indices.exists(i, i.name == s.name))",message="an index cannot become a data stream: Elasticsearch keeps their documents in different ways; add a data stream of another name, reindex into it, then remove the index"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.streams) || !has(self.indices) || self.indices.all(i, !oldSelf.streams.exists(s, s.name == i.name))",message="a data stream cannot become an index: Elasticsearch keeps their documents in different ways; add an index of another name, reindex into it, then remove the data stream"
// +kubebuilder:validation:XValidation:rule="!has(self.indices) || self.indices.all(i, !has(i.aliases) || i.aliases.all(a, !self.indices.exists(j, j.name == a.name) && (!has(self.streams) || !self.streams.exists(s, s.name == a.name))))",message="an alias has a name that no index and no data stream of this claim has"
type Search struct {
	// Indices of the environment. Their names in Elasticsearch begin with the name
	// of the environment, as in checkout-prod.orders.
	// +kubebuilder:title="Indices"
	// +kubebuilder:validation:MaxItems=50
	// +listType=map
	// +listMapKey=name
	// +optional
	Indices []Index `json:"indices,omitempty"`

	// Streams are data streams, for what is only ever appended: events, logs,
	// measurements. Each document has its time in the field @timestamp, and
	// Elasticsearch deletes it when its retention is over.
	// +kubebuilder:title="Data streams"
	// +kubebuilder:validation:MaxItems=50
	// +listType=map
	// +listMapKey=name
	// +optional
	Streams []Stream `json:"streams,omitempty"`

	// Access lets others at the indices and data streams than the environment's group,
	// which has the access that the Blueprint says.
	// +kubebuilder:title="Access"
	// +kubebuilder:validation:MaxItems=2
	// +listType=map
	// +listMapKey=access
	// +optional
	Access []SearchGrant `json:"access,omitempty"`

	// APIKeys are for programs. Each is put into a Secret in the namespace of the
	// environment, and replaced before it expires.
	// +kubebuilder:title="API keys"
	// +kubebuilder:validation:MaxItems=10
	// +listType=map
	// +listMapKey=name
	// +optional
	APIKeys []SearchKey `json:"apiKeys,omitempty"`
}

// An Index of Elasticsearch.
// +kubebuilder:validation:XValidation:rule="has(self.shards) == has(oldSelf.shards)",message="shards can be neither added nor removed once the index exists; add an index with another name and reindex into it"
type Index struct {
	// Name of the index within the environment.
	// +kubebuilder:title="Name"
	// +kubebuilder:example="orders"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Name string `json:"name"`

	// Shards is the number of primary shards. Elasticsearch fixes it when the
	// index is created, and chooses it where it is left out. The Blueprint says how
	// many are the most.
	// +kubebuilder:title="Primary shards"
	// +kubebuilder:example=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1024
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="shards cannot change once the index exists; add an index with another name and reindex into it"
	// +optional
	Shards *int32 `json:"shards,omitempty"`

	// Replicas is the number of copies of each primary shard. Elasticsearch
	// chooses it where it is left out. The Blueprint says how many are the most.
	// +kubebuilder:title="Replicas"
	// +kubebuilder:example=1
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	Replicas *int32 `json:"replicas,omitempty"`

	// Mappings is the mapping of the index, as Elasticsearch's create index API takes
	// it, of at most 64 KiB. Fields can be added; one that exists keeps its type.
	// +kubebuilder:title="Mappings"
	// +kubebuilder:example={"properties":{"id":{"type":"keyword"}}}
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +optional
	Mappings *apiextensionsv1.JSON `json:"mappings,omitempty"`

	// Settings of the index by their flat name without the leading "index.", for
	// example refresh_interval: 30s. The Blueprint says which may be set.
	// +kubebuilder:title="Settings"
	// +kubebuilder:example={"refresh_interval":"30s"}
	// +kubebuilder:validation:MaxProperties=30
	// +optional
	Settings map[string]Setting `json:"settings,omitempty"`

	// Aliases are further names of the index, which may lead to several indices of
	// the environment. In Elasticsearch they begin with the name of the environment too.
	// +kubebuilder:title="Aliases"
	// +kubebuilder:validation:MaxItems=20
	// +listType=map
	// +listMapKey=name
	// +optional
	Aliases []Alias `json:"aliases,omitempty"`
}

// A Stream is a data stream of Elasticsearch.
type Stream struct {
	// Name of the data stream within the environment.
	// +kubebuilder:title="Name"
	// +kubebuilder:example="events"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Name string `json:"name"`

	// Retention is the least time for which documents are kept, in days or hours. Left
	// out, the Blueprint's retention for the environment holds; it also says what is
	// the most.
	// +kubebuilder:title="Retention"
	// +kubebuilder:example="30d"
	// +optional
	Retention Retention `json:"retention,omitempty"`

	// Shards is the number of primary shards of each index behind the stream. A
	// change holds for what is written from then on. The Blueprint says how many are
	// the most.
	// +kubebuilder:title="Primary shards"
	// +kubebuilder:example=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1024
	// +optional
	Shards *int32 `json:"shards,omitempty"`

	// Replicas is the number of copies of each primary shard. Elasticsearch
	// chooses it where it is left out. The Blueprint says how many are the most.
	// +kubebuilder:title="Replicas"
	// +kubebuilder:example=1
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	Replicas *int32 `json:"replicas,omitempty"`

	// Mappings is the mapping of the documents, as Elasticsearch's create index API
	// takes it, of at most 64 KiB. Fields can be added; one that exists keeps its type.
	// +kubebuilder:title="Mappings"
	// +kubebuilder:example={"properties":{"id":{"type":"keyword"}}}
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +optional
	Mappings *apiextensionsv1.JSON `json:"mappings,omitempty"`

	// Settings of the indices behind the stream by their flat name without the leading
	// "index.", for example refresh_interval: 30s. The Blueprint says which may be set.
	// +kubebuilder:title="Settings"
	// +kubebuilder:example={"refresh_interval":"30s"}
	// +kubebuilder:validation:MaxProperties=30
	// +optional
	Settings map[string]Setting `json:"settings,omitempty"`
}

// An Alias is another name of an index.
type Alias struct {
	// Name of the alias within the environment.
	// +kubebuilder:title="Name"
	// +kubebuilder:example="current"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Name string `json:"name"`

	// IsWriteIndex says whether what is written to the alias goes to this index. Left
	// out: it does, unless another index has the alias too. At most one index of an
	// alias may say so.
	// +kubebuilder:title="Write index"
	// +kubebuilder:example=true
	// +optional
	IsWriteIndex *bool `json:"isWriteIndex,omitempty"`
}

// A Retention is a time in days or hours.
// +kubebuilder:example="30d"
// +kubebuilder:validation:MaxLength=6
// +kubebuilder:validation:Pattern=`^[1-9][0-9]{0,4}[dh]$`
type Retention string

// A Setting is the value of a setting of Elasticsearch.
// +kubebuilder:example="30s"
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=200
type Setting string
