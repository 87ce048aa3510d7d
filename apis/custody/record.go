package custody

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A Record is what became of an external object in the provider's keeping.
// +kubebuilder:object:generate=true
type Record struct {
	// Drift lists the last ten changes that others made, the latest at the end.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	Drift []Drift `json:"drift,omitempty"`

	// Agreed is a fingerprint of the parameters that the object was last found to
	// have. While it is that of the present parameters, whatever differs was
	// changed by others.
	// +optional
	Agreed string `json:"agreed,omitempty"`
}

// Drift is a change of one field that others made.
// +kubebuilder:object:generate=true
type Drift struct {
	// Field that differs, as a path below spec.forProvider, or "." for the object
	// itself.
	Field string `json:"field"`
	// Found is its value as it was found, cut if it is long.
	// +optional
	Found string `json:"found,omitempty"`
	// Desired is the value that this resource wants, cut if it is long.
	// +optional
	Desired string `json:"desired,omitempty"`
	// At is when it was found.
	At metav1.Time `json:"at"`
	// Outcome is Pending while an attempt to put it right fails, Restored once the
	// provider did, Reported where that is all there is to do, and Resolved when it
	// differs no more without the provider's doing.
	Outcome Outcome `json:"outcome"`
}

// An Outcome of drift.
type Outcome string

// The outcomes.
const (
	DriftPending  Outcome = "Pending"
	DriftRestored Outcome = "Restored"
	DriftReported Outcome = "Reported"
	DriftResolved Outcome = "Resolved"
)

// A Difference is a field in which an external object is not as desired. Neither
// value may be a secret.
type Difference struct {
	// Field as a path below spec.forProvider.
	Field string
	// Found and Desired are the values, in words or JSON; empty for none.
	Found, Desired string
}

// maxFields that a message names, so that it can be read.
const maxFields = 10

// Fields names the fields of differences.
func Fields(differences []Difference) string {
	var names []string
	for i, d := range differences {
		if i == maxFields {
			names = append(names, fmt.Sprintf("%d more", len(differences)-i))
			break
		}
		names = append(names, d.Field)
	}
	return strings.Join(names, ", ")
}

// Custody is where a managed resource keeps its terms and its record.
type Custody struct {
	Terms  *Terms
	Record *Record
	// Parameters are the user's wishes: spec.forProvider.
	Parameters any
	// Object is what was last seen of the external object.
	Object Object
}

// An Object is what a managed resource knows of its external object.
type Object struct {
	// Name as people know it; empty if it is the external name.
	Name string
	// ID by which its system tells it from another of the same name, if it has one.
	ID string
	// Owner is the owner marker that was found on it. It is empty if the object was
	// never seen.
	Owner string
	// Adopted says that it was there before the resource.
	Adopted bool
}

// A Keeper is a managed resource whose external object is in custody.
type Keeper interface{ Custody() Custody }

// Ignores reports whether a field is left to others once the object exists.
func (t *Terms) Ignores(field string) bool {
	if t.Drift == nil {
		return false
	}
	for _, path := range t.Drift.Ignore {
		if field == path || strings.HasPrefix(field, path+".") {
			return true
		}
	}
	return false
}

// ReportsOnly reports whether drift is left as it is.
func (t *Terms) ReportsOnly() bool { return t.Drift != nil && t.Drift.Mode == DriftReport }
