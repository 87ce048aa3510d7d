// Package index manages indices of Elasticsearch.
//
// An index is found by its name alone, which is the external name of its
// resource, so creating it twice makes one. What is observed: settings, mapping,
// aliases, owner marker, health. What may change: dynamic settings, additions to the
// mapping, and aliases. What may not: everything that Elasticsearch fixes when it creates an
// index. Such a change is refused and reported; an index is never deleted to be
// created anew, because its documents would go with it.
package index

import (
	"context"
	"slices"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/overlay"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// Setup adds the controller of kind Index to a manager.
func Setup(mgr ctrl.Manager, o controller.Options, c *connect.Elasticsearch) error {
	return of(c).Setup(mgr, o)
}

func of(c *connect.Elasticsearch) kind.Kind[*v1alpha1.Index] {
	return kind.Kind[*v1alpha1.Index]{
		Of:        v1alpha1.IndexGroupVersionKind,
		Object:    &v1alpha1.Index{},
		List:      &v1alpha1.IndexList{},
		Connector: &connector{c},
		Options: []managed.ReconcilerOption{
			managed.WithDeterministicExternalName(true),
			// Elasticsearch shows an index as soon as it acknowledges it.
			managed.WithCreationGracePeriod(0),
		},
	}
}

type connector struct{ elasticsearch *connect.Elasticsearch }

func (c *connector) Connect(ctx context.Context, cr *v1alpha1.Index) (managed.TypedExternalClient[*v1alpha1.Index], error) {
	conn, err := c.elasticsearch.Connect(ctx, cr)
	if err != nil {
		return nil, err
	}
	return External(conn), nil
}

// External returns the external client of the kind's resources.
func External(conn connect.Connection[*elasticsearch.Client]) managed.TypedExternalClient[*v1alpha1.Index] {
	return &external{svc: conn.Client, installation: conn.Installation, endpoint: conn.Endpoint}
}

// A service is what this controller needs of Elasticsearch, and no more.
type service interface {
	Index(ctx context.Context, name string) (elasticsearch.Index, error)
	Health(ctx context.Context, name string) (string, error)
	CreateIndex(ctx context.Context, name string, settings map[string]string, mappings map[string]any) error
	PutSettings(ctx context.Context, name string, settings map[string]string) error
	PutMapping(ctx context.Context, name string, mapping map[string]any) error
	ChangeAliases(ctx context.Context, name string, put map[string]map[string]any, remove []string) error
	DeleteIndex(ctx context.Context, name string) error
	Documents(ctx context.Context, name string) (int64, error)
}

var _ service = &elasticsearch.Client{}

type external struct {
	svc          service
	installation string
	endpoint     string
}

var _ managed.TypedExternalClient[*v1alpha1.Index] = &external{}

// Observe reads the index and its health.
func (e *external) Observe(ctx context.Context, cr *v1alpha1.Index) (managed.ExternalObservation, error) {
	got, mark, err := e.owned(ctx, cr)
	switch {
	case elasticsearch.IsNotFound(err):
		return managed.ExternalObservation{}, nil
	case meta.WasDeleted(cr) && owner.IsRefusal(err):
		// What carries our name is another's. Ours is gone, and the resource may go.
		return managed.ExternalObservation{}, nil
	case err != nil:
		return managed.ExternalObservation{}, err
	}
	cr.Status.AtProvider.Adopted = mark.State == owner.Adopted
	if meta.WasDeleted(cr) {
		return managed.ExternalObservation{ResourceExists: true}, nil
	}
	d, err := differ(cr, got, mark)
	if err != nil {
		return managed.ExternalObservation{}, err
	}
	if err := e.observeHealth(ctx, cr, got, mark); err != nil {
		return managed.ExternalObservation{}, err
	}
	d.Settle(cr.Status.AtProvider.Settled)
	kind.Differs(ctx, d.all())
	return managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: d.none(), Diff: d.String()}, nil
}

// observeHealth reports the index, and Ready once every primary shard is there.
func (e *external) observeHealth(ctx context.Context, cr *v1alpha1.Index, got elasticsearch.Index, mark owner.Mark) error {
	name := meta.GetExternalName(cr)
	health, err := e.svc.Health(ctx, name)
	if err != nil && !elasticsearch.IsUnsupported(err) {
		return errors.Wrapf(err, "cannot get health of index %q", name)
	}
	cr.Status.AtProvider = v1alpha1.IndexObservation{
		UUID: got.UUID, Health: health, Endpoint: e.endpoint, Owner: string(mark.Marker), Adopted: mark.State == owner.Adopted,
		Aliases: namedAliases(got.Aliases, cr.Spec.ForProvider.Aliases, cr.Status.AtProvider.Aliases),
		Settled: cr.Status.AtProvider.Settled,
	}
	blocked := overlay.Blocks(got.Settings, cr.Spec.ForProvider.Settings)
	switch {
	case health == "red":
		cr.SetConditions(xpv2.Unavailable().WithMessage("Elasticsearch reports health red: a primary shard is not allocated"))
		kind.Soon(ctx)
	case blocked != "":
		cr.SetConditions(xpv2.Unavailable().WithMessage(blocked))
		kind.Soon(ctx)
	default:
		cr.SetConditions(xpv2.Available())
	}
	return nil
}

