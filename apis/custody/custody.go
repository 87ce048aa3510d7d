// Package custody holds what every managed kind says about its external object
// beside the object's own parameters: whether one that exists may be taken over,
// what to do when others change it, what a deletion may cost, and what came of
// that.
//
// It is no API group; that of what outlives its resource is in v1alpha1. A kind
// embeds Terms in its spec and Record in its status, and says where they are in a
// method Custody.
package custody

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Terms are how the provider takes and keeps an external object.
// +kubebuilder:object:generate=true
type Terms struct {
	// Adoption says what becomes of an object that has the name of this resource
	// and was not created by it. Never leaves it alone. IfIdentical takes it over
	// if it is, as far as this resource has an opinion, exactly as desired. Adopt
	// takes it over, and changes it to what is desired, if its present owner has
	// put the marker of this resource on it, followed by ";offered". What another
	// resource holds is never taken over. What was taken over outlives this
	// resource: deleting the resource only removes the marker.
	// +optional
	// +kubebuilder:default=Never
	// +kubebuilder:validation:Enum=Never;IfIdentical;Adopt
	Adoption Adoption `json:"adoption,omitempty"`

	// HandOver is the namespace and name of the resource of the same kind that is to
	// have the object, as shop/checkout. Its marker is put on the object, which this
	// resource then leaves alone, and leaves behind when it is deleted.
	// +optional
	// +kubebuilder:validation:MaxLength=317
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	HandOver string `json:"handOver,omitempty"`

	// Drift says what becomes of changes that others make to the object.
	// +optional
	Drift *DriftTerms `json:"drift,omitempty"`

	// Grace bounds for how long the object is kept where managementPolicies without
	// Delete keep it when this resource is deleted, such as 168h. After that it is
	// deleted with all that it holds, unless a resource of the same name has picked it
	// up. Left out, it is kept for good.
	// +optional
	Grace *metav1.Duration `json:"grace,omitempty"`
}

// Adoption says what becomes of an object that exists already.
type Adoption string

// The ways of adoption.
const (
	AdoptionNever       Adoption = "Never"
	AdoptionIfIdentical Adoption = "IfIdentical"
	AdoptionAdopt       Adoption = "Adopt"
)

// DriftTerms say what becomes of changes that others make to an object.
// +kubebuilder:object:generate=true
type DriftTerms struct {
	// Mode Correct puts the change right. Report leaves it, and tells it in
	// condition AsDesired, an Event, and status.drift; a change of this resource
	// is still carried out, and whatever else differs with it.
	// +optional
	// +kubebuilder:default=Correct
	// +kubebuilder:validation:Enum=Correct;Report
	Mode DriftMode `json:"mode,omitempty"`

	// Ignore lists fields of spec.forProvider, such as settings.refresh_interval or
	// members, that count only when the object is created. Afterwards they and
	// what is below them are left to others.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	Ignore []string `json:"ignore,omitempty"`
}

// A DriftMode says what becomes of drift.
type DriftMode string

// The modes.
const (
	DriftCorrect DriftMode = "Correct"
	DriftReport  DriftMode = "Report"
)

// DeletionTerms say what the deletion of a resource may cost. Kinds that hold
// data have them.
// +kubebuilder:object:generate=true
type DeletionTerms struct {
	// Data says what becomes of data that the object holds when the resource is
	// deleted. Protect refuses to delete an object that holds any. Delete deletes
	// it with the object.
	// +optional
	// +kubebuilder:default=Protect
	// +kubebuilder:validation:Enum=Protect;Delete
	Data DataPolicy `json:"data,omitempty"`
}

// A DataPolicy says what becomes of data on deletion.
type DataPolicy string

// The policies.
const (
	DataProtect DataPolicy = "Protect"
	DataDelete  DataPolicy = "Delete"
)
