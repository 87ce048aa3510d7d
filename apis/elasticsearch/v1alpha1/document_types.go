package v1alpha1

// A DocumentObservation is what the provider notes of everything that it writes
// to Elasticsearch as a whole: a role, a role mapping, a lifecycle policy.
type DocumentObservation struct {
	// Endpoint of the cluster that holds it.
	Endpoint string `json:"endpoint,omitempty"`
	// Owner is the owner marker found on it.
	Owner string `json:"owner,omitempty"`
	// Adopted says that it was there before, and stays when the resource goes.
	Adopted bool `json:"adopted,omitempty"`
	// Settled is a fingerprint of what was asked for and of what Elasticsearch made
	// of it. While both stay as they are, another spelling of the same is no drift.
	Settled string `json:"settled,omitempty"`
}
