package v1alpha1

// SearchBackend governs the Elasticsearch indices and data streams.
type SearchBackend struct {
	// ProviderConfig is the ClusterProviderConfig of elasticsearch.plumbline.dev. For
	// API keys it must have username and password: Elasticsearch gives no privileges
	// to a key that is made with a key.
	ProviderConfig string `json:"providerConfig"`

	// AllowedSettings are those that a claim may set, by their flat name without
	// "index.". They should be dynamic ones, which Elasticsearch changes at any time.
	// Left out: refresh_interval, max_result_window, max_inner_result_window,
	// max_docvalue_fields_search, max_terms_count, max_regex_length,
	// highlight.max_analyzed_offset, mapping.total_fields.limit, query.default_field.
	// +optional
	AllowedSettings []string `json:"allowedSettings,omitempty"`

	// Limits of what one claim may ask for.
	// +optional
	Limits SearchLimits `json:"limits,omitempty"`

	// Realm is the realm of Elasticsearch whose users sign in with Entra ID and have
	// the object ids of their groups in the groups claim. Every role mapping is
	// pinned to it. Left out: nobody's groups are mapped, and a claim cannot ask for
	// it.
	// +optional
	Realm string `json:"realm,omitempty"`

	// GroupAccess is what the environment's group may do with its indices: Reader,
	// Writer or None. Left out: Writer.
	// +optional
	GroupAccess SearchAccess `json:"groupAccess,omitempty"`

	// APIKey governs the API keys that claims ask for.
	// +optional
	APIKey APIKeyPolicy `json:"apiKey,omitempty"`
}

// An APIKeyPolicy governs API keys. Durations are days, as in 90d, or those of
// Kubernetes, as in 36h.
type APIKeyPolicy struct {
	// Validity of a key from its creation on. Left out: 90d.
	// +optional
	Validity string `json:"validity,omitempty"`

	// RotateBefore is how long before a key expires the next one is made. Left out: a
	// third of the validity.
	// +optional
	RotateBefore string `json:"rotateBefore,omitempty"`

	// Overlap is how long a key still works after the next one was made. Left out:
	// 24h.
	// +optional
	Overlap string `json:"overlap,omitempty"`
}

// SearchLimits are the most that one claim may ask for.
type SearchLimits struct {
	// MaxShards of an index or a data stream. Left out: 10.
	// +optional
	MaxShards int32 `json:"maxShards,omitempty"`

	// MaxReplicas of each of them. Left out: 2.
	// +optional
	MaxReplicas *int32 `json:"maxReplicas,omitempty"`

	// MaxIndices is how many indices and data streams there are at most. Left out: 20.
	// +optional
	MaxIndices *int32 `json:"maxIndices,omitempty"`
}
