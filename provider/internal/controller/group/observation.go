package group

import (
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// maxNamed bounds each list of names in the status.
const maxNamed = 50

// observation is what a plan tells of a group.
func (p *plan) observation(found graph.Group, mark owner.Mark) v1alpha1.GroupObservation {
	return v1alpha1.GroupObservation{
		ObjectID: found.ID, Members: int64(len(p.members)), Owner: string(mark.Marker), Adopted: mark.State == owner.Adopted,
		Unresolved: first(p.unresolved),
		Disabled:   p.membersThat(func(m graph.Principal) bool { return m.Disabled }),
		Guests:     p.membersThat(func(m graph.Principal) bool { return m.Guest }),
	}
}

// membersThat names the members that satisfy.
func (p *plan) membersThat(satisfy func(graph.Principal) bool) []string {
	var names []string
	for _, m := range p.members {
		if satisfy(m) {
			names = append(names, m.String())
		}
	}
	slices.Sort(names)
	return first(slices.Compact(names))
}

func first(names []string) []string { return names[:min(len(names), maxNamed)] }

// warning names who will not have what the group gives; it is empty if all will.
func (p *plan) warning() string {
	var words []string
	if len(p.unresolved) > 0 {
		words = append(words, "Not found in the directory, or not unique: "+strings.Join(first(p.unresolved), ", "))
	}
	disabled := p.membersThat(func(m graph.Principal) bool { return m.Disabled })
	if len(disabled) > 0 {
		words = append(words, "Members that may not sign in: "+strings.Join(disabled, ", "))
	}
	return strings.Join(words, ". ")
}
