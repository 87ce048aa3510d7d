package v1alpha1

// A SearchAccess says what somebody may do with the indices of an environment.
// +kubebuilder:validation:Enum=Reader;Writer
type SearchAccess string

// What may be done with the indices of an environment, and only with those.
const (
	// SearchReader may search, and look at mappings and settings.
	SearchReader SearchAccess = "Reader"
	// SearchWriter may also write and delete documents.
	SearchWriter SearchAccess = "Writer"
	// SearchNone may do nothing. A Blueprint can say so of the group.
	SearchNone SearchAccess = "None"
)

// A SearchGrant lets users of Elasticsearch at the indices of the environment.
type SearchGrant struct {
	// Access Reader may search, and look at mappings and settings; Writer may also
	// write and delete documents.
	// +kubebuilder:title="Access"
	// +kubebuilder:example="Reader"
	Access SearchAccess `json:"access"`

	// Groups by their object id in Entra ID.
	// +kubebuilder:title="Groups"
	// +kubebuilder:example={"5f0b2c1e-7a44-4a53-9a0e-2f6f0c8d1b7a"}
	// +kubebuilder:validation:MaxItems=100
	// +listType=set
	// +optional
	Groups []ObjectID `json:"groups,omitempty"`

	// Users by the name under which Elasticsearch's realm knows them.
	// +kubebuilder:title="Users"
	// +kubebuilder:example={"dee@example.com"}
	// +kubebuilder:validation:MaxItems=100
	// +listType=set
	// +optional
	Users []SearchUser `json:"users,omitempty"`
}

// An ObjectID of Entra ID.
// +kubebuilder:example="5f0b2c1e-7a44-4a53-9a0e-2f6f0c8d1b7a"
// +kubebuilder:validation:MaxLength=36
// +kubebuilder:validation:Pattern=`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`
type ObjectID string

// A SearchUser is a user of Elasticsearch.
// +kubebuilder:example="ana@example.com"
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][A-Za-z0-9@._+-]*$`
type SearchUser string

// A SearchKey is an API key for the indices of the environment.
type SearchKey struct {
	// Name of the key within the environment.
	// +kubebuilder:title="Name"
	// +kubebuilder:example="app"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Name string `json:"name"`

	// Access Reader may search, and look at mappings and settings; Writer may also
	// write and delete documents.
	// +kubebuilder:title="Access"
	// +kubebuilder:example="Writer"
	Access SearchAccess `json:"access"`

	// SecretName is the Secret in the namespace of the environment that holds
	// endpoint, api_key, ca.crt and index_prefix. The key in it changes before it
	// expires: read it again, or restart when it does. It must not be one that is
	// there already. Left out: elasticsearch-<name>.
	// +kubebuilder:title="Secret"
	// +kubebuilder:example="elasticsearch-app"
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +optional
	SecretName string `json:"secretName,omitempty"`
}
