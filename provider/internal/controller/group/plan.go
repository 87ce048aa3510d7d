package group

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// A plan is what it takes to bring a group to what is desired.
type plan struct {
	rename        *graph.Group // Display name or description to have, if they differ.
	addMembers    []string
	removeMembers []string
	addOwners     []string
	removeOwners  []string

	members     []graph.Principal // Members the group has now.
	unresolved  []string          // Names that the directory does not know.
	names       map[string]string // Names that people know, by object id.
	differences []custody.Difference
}

// none reports whether there is nothing to do.
func (p *plan) none() bool {
	return p.rename == nil && len(p.addMembers)+len(p.removeMembers)+len(p.addOwners)+len(p.removeOwners) == 0
}

// String tells the plan to people who debug; it is empty if there is none.
func (p *plan) String() string {
	if p.none() {
		return ""
	}
	return fmt.Sprintf("rename %t, members +%v -%v, owners +%v -%v", p.rename != nil, p.addMembers, p.removeMembers, p.addOwners, p.removeOwners)
}

// plan compares a group with what is desired of it.
func (e *external) plan(ctx context.Context, cr *v1alpha1.Group, found graph.Group, mark owner.Mark) (plan, error) {
	want, ignores := cr.Spec.ForProvider, kind.Ignores(cr)
	p := plan{names: map[string]string{}}
	p.planNames(want, ignores, found, mark)
	members, err := e.svc.Related(ctx, found.ID, graph.Members)
	if err != nil {
		return plan{}, errors.Wrapf(err, "cannot list members of group %q", want.UniqueName)
	}
	p.members = members
	wanted, err := e.resolve(ctx, want.Members, members, &p)
	if err != nil {
		return plan{}, err
	}
	if !ignores("members") {
		p.addMembers, p.removeMembers = p.differ("members", members, wanted, want.MembershipPolicy)
	}
	if len(want.Owners) > 0 && !ignores("owners") { // Without an opinion, whoever owns the group keeps it.
		err = e.planOwners(ctx, found.ID, want, &p)
	}
	slices.Sort(p.unresolved)
	p.unresolved = slices.Compact(p.unresolved)
	return p, err
}

// planNames compares display name and description. The mark is written whatever
// is ignored.
func (p *plan) planNames(g v1alpha1.GroupParameters, ignores func(string) bool, found graph.Group, mark owner.Mark) {
	has := graph.Group{DisplayName: found.DisplayName, Description: unmarked(found.Description)}
	want := graph.Group{DisplayName: g.DisplayName, Description: g.Description}
	if ignores("displayName") {
		want.DisplayName = has.DisplayName
	}
	if ignores("description") {
		want.Description = has.Description
	}
	if has.DisplayName != want.DisplayName {
		p.differences = append(p.differences, custody.Difference{Field: "displayName", Found: has.DisplayName, Desired: want.DisplayName})
	}
	if has.Description != want.Description {
		p.differences = append(p.differences, custody.Difference{Field: "description", Found: has.Description, Desired: want.Description})
	}
	want.Description = marked(want.Description, mark)
	if has.DisplayName != want.DisplayName || found.Description != want.Description {
		p.rename = &want
	}
}

func (e *external) planOwners(ctx context.Context, id string, want v1alpha1.GroupParameters, p *plan) error {
	owners, err := e.svc.Related(ctx, id, graph.Owners)
	if err != nil {
		return errors.Wrapf(err, "cannot list owners of group %q", want.UniqueName)
	}
	wanted, err := e.resolve(ctx, want.Owners, owners, p)
	if err != nil {
		return err
	}
	policy := want.MembershipPolicy
	if len(wanted) == 0 { // A group that loses its last owner can be managed by administrators only.
		policy = v1alpha1.MembershipAdditive
	}
	p.addOwners, p.removeOwners = p.differ("owners", owners, wanted, policy)
	return nil
}

// differ compares a relation with what is desired of it. Who was added or is
// missing is told by name, where the directory gives one.
func (p *plan) differ(field string, has []graph.Principal, wanted []string, policy v1alpha1.MembershipPolicy) (add, remove []string) {
	ids := make([]string, 0, len(has))
	for _, h := range has {
		ids, p.names[h.ID] = append(ids, h.ID), h.String()
	}
	add = without(wanted, ids)
	if policy != v1alpha1.MembershipAdditive {
		remove = without(ids, wanted)
	}
	if len(add) > 0 {
		p.differences = append(p.differences, custody.Difference{Field: field, Found: "without " + p.named(add), Desired: "with"})
	}
	if len(remove) > 0 {
		p.differences = append(p.differences, custody.Difference{Field: field, Found: "with " + p.named(remove), Desired: "without"})
	}
	return add, remove
}

// named tells ids by the names that people know, in order.
func (p *plan) named(ids []string) string {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		names = append(names, p.names[id])
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// resolve returns the object ids of names, in order. What cannot be resolved is
// noted and does not hold up the rest. An id among those related needs no look-up.
func (e *external) resolve(ctx context.Context, names []string, related []graph.Principal, p *plan) ([]string, error) {
	ids := make([]string, 0, len(names))
	for _, name := range names {
		if id := strings.ToLower(name); graph.IsObjectID(id) {
			if _, known := slices.BinarySearchFunc(related, id, graph.Principal.Compare); known {
				ids = append(ids, id)
				continue
			}
		}
		id, err := e.svc.Resolve(ctx, name)
		if err != nil {
			return nil, errors.Wrapf(err, "cannot look up %q in the directory", name)
		}
		if id == "" {
			p.unresolved = append(p.unresolved, name)
			continue
		}
		ids, p.names[id] = append(ids, id), name
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// apply carries out a plan: first what gives access, then what takes it.
func (e *external) apply(ctx context.Context, id string, p plan) error {
	if p.rename != nil {
		if err := e.svc.UpdateGroup(ctx, id, p.rename.DisplayName, p.rename.Description); err != nil {
			return err
		}
	}
	if _, err := e.svc.Relate(ctx, id, graph.Owners, p.addOwners); err != nil {
		return errors.Wrap(err, "cannot add owners")
	}
	if _, err := e.svc.Relate(ctx, id, graph.Members, p.addMembers); err != nil {
		return errors.Wrap(err, "cannot add members")
	}
	if err := e.svc.Unrelate(ctx, id, graph.Members, p.removeMembers); err != nil {
		return errors.Wrap(err, "cannot remove members")
	}
	return errors.Wrap(e.svc.Unrelate(ctx, id, graph.Owners, p.removeOwners), "cannot remove owners")
}

// without returns the elements of a that are not in b, both being in order.
func without(a, b []string) []string {
	var out []string
	for _, x := range a {
		if _, found := slices.BinarySearch(b, x); !found {
			out = append(out, x)
		}
	}
	return out
}
