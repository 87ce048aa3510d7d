// Package group manages security groups of Entra ID.
//
// A group is found by its object id, which is the external name of its resource,
// and before that is recorded by its unique name, an alternate key that Graph
// keeps unique and never changes. So a provider that dies after it created a
// group, and before it recorded the object id, finds the group again.
//
// The directory is eventually consistent: for minutes after a group was created
// some of its servers do not know it. Not to be found is therefore no proof that
// a group does not exist (see missing.go).
package group

import (
	"context"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// Setup adds the controller of kind Group to a manager.
func Setup(mgr ctrl.Manager, o controller.Options, c *connect.Entra) error {
	return of(c).Setup(mgr, o)
}

func of(c *connect.Entra) kind.Kind[*v1alpha1.Group] {
	return kind.Kind[*v1alpha1.Group]{
		Of:        v1alpha1.GroupGroupVersionKind,
		Object:    &v1alpha1.Group{},
		List:      &v1alpha1.GroupList{},
		Connector: &connector{c},
		Options: []managed.ReconcilerOption{
			// The external name is the object id, which only Create and Observe know.
			managed.WithInitializers(),
			// An object id is not deterministic, but the unique name is what finds
			// the group: a creation whose result was not recorded can be repeated.
			managed.WithDeterministicExternalName(true),
			// This controller tells for itself a group that is not there from one
			// that is not there yet. The reconciler's own period would also hold up
			// the deletion of a resource that is younger.
			managed.WithCreationGracePeriod(0),
		},
	}
}

type connector struct{ entra *connect.Entra }

func (c *connector) Connect(ctx context.Context, cr *v1alpha1.Group) (managed.TypedExternalClient[*v1alpha1.Group], error) {
	conn, err := c.entra.Connect(ctx, cr)
	if err != nil {
		return nil, err
	}
	return External(conn), nil
}

// External returns the external client of the kind's resources.
func External(conn connect.Connection[*graph.Client]) managed.TypedExternalClient[*v1alpha1.Group] {
	return &external{svc: conn.Client, installation: conn.Installation, now: time.Now}
}

// A service is what this controller needs of Microsoft Graph, and no more.
type service interface { //nolint:interfacebloat // The calls that a group's life takes, each once.
	Group(ctx context.Context, id string) (graph.Group, error)
	GroupByUniqueName(ctx context.Context, name string) (graph.Group, error)
	GroupsByDisplayName(ctx context.Context, name string) ([]graph.Group, error)
	CreateGroup(ctx context.Context, g graph.Group) (id string, created bool, err error)
	UpdateGroup(ctx context.Context, id, displayName, description string) error
	DeleteGroup(ctx context.Context, id string) error
	DeletedGroup(ctx context.Context, id string) (graph.Group, error)
	DeletedGroups(ctx context.Context) ([]graph.Group, error)
	DeletedGroupsByDisplayName(ctx context.Context, name string) ([]graph.Group, error)
	RestoreGroup(ctx context.Context, id string) error
	Related(ctx context.Context, group string, r graph.Relation) ([]graph.Principal, error)
	Relate(ctx context.Context, group string, r graph.Relation, ids []string) (missing []string, err error)
	Unrelate(ctx context.Context, group string, r graph.Relation, ids []string) error
	Resolve(ctx context.Context, name string) (string, error)
}

var _ service = &graph.Client{}

type external struct {
	svc          service
	installation string
	now          func() time.Time
}

var _ managed.TypedExternalClient[*v1alpha1.Group] = &external{}

// Observe reads the group, its members and its owners.
func (e *external) Observe(ctx context.Context, cr *v1alpha1.Group) (managed.ExternalObservation, error) {
	found, mark, err := e.owned(ctx, cr)
	switch {
	case graph.IsNotFound(err):
		return e.observeMissing(ctx, cr)
	case meta.WasDeleted(cr) && owner.IsRefusal(err):
		// What carries our name is another's. Ours is gone, and the resource may go.
		return managed.ExternalObservation{}, nil
	case err != nil:
		return managed.ExternalObservation{}, err
	}
	recorded := e.record(cr, found)
	if meta.WasDeleted(cr) {
		return managed.ExternalObservation{ResourceExists: true}, nil
	}
	p, err := e.plan(ctx, cr, found, mark)
	if err != nil {
		return managed.ExternalObservation{}, err
	}
	cr.Status.AtProvider = p.observation(found, mark)
	setReady(cr, p)
	kind.Differs(ctx, p.differences)
	return managed.ExternalObservation{
		ResourceExists: true, ResourceUpToDate: p.none(), ResourceLateInitialized: recorded, Diff: p.String(),
	}, nil
}

// record notes the object id of a group that was found by its unique name, and
// that its creation is complete.
func (e *external) record(cr *v1alpha1.Group, found graph.Group) (changed bool) {
	if meta.GetExternalName(cr) == found.ID {
		return false
	}
	meta.SetExternalName(cr, found.ID)
	if meta.ExternalCreateIncomplete(cr) {
		meta.SetExternalCreateSucceeded(cr, e.now())
	}
	return true
}

// setReady reports Ready once all members and owners that the directory knows
// have what the group gives them. A later drift is put right in the same
// reconcile and does not change it; if it cannot be put right, Synced says so.
func setReady(cr *v1alpha1.Group, p plan) {
	ready := cr.GetCondition(xpv2.TypeReady)
	switch {
	case p.none():
		cr.SetConditions(xpv2.Available().WithMessage(p.warning()))
	case ready.Status != corev1.ConditionTrue:
		cr.SetConditions(xpv2.Creating().WithMessage("Members and owners are not all in place yet"))
	}
}

// Create takes the group out of the deleted items, if it is there, or creates it.
// Whoever has the unique name by then is looked at before it counts as ours.
func (e *external) Create(ctx context.Context, cr *v1alpha1.Group) (managed.ExternalCreation, error) {
	p := cr.Spec.ForProvider
	restored, err := e.restore(ctx, cr)
	if err != nil {
		return managed.ExternalCreation{}, errors.Wrapf(err, "cannot restore group %q", p.UniqueName)
	}
	if restored != "" {
		meta.SetExternalName(cr, restored)
		return managed.ExternalCreation{}, nil
	}
	id, created, err := e.svc.CreateGroup(ctx, graph.Group{
		UniqueName: p.UniqueName, DisplayName: p.DisplayName,
		Description: marked(p.Description, owner.ClaimOf(e.installation, cr).Mark()),
	})
	if err != nil {
		return managed.ExternalCreation{}, errors.Wrapf(err, "cannot create group %q", p.UniqueName)
	}
	if !created {
		found, _, err := e.owned(ctx, cr)
		if graph.IsNotFound(err) {
			err = errors.Errorf("NameTaken: Microsoft Graph keeps unique name %q for a group that it does not show: one that is new, and shows within minutes, "+
				"or one in the deleted items that is not of this resource; have an administrator restore or remove that one, or choose another name", p.UniqueName)
		}
		if err != nil {
			return managed.ExternalCreation{}, err
		}
		id = found.ID
	}
	meta.SetExternalName(cr, id)
	return managed.ExternalCreation{}, nil
}

// Update brings the group to what is desired. It adds before it removes, so that
// nobody who is to have access loses it meanwhile.
func (e *external) Update(ctx context.Context, cr *v1alpha1.Group) (managed.ExternalUpdate, error) {
	found, mark, err := e.owned(ctx, cr)
	if err != nil {
		return managed.ExternalUpdate{}, err
	}
	p, err := e.plan(ctx, cr, found, mark)
	if err != nil {
		return managed.ExternalUpdate{}, err
	}
	// The directory takes a moment to show what was written.
	kind.Soon(ctx)
	return managed.ExternalUpdate{}, errors.Wrapf(e.apply(ctx, found.ID, p), "cannot update group %q", cr.Spec.ForProvider.UniqueName)
}

// Disconnect does nothing: the connection is shared.
func (e *external) Disconnect(context.Context) error { return nil }

// owned returns the group of a resource and the mark that it is to carry, or a
// refusal if what has its name is not ours. Every write asks it first.
func (e *external) owned(ctx context.Context, cr *v1alpha1.Group) (graph.Group, owner.Mark, error) {
	found, err := e.find(ctx, cr)
	if err != nil {
		return found, owner.Mark{}, errors.Wrapf(err, "cannot get group %q", cr.Spec.ForProvider.UniqueName)
	}
	mark, err := e.take(ctx, cr, found)
	return found, mark, err
}

func (e *external) find(ctx context.Context, cr *v1alpha1.Group) (graph.Group, error) {
	if id := meta.GetExternalName(cr); id != "" {
		found, err := e.svc.Group(ctx, id)
		if !graph.IsNotFound(err) {
			return found, err
		}
	}
	return e.svc.GroupByUniqueName(ctx, cr.Spec.ForProvider.UniqueName)
}
