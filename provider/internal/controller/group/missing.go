package group

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// settlesWithin is how long a new group may stay unknown to some servers of the
// directory. Creations have been seen to take 11 minutes in an administrative
// unit and a minute or two otherwise; other tools wait for 10.
const settlesWithin = 10 * time.Minute

// observeMissing decides what it means that Graph does not find the group.
func (e *external) observeMissing(ctx context.Context, cr *v1alpha1.Group) (managed.ExternalObservation, error) {
	unsettled, err := e.unsettled(ctx, cr)
	if err != nil {
		return managed.ExternalObservation{}, err
	}
	if unsettled {
		// Found before and not found now is one server that lags: not a change
		// worth a condition.
		if cr.GetCondition(xpv2.TypeReady).Status != corev1.ConditionTrue {
			cr.SetConditions(xpv2.Creating().WithMessage("Waiting for Microsoft Graph to show the new group"))
		}
		kind.Soon(ctx)
		return managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: true}, nil
	}
	if meta.WasDeleted(cr) {
		return managed.ExternalObservation{}, nil
	}
	return e.observeNamesake(ctx, cr)
}

// unsettled reports whether the group was created a moment ago, or may have been,
// so that it may only not be known everywhere yet.
func (e *external) unsettled(ctx context.Context, cr *v1alpha1.Group) (bool, error) {
	id := meta.GetExternalName(cr)
	if id == "" {
		// Nothing tells whether the creation succeeded. Repeating it is safe, but
		// giving up a resource that is being deleted could leave a group behind.
		return meta.WasDeleted(cr) && meta.ExternalCreateIncomplete(cr) &&
			e.now().Sub(meta.GetExternalCreatePending(cr)) < settlesWithin, nil
	}
	if e.now().Sub(meta.GetExternalCreateSucceeded(cr)) >= settlesWithin {
		return false, nil
	}
	_, err := e.svc.DeletedGroup(ctx, id)
	if err == nil {
		return false, nil // It was known, and somebody deleted it.
	}
	if graph.IsNotFound(err) {
		return true, nil
	}
	return false, errors.Wrapf(err, "cannot look for group %q in the deleted items", cr.Spec.ForProvider.UniqueName)
}

// observeNamesake refuses to create a group whose display name another has: Graph
// would allow it, and people could not tell the two apart.
func (e *external) observeNamesake(ctx context.Context, cr *v1alpha1.Group) (managed.ExternalObservation, error) {
	p := cr.Spec.ForProvider
	namesakes, err := e.svc.GroupsByDisplayName(ctx, p.DisplayName)
	if err != nil {
		return managed.ExternalObservation{}, errors.Wrapf(err, "cannot look for groups with display name %q", p.DisplayName)
	}
	if i := slices.IndexFunc(namesakes, func(n graph.Group) bool { return n.UniqueName == p.UniqueName }); i >= 0 {
		// The list knows it before the look-up by unique name does.
		return e.observeListed(ctx, cr, namesakes[i])
	}
	if len(namesakes) == 0 {
		return managed.ExternalObservation{}, nil
	}
	// Always the same one, so that the message stays the same.
	n := slices.MinFunc(namesakes, func(a, b graph.Group) int { return strings.Compare(a.ID, b.ID) })
	mark, err := e.take(ctx, cr, n)
	if err != nil {
		return managed.ExternalObservation{}, err
	}
	if mark.State == owner.Adopted {
		// It was there before, so it has another unique name, or none: those who
		// adopt a group name it by its display name, or by its object id.
		return e.observeListed(ctx, cr, n)
	}
	return managed.ExternalObservation{}, errors.Errorf(
		"OwnedElsewhere: a group with display name %q and object id %s carries the marker of this resource, but has unique name %q; "+
			"delete that group, or name it in spec.forProvider.uniqueName of a new resource", n.DisplayName, n.ID, n.UniqueName)
}

// observeListed records a group that was found by its display name. The next
// observation finds it by its object id.
func (e *external) observeListed(ctx context.Context, cr *v1alpha1.Group, found graph.Group) (managed.ExternalObservation, error) {
	if _, err := e.take(ctx, cr, found); err != nil {
		return managed.ExternalObservation{}, err
	}
	kind.Soon(ctx)
	return managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: true, ResourceLateInitialized: e.record(cr, found)}, nil
}

// restore takes our group out of the deleted items and returns its object id, or
// "" if it is not there. The object id survives, and with it every role that is
// bound to the group.
//
// It is looked for by its object id, then by its display name, and at last among
// all: a control plane that lost its state has no object id, and whoever deleted
// the group may have renamed it before.
func (e *external) restore(ctx context.Context, cr *v1alpha1.Group) (string, error) {
	for _, look := range []func() ([]graph.Group, error){
		func() ([]graph.Group, error) { return e.deletedByID(ctx, meta.GetExternalName(cr)) },
		func() ([]graph.Group, error) {
			return e.svc.DeletedGroupsByDisplayName(ctx, cr.Spec.ForProvider.DisplayName)
		},
		func() ([]graph.Group, error) { return e.svc.DeletedGroups(ctx) },
	} {
		deleted, err := look()
		if err != nil {
			return "", err
		}
		if i := slices.IndexFunc(deleted, func(d graph.Group) bool { return e.wasOurs(cr, d) }); i >= 0 {
			return deleted[i].ID, e.svc.RestoreGroup(ctx, deleted[i].ID)
		}
	}
	return "", nil
}

func (e *external) deletedByID(ctx context.Context, id string) ([]graph.Group, error) {
	if id == "" {
		return nil, nil
	}
	d, err := e.svc.DeletedGroup(ctx, id)
	if graph.IsNotFound(err) {
		return nil, nil
	}
	return []graph.Group{d}, err
}

// wasOurs reports whether a deleted group belonged to a resource. One that was
// adopted may have had any unique name.
func (e *external) wasOurs(cr *v1alpha1.Group, d graph.Group) bool {
	mark := markOf(d.Description)
	if mark.Marker != owner.Of(e.installation, cr) {
		return false
	}
	return mark.State == owner.Adopted || mark.State == owner.Created && d.UniqueName == cr.Spec.ForProvider.UniqueName
}
