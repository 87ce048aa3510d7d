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

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/overlay"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// Setup adds the controller of kind Index to a manager.
func Setup(mgr ctrl.Manager, o controller.Options) error {
	return kind.Kind[*v1alpha1.Index]{
		Of:        v1alpha1.IndexGroupVersionKind,
		Object:    &v1alpha1.Index{},
		List:      &v1alpha1.IndexList{},
		Connector: &connector{connect.NewElasticsearch(mgr.GetClient())},
		Options: []managed.ReconcilerOption{
			managed.WithDeterministicExternalName(true),
			// Elasticsearch shows an index as soon as it acknowledges it.
			managed.WithCreationGracePeriod(0),
		},
	}.Setup(mgr, o)
}

type connector struct{ elasticsearch *connect.Elasticsearch }

func (c *connector) Connect(ctx context.Context, cr *v1alpha1.Index) (managed.TypedExternalClient[*v1alpha1.Index], error) {
	conn, err := c.elasticsearch.Connect(ctx, cr)
	if err != nil {
		return nil, err
	}
	return &external{svc: conn.Client, installation: conn.Installation, endpoint: conn.Endpoint}, nil
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
	got, err := e.owned(ctx, cr)
	switch {
	case elasticsearch.IsNotFound(err):
		return managed.ExternalObservation{}, nil
	case meta.WasDeleted(cr) && isForeign(err):
		// What carries our name is another's. Ours is gone, and the resource may go.
		return managed.ExternalObservation{}, nil
	case err != nil:
		return managed.ExternalObservation{}, err
	}
	if meta.WasDeleted(cr) {
		return managed.ExternalObservation{ResourceExists: true}, nil
	}
	want, err := desire(cr.Spec.ForProvider, owner.Of(e.installation, cr))
	if err != nil {
		return managed.ExternalObservation{}, err
	}
	if err := e.observeHealth(ctx, cr, got); err != nil {
		return managed.ExternalObservation{}, err
	}
	aliases, err := compareAliases(got.Aliases, cr.Spec.ForProvider.Aliases, cr.Status.AtProvider.Aliases)
	if err != nil {
		return managed.ExternalObservation{}, err
	}
	d := overlay.Compare(got, want)
	if !d.None() && aliases.none() && cr.Status.AtProvider.Settled == overlay.Fingerprint(got, want) {
		return managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: true}, nil
	}
	return managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: d.None() && aliases.none(), Diff: d.String() + aliases.String()}, nil
}

// observeHealth reports the index, and Ready once every primary shard is there.
func (e *external) observeHealth(ctx context.Context, cr *v1alpha1.Index, got elasticsearch.Index) error {
	name := meta.GetExternalName(cr)
	health, err := e.svc.Health(ctx, name)
	if err != nil && !elasticsearch.IsUnsupported(err) {
		return errors.Wrapf(err, "cannot get health of index %q", name)
	}
	cr.Status.AtProvider = v1alpha1.IndexObservation{
		UUID: got.UUID, Health: health, Endpoint: e.endpoint, Owner: string(overlay.MarkerOf(got.Mappings)),
		Aliases: namedAliases(got.Aliases, cr.Spec.ForProvider.Aliases, cr.Status.AtProvider.Aliases),
		Settled: cr.Status.AtProvider.Settled,
	}
	if health == "red" {
		cr.SetConditions(xpv2.Unavailable().WithMessage("Elasticsearch reports health red: a primary shard is not allocated"))
		kind.Soon(ctx)
		return nil
	}
	cr.SetConditions(xpv2.Available())
	return nil
}