// Create creates the index. One that is there already is looked at in the next
// observation.
func (e *external) Create(ctx context.Context, cr *v1alpha1.Index) (managed.ExternalCreation, error) {
	name := meta.GetExternalName(cr)
	want, err := desire(cr.Spec.ForProvider, owner.ClaimOf(e.installation, cr).Mark())
	if err != nil {
		return managed.ExternalCreation{}, err
	}
	if err := e.svc.CreateIndex(ctx, name, want.Settings, want.Mappings); err != nil && !elasticsearch.IsAlreadyExists(err) {
		return managed.ExternalCreation{}, elasticsearch.Explain(err, "cannot create index %q", name)
	}
	return managed.ExternalCreation{}, nil
}

// Update changes what can change, and reports what cannot.
func (e *external) Update(ctx context.Context, cr *v1alpha1.Index) (managed.ExternalUpdate, error) {
	name := meta.GetExternalName(cr)
	got, mark, err := e.owned(ctx, cr)
	if err != nil {
		return managed.ExternalUpdate{}, err
	}
	d, err := differ(cr, got, mark)
	if err != nil {
		return managed.ExternalUpdate{}, err
	}
	if len(d.Settings) > 0 {
		if err := e.svc.PutSettings(ctx, name, d.Settings); err != nil {
			return managed.ExternalUpdate{}, elasticsearch.Explain(err, "cannot change settings of index %q", name)
		}
	}
	if len(d.Mapping) > 0 {
		if err := e.svc.PutMapping(ctx, name, d.Mapping); err != nil {
			return managed.ExternalUpdate{}, elasticsearch.Explain(err, "cannot add to mapping of index %q", name)
		}
	}
	if !d.aliases.none() {
		if err := e.svc.ChangeAliases(ctx, name, d.aliases.put, d.aliases.remove); err != nil {
			return managed.ExternalUpdate{}, elasticsearch.Explain(err, "cannot change aliases of index %q", name)
		}
	}
	if fixed := slices.Concat(d.Fixed, d.Retyped); len(fixed) > 0 {
		return managed.ExternalUpdate{}, errors.Errorf("ImmutableIndex: of index %q, %s; set it back, or reindex into an index of another name",
			name, strings.Join(fixed, ", and "))
	}
	kind.Soon(ctx)
	return managed.ExternalUpdate{}, e.settle(ctx, cr)
}

// settle notes what Elasticsearch made of a change that it acknowledged, so that
// it is no drift.
func (e *external) settle(ctx context.Context, cr *v1alpha1.Index) error {
	got, mark, err := e.owned(ctx, cr)
	if err != nil {
		return err
	}
	d, err := differ(cr, got, mark)
	cr.Status.AtProvider.Settled = d.Fingerprints()
	return err
}

// Disconnect does nothing: the connection is shared.
func (e *external) Disconnect(context.Context) error { return nil }

// owned returns the index of a resource and the mark that it is to carry, or a
// refusal if what has its name is not ours. Every write asks it first.
func (e *external) owned(ctx context.Context, cr *v1alpha1.Index) (elasticsearch.Index, owner.Mark, error) {
	name := meta.GetExternalName(cr)
	got, err := e.svc.Index(ctx, name)
	if taken := (*elasticsearch.TakenError)(nil); errors.As(err, &taken) {
		return got, owner.Mark{}, owner.Refuse("%s; choose another name", taken)
	}
	if err != nil {
		return got, owner.Mark{}, errors.Wrapf(err, "cannot get index %q", name)
	}
	mark, err := owner.ClaimOf(e.installation, cr).Take(owner.Thing{
		Mark: overlay.MarkOf(got.Mappings), Name: "index \"" + name + "\"", Where: "set " + owner.Key + " in the _meta of its mapping to %q",
		Differs: func() ([]custody.Difference, error) {
			d, err := differ(cr, got, overlay.MarkOf(got.Mappings))
			return d.all(), err
		},
	})
	return got, mark, err
}

// desire returns what is desired of an index.
func desire(p v1alpha1.IndexParameters, mark owner.Mark) (overlay.Desired, error) {
	return overlay.Desire(overlay.Parameters{Shards: p.NumberOfShards, Replicas: p.NumberOfReplicas, Settings: p.Settings, Mappings: p.Mappings}, mark)
}
