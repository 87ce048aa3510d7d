package v1alpha1

import (
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Reasons of condition Ready, beside Crossplane's own: Creating while the host does not
// resolve, Available, and Unavailable where it leads to a name that does not exist.
const (
	// ReasonLeadsElsewhere says that the host has a record, and not the one it should.
	ReasonLeadsElsewhere xpv2.ConditionReason = "LeadsElsewhere"
	// ReasonRecordNotOwned says that the record of the host belongs to another ExternalDNS,
	// or to none. Where it leads where it should, Ready is True all the same.
	ReasonRecordNotOwned xpv2.ConditionReason = "RecordNotOwned"
	// ReasonUnobserved says that no server told.
	ReasonUnobserved xpv2.ConditionReason = "Unobserved"
)

// A RecordType is a type of DNS record.
// +kubebuilder:validation:Enum=A;AAAA;CNAME
type RecordType string

// The types of records that lead to a gateway.
const (
	RecordA     RecordType = "A"
	RecordAAAA  RecordType = "AAAA"
	RecordCNAME RecordType = "CNAME"
)

// A LookupSpec says what is asked, and what the answer should be.
type LookupSpec struct {
	// DNSName of the host, such as shop.example.com. Of a wildcard, such as
	// *.shop.example.com, a name below it is asked for.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	DNSName string `json:"dnsName"`

	// RecordType of the host's records.
	RecordType RecordType `json:"recordType"`

	// Targets that the records should have: IP addresses, or names for a CNAME record. An
	// alias that has the addresses of such a name leads there as well.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=253
	Targets []string `json:"targets"`

	// Server that is asked, as an address or a name, with a port if it is not 53, such as
	// 10.0.0.2:5353. Left out, it is the resolver of the provider's pod.
	// +optional
	// +kubebuilder:validation:MaxLength=260
	Server string `json:"server,omitempty"`

	// Registry says whose the records should be. Left out, nobody asks.
	// +optional
	Registry *Registry `json:"registry,omitempty"`
}

// A Registry is how an ExternalDNS marks the records that it owns: with TXT records beside
// them. Each field is what the flag of that name says to it.
type Registry struct {
	// OwnerID is its --txt-owner-id.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	OwnerID string `json:"ownerID"`

	// TXTPrefix is its --txt-prefix.
	// +optional
	// +kubebuilder:validation:MaxLength=100
	TXTPrefix string `json:"txtPrefix,omitempty"`

	// TXTSuffix is its --txt-suffix.
	// +optional
	// +kubebuilder:validation:MaxLength=100
	TXTSuffix string `json:"txtSuffix,omitempty"`

	// TXTWildcardReplacement is its --txt-wildcard-replacement.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	TXTWildcardReplacement string `json:"txtWildcardReplacement,omitempty"`
}

// A LookupStatus is what was last seen.
type LookupStatus struct {
	xpv2.ConditionedStatus `json:",inline"`

	// Answers are where the host leads: names, and then addresses, the first 20.
	// +optional
	// +listType=atomic
	Answers []string `json:"answers,omitempty"`

	// OwnerID of the ExternalDNS that the record belongs to, if one does.
	// +optional
	OwnerID string `json:"ownerID,omitempty"`
}

// A Lookup asks a DNS server where a host leads, again and again, and is Ready while that
// is where it should. It needs no credentials, writes no DNS, and is gone as soon as it is
// deleted.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="READY",type="string",JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="SYNCED",type="string",JSONPath=".status.conditions[?(@.type=='Synced')].status"
// +kubebuilder:printcolumn:name="HOST",type="string",JSONPath=".spec.dnsName"
// +kubebuilder:printcolumn:name="ANSWERS",type="string",JSONPath=".status.answers"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Namespaced,categories={plumbline}
type Lookup struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec LookupSpec `json:"spec"`
	// +optional
	Status LookupStatus `json:"status,omitempty"`
}

// LookupList contains a list of Lookup.
// +kubebuilder:object:root=true
type LookupList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Lookup `json:"items"`
}
