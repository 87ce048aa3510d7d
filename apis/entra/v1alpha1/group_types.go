package v1alpha1

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// A MembershipPolicy says what happens to members that others added.
type MembershipPolicy string

const (
	// MembershipExclusive removes every member that the Group does not name.
	MembershipExclusive MembershipPolicy = "Exclusive"
	// MembershipAdditive keeps members that others added.
	MembershipAdditive MembershipPolicy = "Additive"
)

// GroupParameters are the desired state of an Entra ID security group.
type GroupParameters struct {
	// UniqueName is the alternate key of the group. Microsoft Graph fixes it when
	// the group is created.
	// +kubebuilder:validation:MaxLength=120
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$`
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="uniqueName cannot change; delete the Group and create another"
	UniqueName string `json:"uniqueName"`

	// DisplayName of the group, at most 256 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	DisplayName string `json:"displayName"`

	// Description of the group. The provider appends its owner marker.
	// +optional
	// +kubebuilder:validation:MaxLength=600
	Description string `json:"description,omitempty"`

	// Owners of the group, each a user principal name, mail address or object id.
	// If there are none here, the owners that the group has are left alone.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	Owners []string `json:"owners,omitempty"`

	// Members of the group, each a user principal name, mail address or object id
	// of a user, group or service principal.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=5000
	Members []string `json:"members,omitempty"`

	// MembershipPolicy says what happens to members and owners that others added:
	// Exclusive removes them, Additive keeps them.
	// +optional
	// +kubebuilder:validation:Enum=Exclusive;Additive
	// +kubebuilder:default=Exclusive
	MembershipPolicy MembershipPolicy `json:"membershipPolicy,omitempty"`
}

// GroupObservation is the group as Microsoft Graph last reported it.
type GroupObservation struct {
	// ObjectID of the group: the subject to name in role bindings.
	ObjectID string `json:"objectID,omitempty"`
	// Members is the number of members of the group.
	Members int64 `json:"members,omitempty"`
	// Unresolved names the members and owners that the directory does not know, the
	// first 50 of them. They do not hold up the others.
	// +optional
	// +listType=set
	Unresolved []string `json:"unresolved,omitempty"`
	// Disabled names the members whose account may not sign in, the first 50.
	// +optional
	// +listType=set
	Disabled []string `json:"disabled,omitempty"`
	// Guests names the members that are guests of the tenant, the first 50.
	// +optional
	// +listType=set
	Guests []string `json:"guests,omitempty"`
	// Owner is the owner marker found on the group.
	Owner string `json:"owner,omitempty"`
	// Adopted is whether the group was there before this resource took it over. Such
	// a group outlives the resource.
	Adopted bool `json:"adopted,omitempty"`
}

// A GroupSpec defines the desired state of a Group.
type GroupSpec struct {
	xpv2.ManagedResourceSpec `json:",inline"`
	custody.Terms            `json:",inline"`

	// ForProvider are the parameters of the group.
	ForProvider GroupParameters `json:"forProvider"`
}

// A GroupStatus represents the observed state of a Group.
type GroupStatus struct {
	xpv2.ManagedResourceStatus `json:",inline"`
	custody.Record             `json:",inline"`

	// AtProvider is what Microsoft Graph last reported.
	// +optional
	AtProvider GroupObservation `json:"atProvider,omitempty"`
}

// A Group is a security group of an Entra ID tenant. The provider ends the
// description of the group with an owner marker, and touches only a group that
// carries its own marker.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="READY",type="string",JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="SYNCED",type="string",JSONPath=".status.conditions[?(@.type=='Synced')].status"
// +kubebuilder:printcolumn:name="OBJECT-ID",type="string",JSONPath=".status.atProvider.objectID"
// +kubebuilder:printcolumn:name="MEMBERS",type="integer",JSONPath=".status.atProvider.members"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane,managed,plumbline}
type Group struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec GroupSpec `json:"spec"`
	// +optional
	Status GroupStatus `json:"status,omitempty"`
}

var _ resource.ModernManaged = &Group{}

// Custody says where the terms and the record of the group are.
func (g *Group) Custody() custody.Custody {
	return custody.Custody{
		Terms: &g.Spec.Terms, Record: &g.Status.Record, Parameters: g.Spec.ForProvider,
		Object: custody.Object{Name: g.Spec.ForProvider.UniqueName, ID: g.Status.AtProvider.ObjectID, Owner: g.Status.AtProvider.Owner, Adopted: g.Status.AtProvider.Adopted},
	}
}

// GroupList contains a list of Group.
// +kubebuilder:object:root=true
type GroupList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Group `json:"items"`
}
