package expand

import (
	"fmt"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

const looking = "Looking whether the name is free"

// look looks at what has the name of each part that does not exist yet. Crossplane
// silently takes over an object that has no controller, and deletes it with the claim,
// so nothing is composed on a guess. What somebody else has holds the part back; what
// may be taken over is returned, and its part is never composed.
func (in input) look(p environment.Plan, parts []compose.Part) (compose.Observed, error) {
	adopted := compose.Observed{}
	for i := range parts {
		part := &parts[i]
		if _, ours := in.observed[part.Name]; ours || !in.looksAt(p, *part) || part.Hold != nil {
			continue
		}
		if part.Hold = in.kindHold(subject(*part), kindOfPart(*part)); part.Hold != nil {
			continue
		}
		found, asked := in.objects[part.Name]
		if !asked {
			part.Hold = new(status.Progressing(status.ReasonCreating, looking))
			continue
		}
		for _, o := range found {
			t, err := in.take(p, part.Resource, o)
			if err != nil {
				return nil, err
			}
			part.Hold = t.refusal
			if t.adopted {
				adopted[part.Name] = o
				compose.Adopt(parts, part.Name, t.differs)
			}
		}
	}
	return adopted, nil
}

// looksAt says whether a part is looked at here: what lies in the environment's
// namespace or the team's, and the right to a namespace. The namespace itself, hosts,
// and what extras have elsewhere are looked at before parts are made.
func (in input) looksAt(p environment.Plan, part compose.Part) bool {
	if part.Name == compose.PartNamespaceLease {
		return true
	}
	for _, l := range p.Leases {
		if part.Name == compose.HostPart(l) {
			return false
		}
	}
	for _, e := range p.Extras {
		if e.Outside && part.Name == compose.ExtraPart(e) {
			return false
		}
	}
	return part.Name != compose.PartNamespace
}

// lookUp asks for what look has to know, and for nothing once an object exists. An
// object is asked for only when its kind is known to be served, and Crossplane may read
// it: a call that asks for another fails.
func (in input) lookUp(p environment.Plan, parts []compose.Part, out *fnv1.Requirements) {
	for _, part := range parts {
		if _, ours := in.observed[part.Name]; ours || !in.looksAt(p, part) {
			continue
		}
		k := kindOfPart(part)
		in.lookUpKind(k, out)
		if in.kindHold("", k) == nil {
			out.Resources[requireObject+part.Name] = named(k.apiVersion, k.kind, part.Resource.GetNamespace(), part.Resource.GetName())
		}
	}
}

// A taking says whether a resource may have an object that it did not make.
type taking struct {
	refusal *status.Health // Why it may not. None of the three: it is ours already.
	adopted bool
	differs []custody.Difference // What is not as desired in what was taken over.
}

// take judges an object that has the name of a resource.
func (in input) take(p environment.Plan, r compose.Resource, found compose.Object) (taking, error) {
	owner := compose.Controller(found)
	what := fmt.Sprintf("%s %q", r.GetObjectKind().GroupVersionKind().Kind, r.GetName())
	if r.GetNamespace() != "" {
		what += fmt.Sprintf(" in namespace %q", r.GetNamespace())
	}
	switch {
	case compose.Name(found) != r.GetName():
		return taking{}, nil // Looked up for an earlier plan; the next call brings the right one.
	case in.mayTake(p, found):
		return taking{}, nil
	case owner.Kind == in.kind:
		return refused(status.ReasonNameTaken, "%s belongs to %s; choose another service or environment", what, owner.Claim), nil
	case owner.UID != "":
		return refused(status.ReasonExistsNotOwned, "%s exists, and belongs to %s %q; remove it, or choose another name", what, owner.Kind, owner.Name), nil
	case compose.IsManaged(found):
		return refused(status.ReasonExistsNotOwned,
			"%s exists, and Plumbline did not make it; remove it, with managementPolicies that leave out Delete to keep what it stands for", what), nil
	}
	differs, err := compose.Differences(r, found)
	if err != nil {
		return taking{}, err
	}
	_, leased := in.observed[compose.PartNamespaceLease]
	if leased && p.Adoption == custody.AdoptionIfIdentical && r.GetName() == p.Namespace.Name && r.GetNamespace() == "" {
		return taking{adopted: true, differs: differs}, nil // It was identical when it was taken.
	}
	return adopt(p, what, compose.MarkOf(found), differs), nil
}

// adopt judges an object that nothing controls.
func adopt(p environment.Plan, what, mark string, differs []custody.Difference) taking {
	offer := compose.Offer(p.Holder)
	switch {
	case mark != "" && mark != offer:
		return refused(status.ReasonOwnedElsewhere, "%s carries the mark %q, which is no offer to this claim; choose another name, or have its owner change its annotation to %s: %s",
			what, mark, compose.AnnotationOwner, offer)
	case p.Adoption == custody.AdoptionAdopt && mark == offer:
		return taking{adopted: true, differs: differs}
	case p.Adoption == custody.AdoptionAdopt:
		return refused(status.ReasonExistsNotOwned, "%s exists, and is not offered to this claim; have its owner set its annotation %s: %s, or choose another name",
			what, compose.AnnotationOwner, offer)
	case p.Adoption == custody.AdoptionIfIdentical && len(differs) == 0:
		return taking{adopted: true}
	case p.Adoption == custody.AdoptionIfIdentical:
		return refused(status.ReasonExistsNotOwned, "%s exists, and is not identical to what is desired; it differs in %s; change one of the two, or choose another name",
			what, custody.Fields(differs))
	default:
		return refused(status.ReasonExistsNotOwned,
			"%s exists, and Plumbline did not make it; remove it, choose another service or environment, or take it over: set spec.adoption to Adopt, and have its owner set its annotation %s: %s",
			what, compose.AnnotationOwner, offer)
	}
}

func refused(reason, format string, args ...any) taking {
	return taking{refusal: new(status.Failed(reason, fmt.Sprintf(format, args...), v1alpha1.FixerDeveloper))}
}

// subject is how a sentence calls a part.
func subject(part compose.Part) string {
	k := part.Resource.GetObjectKind().GroupVersionKind()
	return fmt.Sprintf("%s %q", k.Kind, part.Resource.GetName())
}

func kindOfPart(part compose.Part) kind {
	apiVersion, name := part.Resource.GetObjectKind().GroupVersionKind().ToAPIVersionAndKind()
	return kind{apiVersion: apiVersion, kind: name}
}
