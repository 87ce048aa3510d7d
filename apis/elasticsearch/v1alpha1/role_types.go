package v1alpha1

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// Privileges are what a role or an API key may do. What is left out is not
// granted, and is taken away again where somebody else granted it.
type Privileges struct {
	// Cluster privileges, for example monitor.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	Cluster []string `json:"cluster,omitempty"`

	// Indices are privileges on indices, data streams and aliases.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Indices []IndexPrivileges `json:"indices,omitempty"`

	// Applications are privileges of applications, for example of Kibana.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Applications []ApplicationPrivileges `json:"applications,omitempty"`

	// RunAs are the users whose identity can be taken on.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	RunAs []string `json:"runAs,omitempty"`
}

// IndexPrivileges are privileges on the indices that some names lead to. Indices
// of Elasticsearch's own are never among them.
type IndexPrivileges struct {
	// Names of indices, data streams and aliases; * stands for any characters.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	Names []string `json:"names"`

	// Privileges on them, for example read.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	Privileges []string `json:"privileges"`

	// FieldSecurity limits the fields that can be read. It takes a licence that has
	// field level security.
	// +optional
	FieldSecurity *FieldSecurity `json:"fieldSecurity,omitempty"`

	// Query limits the documents that can be read to those that it finds, as JSON.
	// It takes a licence that has document level security.
	// +optional
	// +kubebuilder:validation:MaxLength=10000
	Query *string `json:"query,omitempty"`
}

// FieldSecurity names the fields of documents that can be read.
type FieldSecurity struct {
	// Grant are the fields that can be read; * stands for any characters.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	Grant []string `json:"grant"`

	// Except are fields that cannot be read, though Grant names them.
	// +optional
	// +listType=set
	Except []string `json:"except,omitempty"`
}

// ApplicationPrivileges are privileges of one application.
type ApplicationPrivileges struct {
	// Application that defines the privileges, for example kibana-.kibana.
	Application string `json:"application"`
	// Privileges of the application.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	Privileges []string `json:"privileges"`
	// Resources that they apply to, for example space:default.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	Resources []string `json:"resources"`
}

// RoleParameters are the desired state of a role. The role is named by the
// crossplane.io/external-name annotation.
type RoleParameters struct {
	Privileges `json:",inline"`

	// Description for people. Elasticsearch knows it from version 8.15 on.
	// +optional
	// +kubebuilder:validation:MaxLength=1000
	Description *string `json:"description,omitempty"`

	// Metadata of the role, beside the owner marker. What others put there is no
	// drift.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	Metadata *apiextensionsv1.JSON `json:"metadata,omitempty"`
}

// RoleObservation is the role as Elasticsearch last reported it.
type RoleObservation struct {
	DocumentObservation `json:",inline"`
}

// A RoleSpec defines the desired state of a Role.
type RoleSpec struct {
	xpv2.ManagedResourceSpec `json:",inline"`
	custody.Terms            `json:",inline"`

	// ForProvider are the parameters of the role.
	// +optional
	ForProvider RoleParameters `json:"forProvider,omitempty"`
}

// A RoleStatus represents the observed state of a Role.
type RoleStatus struct {
	xpv2.ManagedResourceStatus `json:",inline"`
	custody.Record             `json:",inline"`

	// AtProvider is what Elasticsearch last reported.
	// +optional
	AtProvider RoleObservation `json:"atProvider,omitempty"`
}

// A Role is a role of an Elasticsearch cluster. The provider writes the owner
// marker plumbline.dev/owner into the metadata of the role, and touches only a
// role that carries its own marker, never one that is reserved.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="READY",type="string",JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="SYNCED",type="string",JSONPath=".status.conditions[?(@.type=='Synced')].status"
// +kubebuilder:printcolumn:name="ROLE",type="string",JSONPath=".metadata.annotations.crossplane\\.io/external-name"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane,managed,plumbline}
type Role struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec RoleSpec `json:"spec"`
	// +optional
	Status RoleStatus `json:"status,omitempty"`
}

var _ resource.ModernManaged = &Role{}

// Custody says where the terms and the record of the role are.
func (r *Role) Custody() custody.Custody {
	return custody.Custody{
		Terms: &r.Spec.Terms, Record: &r.Status.Record, Parameters: r.Spec.ForProvider,
		Object: custody.Object{Owner: r.Status.AtProvider.Owner, Adopted: r.Status.AtProvider.Adopted},
	}
}

// RoleList contains a list of Role.
// +kubebuilder:object:root=true
type RoleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Role `json:"items"`
}
