package owner

import (
	"fmt"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// A Claim is what a managed resource may say of an object that it finds under its
// name.
type Claim struct {
	Marker   Marker
	Adoption custody.Adoption
}

// ClaimOf returns the claim of a managed resource. One that is being deleted
// takes over nothing any more.
func ClaimOf(installation string, mr interface {
	metav1.Object
	custody.Keeper
},
) Claim {
	c := Claim{Marker: Of(installation, mr), Adoption: mr.Custody().Terms.Adoption}
	if meta.WasDeleted(mr) {
		c.Adoption = custody.AdoptionNever
	}
	return c
}

// Mark returns the mark of an object that the resource creates.
func (c Claim) Mark() Mark { return Mark{Marker: c.Marker} }

// A Thing is an external object that has the name of a managed resource.
type Thing struct {
	// Mark that it carries.
	Mark Mark
	// Name in words, such as index "orders".
	Name string
	// Where says where a person puts a mark, %s, such as "set x to %s".
	Where string
	// Instead is what a person can do about a thing whose mark cannot be changed,
	// and which therefore cannot be taken over; empty for others.
	Instead string
	// Differs lists in what the object is not as desired, its mark apart. It is
	// called only where the answer decides.
	Differs func() ([]custody.Difference, error)
}

// Take returns the mark that a thing is to carry if the resource may have it, and
// otherwise an error that IsRefusal. It is asked before every write. Whoever gets
// another mark than the thing carries has to write it.
func (c Claim) Take(t Thing) (Mark, error) {
	m := t.Mark
	adopted := Mark{Marker: c.Marker, State: Adopted}
	switch {
	case m.Marker == c.Marker && (m.State == Created || m.State == Adopted):
		return m, nil
	case m.Marker != "" && m.Marker != c.Marker:
		return Mark{}, refusal("OwnedElsewhere: %s belongs to %q, not to %q; choose another name, or delete it there first", t.Name, m.Marker, c.Marker)
	case t.Instead != "":
		return Mark{}, refusal("ExistsNotOwned: %s exists and carries no owner marker; choose another name, remove it, or %s", t.Name, t.Instead)
	case c.Adoption == custody.AdoptionAdopt && m.State == Offered:
		return adopted, nil
	case c.Adoption == custody.AdoptionAdopt:
		return Mark{}, refusal("ExistsNotOwned: %s exists and is not offered to this resource; have its owner "+t.Where+", or choose another name",
			t.Name, Mark{c.Marker, Offered})
	case c.Adoption == custody.AdoptionIfIdentical:
		differences, err := t.Differs()
		if err != nil || len(differences) == 0 {
			return adopted, err
		}
		return Mark{}, refusal("ExistsNotOwned: %s exists and is not identical to what is desired; it differs in %s; change one of the two, or choose another name",
			t.Name, custody.Fields(differences))
	case m.Marker == c.Marker:
		return Mark{}, refusal("ExistsNotOwned: %s carries the mark %q, and spec.adoption is Never; set it to Adopt to take over what is offered", t.Name, m)
	}
	return Mark{}, refusal("ExistsNotOwned: %s exists and carries no owner marker; choose another name, remove it, or take it over: set spec.adoption to Adopt, and "+t.Where,
		t.Name, Mark{c.Marker, Offered})
}

// A refusalError is the reason not to touch an object. Its words open with
// ExistsNotOwned or OwnedElsewhere, which programs may rely on.
type refusalError struct{ words string }

func (r *refusalError) Error() string { return r.words }

func refusal(format string, args ...any) error {
	return &refusalError{fmt.Sprintf(format, args...)}
}

// IsRefusal reports whether an error says that an object is not ours.
func IsRefusal(err error) bool {
	var r *refusalError
	return errors.As(err, &r)
}

// Refuse returns a refusal to touch what cannot carry a mark.
func Refuse(format string, args ...any) error { return refusal("ExistsNotOwned: "+format, args...) }
