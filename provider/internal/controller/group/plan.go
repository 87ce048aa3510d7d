package group

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
)

// A plan is what it takes to bring a group to what is desired.
type plan struct {
	rename        bool // Display name or description differ.
	addMembers    []string
	removeMembers []string
	addOwners     []string
	removeOwners  []string

	members    int      // Members the group has now.
	unresolved []string // Names that the directory does not know.
}

// none reports whether there is nothing to do.
func (p plan) none() bool {
	return !p.rename && len(p.addMembers)+len(p.removeMembers)+len(p.addOwners)+len(p.removeOwners) == 0
}

// warning names what could not be resolved; it is empty if all could.
func (p plan) warning() string {
	if len(p.unresolved) == 0 {
		return ""
	}
	return "Not found in the directory, or not unique: " + strings.Join(p.unresolved, ", ")
}

// String tells the plan to people who debug; it is empty if there is none.
func (p plan) String() string {
	if p.none() {
		return ""
	}
	return fmt.Sprintf("rename %t, members +%v -%v, owners +%v -%v", p.rename, p.addMembers, p.removeMembers, p.addOwners, p.removeOwners)
}

// plan compares a group with what is desired of it.
func (e *external) plan(ctx context.Context, cr *v1alpha1.Group, found graph.Group) (plan, error) {
	want := cr.Spec.ForProvider
	p := plan{rename: found.DisplayName != want.DisplayName || found.Description != e.description(cr)}

	members, err := e.svc.Related(ctx, found.ID, graph.Members)
	if err != nil {
		return plan{}, errors.Wrapf(err, "cannot list members of group %q", want.UniqueName)
	}
	p.members = len(members)
	wanted, err := e.resolve(ctx, want.Members, members, &p)
	if err != nil {
		return plan{}, err
	}
	p.addMembers = without(wanted, members)
	if want.MembershipPolicy != v1alpha1.MembershipAdditive {
		p.removeMembers = without(members, wanted)
	}
	if len(want.Owners) > 0 { // Without an opinion, whoever owns the group keeps it.
		err = e.planOwners(ctx, found.ID, want, &p)
	}
	slices.Sort(p.unresolved)
	p.unresolved = slices.Compact(p.unresolved)
	return p, err
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
	p.addOwners = without(wanted, owners)
	// A group that loses its last owner can be managed by administrators only.
	if want.MembershipPolicy != v1alpha1.MembershipAdditive && len(wanted) > 0 {
		p.removeOwners = without(owners, wanted)
	}
	return nil
}

// resolve returns the object ids of names, in order. What cannot be resolved is
// noted and does not hold up the rest. An id among those related needs no look-up.
func (e *external) resolve(ctx context.Context, names, related []string, p *plan) ([]string, error) {
	ids := make([]string, 0, len(names))
	for _, name := range names {
		if id := strings.ToLower(name); graph.IsObjectID(id) {
			if _, known := slices.BinarySearch(related, id); known {
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
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// apply carries out a plan: first what gives access, then what takes it.
func (e *external) apply(ctx context.Context, cr *v1alpha1.Group, id string, p plan) error {
	if p.rename {
		if err := e.svc.UpdateGroup(ctx, id, cr.Spec.ForProvider.DisplayName, e.description(cr)); err != nil {
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
