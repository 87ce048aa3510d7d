package v1alpha1

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// A TombstoneSpec says what was kept, of whom, and for how long.
type TombstoneSpec struct {
	// Object that was kept.
	Object KeptObject `json:"object"`

	// Claim is the ServiceEnvironment, in the namespace of this tombstone, that the
	// object was made for. One of the same name picks it up. It is left out for a
	// managed resource that no claim is behind.
	// +optional
	Claim string `json:"claim,omitempty"`

	// Since is when the managed resource was deleted.
	Since metav1.Time `json:"since"`

	// Until is when the object is deleted with all that it holds, unless it was
	// picked up before. Left out, it is kept for good. Whoever sets it to a time that
	// has passed has it deleted now.
	// +optional
	Until *metav1.Time `json:"until,omitempty"`

	// Resource is the managed resource as it was. To apply it again picks the object
	// up.
	// +kubebuilder:validation:EmbeddedResource
	// +kubebuilder:pruning:PreserveUnknownFields
	Resource runtime.RawExtension `json:"resource"`
}

// A KeptObject is an object of another system.
type KeptObject struct {
	// Kind of the managed resource, such as Index.
	Kind string `json:"kind"`
	// Name of the object as people know it.
	Name string `json:"name"`
	// ID by which its system tells it from another of the same name, if it has one:
	// the UUID of an index, the object id of a group.
	// +optional
	ID string `json:"id,omitempty"`
}

// A Tombstone stands for an object that outlived its managed resource: it was kept
// on purpose, with its owner marker. The provider writes it when the resource goes,
// and removes it when a resource of the same name picks the object up, or when the
// object is deleted. To delete a Tombstone deletes nothing else: the object stays,
// and nobody is reminded of it.
//
// Who may write Tombstones in a namespace may delete what they stand for.
// +kubebuilder:object:root=true
// +kubebuilder:printcolumn:name="KIND",type="string",JSONPath=".spec.object.kind"
// +kubebuilder:printcolumn:name="OBJECT",type="string",JSONPath=".spec.object.name"
// +kubebuilder:printcolumn:name="CLAIM",type="string",JSONPath=".spec.claim"
// +kubebuilder:printcolumn:name="UNTIL",type="string",JSONPath=".spec.until"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:resource:scope=Namespaced,categories={plumbline}
type Tombstone struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec TombstoneSpec `json:"spec"`
}

// TombstoneList contains a list of Tombstone.
// +kubebuilder:object:root=true
type TombstoneList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Tombstone `json:"items"`
}

// Message says for people what is kept, and what they can do about it.
func (t *Tombstone) Message() string {
	again := "apply the resource again"
	if t.Spec.Claim != "" {
		again = fmt.Sprintf("add ServiceEnvironment %s again", t.Spec.Claim)
	}
	if t.Spec.Until != nil {
		return fmt.Sprintf("%s %s is kept until %s, and then deleted; %s before that to pick it up, or set spec.until of Tombstone %s to a time that has passed to delete it now",
			t.Spec.Object.Kind, t.Spec.Object.Name, t.Spec.Until.UTC().Format(time.RFC3339), again, t.GetName())
	}
	return fmt.Sprintf("%s %s is kept; %s to pick it up, or set spec.until of Tombstone %s to a time that has passed to delete it",
		t.Spec.Object.Kind, t.Spec.Object.Name, again, t.GetName())
}
