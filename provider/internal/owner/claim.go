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
	HandOver Marker // Of the resource that is to have it; none: it stays.
	Going    bool   // The resource is being deleted.
}

// ClaimOf returns the claim of a managed resource. One that is being deleted
// takes over nothing any more.
func ClaimOf(installation string, mr interface {
	metav1.Object
	custody.Keeper
},
) Claim {
	terms := mr.Custody().Terms
	c := Claim{Marker: Of(installation, mr), Adoption: terms.Adoption}
	if meta.WasDeleted(mr) {
		c.Adoption, c.Going = custody.AdoptionNever, true
		return c
	}
	if terms.HandOver != "" {
		c.HandOver = Marker(installation + "/" + terms.HandOver)
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
		return c.give(t), nil
	case c.HandOver != "" && m.Marker == c.HandOver && (m.State == Transferred || m.State == Offered):
		return m, nil // Until it is taken.
	case m.Marker != "" && m.Marker != c.Marker:
		return Mark{}, c.refuseOthers(t)
	case t.Instead != "":
		return Mark{}, refusal("ExistsNotOwned: %s exists and carries no owner marker; choose another name, remove it, or %s", t.Name, t.Instead)
	case m.Marker == c.Marker && m.State == Transferred && !c.Going:
		return c.Mark(), nil
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

// refuseOthers names who has a thing: a claim of this control plane, which people here
// can talk to, or another control plane's resource.
func (c Claim) refuseOthers(t Thing) error {
	m := t.Mark.Marker
	if m.installation() != c.Marker.installation() {
		return refusal("OwnedElsewhere: %s belongs to %q, not to %q; choose another name, or delete it there first", t.Name, m, c.Marker)
	}
	return refusal("NameTaken: %s belongs to %s; choose another name, or delete it there first", t.Name, m.holder())
}

// give returns the mark of what is ours: that of the resource that is to have it, if
// there is one and the mark can be changed. What was adopted is adopted there too.
func (c Claim) give(t Thing) Mark {
	switch {
	case c.HandOver == "" || t.Instead != "":
		return t.Mark
	case t.Mark.State == Adopted:
		return Mark{Marker: c.HandOver, State: Offered}
	default:
		return Mark{Marker: c.HandOver, State: Transferred}
	}
}

// A refusalError is the reason not to touch an object. Its words open with
// ExistsNotOwned, OwnedElsewhere or NameTaken, which programs may rely on.
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