// Create creates the index. One that is there already is looked at in the next
// observation.
func (e *external) Create(ctx context.Context, cr *v1alpha1.Index) (managed.ExternalCreation, error) {
	name := meta.GetExternalName(cr)
	want, err := desire(cr.Spec.ForProvider, owner.Of(e.installation, cr))
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
	got, err := e.owned(ctx, cr)
	if err != nil {
		return managed.ExternalUpdate{}, err
	}
	want, err := desire(cr.Spec.ForProvider, owner.Of(e.installation, cr))
	if err != nil {
		return managed.ExternalUpdate{}, err
	}
	d := overlay.Compare(got, want)
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
	if err := e.updateAliases(ctx, cr, got); err != nil {
		return managed.ExternalUpdate{}, err
	}
	if fixed := slices.Concat(d.Fixed, d.Retyped); len(fixed) > 0 {
		return managed.ExternalUpdate{}, errors.Errorf("ImmutableIndex: of index %q, %s; set it back, or reindex into an index of another name",
			name, strings.Join(fixed, ", and "))
	}
	kind.Soon(ctx)
	return managed.ExternalUpdate{}, e.settle(ctx, cr, want)
}

func (e *external) updateAliases(ctx context.Context, cr *v1alpha1.Index, got elasticsearch.Index) error {
	aliases, err := compareAliases(got.Aliases, cr.Spec.ForProvider.Aliases, cr.Status.AtProvider.Aliases)
	if err != nil || aliases.none() {
		return err
	}
	name := meta.GetExternalName(cr)
	return elasticsearch.Explain(e.svc.ChangeAliases(ctx, name, aliases.put, aliases.remove), "cannot change aliases of index %q", name)
}

// settle notes what Elasticsearch made of a change that it acknowledged: it leaves
// out parameters that state their default, and spells others in its own way. Told
// the same again it would do the same again, so that is no drift.
func (e *external) settle(ctx context.Context, cr *v1alpha1.Index, want overlay.Desired) error {
	got, err := e.owned(ctx, cr)
	if err != nil {
		return err
	}
	cr.Status.AtProvider.Settled = ""
	if d := overlay.Compare(got, want); !d.None() {
		cr.Status.AtProvider.Settled = overlay.Fingerprint(got, want)
	}
	return nil
}

// Delete deletes the index of exactly this name, if it is ours.
func (e *external) Delete(ctx context.Context, cr *v1alpha1.Index) (managed.ExternalDelete, error) {
	_, err := e.owned(ctx, cr)
	if elasticsearch.IsNotFound(err) || isForeign(err) {
		return managed.ExternalDelete{}, nil
	}
	if err != nil {
		return managed.ExternalDelete{}, err
	}
	name := meta.GetExternalName(cr)
	if err := e.svc.DeleteIndex(ctx, name); err != nil && !elasticsearch.IsNotFound(err) {
		return managed.ExternalDelete{}, errors.Wrapf(err, "cannot delete index %q", name)
	}
	return managed.ExternalDelete{}, nil
}

// Disconnect does nothing: the connection is shared.
func (e *external) Disconnect(context.Context) error { return nil }

// owned returns the index of a resource, or an owner.RefusalError if what has its
// name is not ours. Every write asks it first.
func (e *external) owned(ctx context.Context, cr *v1alpha1.Index) (elasticsearch.Index, error) {
	name := meta.GetExternalName(cr)
	got, err := e.svc.Index(ctx, name)
	if taken := (*elasticsearch.TakenError)(nil); errors.As(err, &taken) {
		return got, &foreign{errors.Errorf("ExistsNotOwned: %s; choose another name", taken)}
	}
	if err != nil {
		return got, errors.Wrapf(err, "cannot get index %q", name)
	}
	if err := owner.Check(overlay.MarkerOf(got.Mappings), owner.Of(e.installation, cr), "index \""+name+"\"",
		"set "+owner.Key+" in the _meta of its mapping to"); err != nil {
		return got, &foreign{err}
	}
	return got, nil
}

// desire returns what is desired of an index.
func desire(p v1alpha1.IndexParameters, marker owner.Marker) (overlay.Desired, error) {
	return overlay.Desire(overlay.Parameters{Shards: p.NumberOfShards, Replicas: p.NumberOfReplicas, Settings: p.Settings, Mappings: p.Mappings}, marker)
}

// A foreign error says that the index is not ours.
type foreign struct{ error }

func isForeign(err error) bool {
	var f *foreign
	return errors.As(err, &f)
}
