// Package datastream manages data streams of Elasticsearch, each with the index
// template of the same name that makes its backing indices.
//
// Both are found by their name alone, which is the external name of the resource. The
// template goes first, as Elasticsearch makes a stream by the template that matches
// its name; deletion goes the other way. To be killed in between leaves nothing behind
// that the next reconcile does not find.
//
// When a stream rolls over is Elasticsearch's to decide. What changes reaches the
// template, and so the next backing index; dynamic settings and additions to the
// mapping reach all backing indices of today too. A setting that is fixed when an
// index is created has the stream rolled over, so that it holds for what is written
// from then on. A field that would change its type is refused before anything is
// written: the template would pass it on to the next index, and no search would then
// span the stream.
package datastream

import (
	"context"
	"fmt"
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

// Setup adds the controller of kind DataStream to a manager.
func Setup(mgr ctrl.Manager, o controller.Options, c *connect.Elasticsearch) error {
	return of(c).Setup(mgr, o)
}

func of(c *connect.Elasticsearch) kind.Kind[*v1alpha1.DataStream] {
	return kind.Kind[*v1alpha1.DataStream]{
		Of:        v1alpha1.DataStreamGroupVersionKind,
		Object:    &v1alpha1.DataStream{},
		List:      &v1alpha1.DataStreamList{},
		Connector: &connector{c},
		Options: []managed.ReconcilerOption{
			managed.WithDeterministicExternalName(true),
			// Elasticsearch shows a data stream as soon as it acknowledges it.
			managed.WithCreationGracePeriod(0),
		},
	}
}

type connector struct{ elasticsearch *connect.Elasticsearch }

func (c *connector) Connect(ctx context.Context, cr *v1alpha1.DataStream) (managed.TypedExternalClient[*v1alpha1.DataStream], error) {
	conn, err := c.elasticsearch.Connect(ctx, cr)
	if err != nil {
		return nil, err
	}
	return External(conn), nil
}

// External returns the external client of the kind's resources.
func External(conn connect.Connection[*elasticsearch.Client]) managed.TypedExternalClient[*v1alpha1.DataStream] {
	return &external{svc: conn.Client, installation: conn.Installation, endpoint: conn.Endpoint}
}

// A service is what this controller needs of Elasticsearch, and no more.
type service interface {
	streams
	templates
	indices
}

type streams interface {
	DataStream(ctx context.Context, name string) (elasticsearch.DataStream, error)
	CreateDataStream(ctx context.Context, name string) error
	DeleteDataStream(ctx context.Context, name string) error
	PutLifecycle(ctx context.Context, name string, l elasticsearch.Lifecycle) error
	DeleteLifecycle(ctx context.Context, name string) error
	Rollover(ctx context.Context, name string) error
}

type templates interface {
	Template(ctx context.Context, name string) (elasticsearch.Template, error)
	CreateTemplate(ctx context.Context, name string, t elasticsearch.Template) error
	PutTemplate(ctx context.Context, name string, t elasticsearch.Template) error
	DeleteTemplate(ctx context.Context, name string) error
	Rivals(ctx context.Context, name string, priority int64) ([]elasticsearch.Rival, error)
}

// Of these, PutSettings, PutMapping and Documents take the name of a stream for all its
// indices.
type indices interface {
	Index(ctx context.Context, name string) (elasticsearch.Index, error)
	BackingIndex(ctx context.Context, name string) (elasticsearch.Index, error)
	PutSettings(ctx context.Context, name string, settings map[string]string) error
	PutMapping(ctx context.Context, name string, mapping map[string]any) error
	Documents(ctx context.Context, name string) (int64, error)
}

var _ service = &elasticsearch.Client{}

type external struct {
	svc          service
	installation string
	endpoint     string
}

var _ managed.TypedExternalClient[*v1alpha1.DataStream] = &external{}

func (e *external) claim(cr *v1alpha1.DataStream) owner.Claim {
	return owner.ClaimOf(e.installation, cr)
}

// Observe reads the stream, its template and the index that is written to.
func (e *external) Observe(ctx context.Context, cr *v1alpha1.DataStream) (managed.ExternalObservation, error) {
	name := meta.GetExternalName(cr)
	if meta.WasDeleted(cr) {
		// What is another's under our name is none of ours, and the resource may go.
		f, err := e.look(ctx, name)
		f = f.ours(e.claim(cr).Mark())
		return managed.ExternalObservation{ResourceExists: f.stream != nil || f.template != nil}, err
	}
	got, err := e.owned(ctx, name, e.claim(cr))
	if err != nil || got.stream == nil {
		return managed.ExternalObservation{}, err
	}
	want, err := desire(name, cr.Spec.ForProvider, e.claim(cr).Mark())
	if err != nil {
		return managed.ExternalObservation{}, err
	}
	e.report(ctx, cr, got)
	if got.template != nil && got.stream.Template != name {
		if err := e.unrivalled(ctx, name, got.template.Priority); err != nil {
			return managed.ExternalObservation{}, err
		}
	}
	d := compare(got, want, kind.Ignores(cr))
	d.settle(cr.Status.AtProvider.Settled)
	kind.Differs(ctx, d.all())
	return managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: d.none(), Diff: d.String()}, nil
}

// report tells of the stream, and Ready once every primary shard is there and the index
// that is written to takes documents. An older one need not: lifecycles make those
// read-only.
func (e *external) report(ctx context.Context, cr *v1alpha1.DataStream, got found) {
	s := got.stream
	cr.Status.AtProvider = v1alpha1.DataStreamObservation{
		Generation: s.Generation, BackingIndices: int64(len(s.Indices)), WriteIndex: s.WriteIndex(), Health: s.Health, Template: s.Template,
		Lifecycle: v1alpha1.ObservedLifecycle{ManagedBy: s.ManagedBy, Policy: s.Policy},
		Endpoint:  e.endpoint, Owner: string(got.streamMark().Marker), Settled: cr.Status.AtProvider.Settled,
	}
	if s.Lifecycle != nil {
		cr.Status.AtProvider.Lifecycle.EffectiveRetention = s.Lifecycle.EffectiveRetention
	}
	blocked := overlay.Blocks(got.index.Settings, cr.Spec.ForProvider.Settings)
	switch {
	case s.Health == "red":
		cr.SetConditions(xpv2.Unavailable().WithMessage("Elasticsearch reports health red: a primary shard is not allocated"))
		kind.Soon(ctx)
	case blocked != "":
		cr.SetConditions(xpv2.Unavailable().WithMessage(blocked))
		kind.Soon(ctx)
	default:
		cr.SetConditions(xpv2.Available())
	}
}

// Create creates the template, and then the stream by it. What is there already is
// looked at in the next observation.
func (e *external) Create(ctx context.Context, cr *v1alpha1.DataStream) (managed.ExternalCreation, error) {
	name := meta.GetExternalName(cr)
	got, err := e.owned(ctx, name, e.claim(cr))
	if err != nil {
		return managed.ExternalCreation{}, err
	}
	want, err := desire(name, cr.Spec.ForProvider, e.claim(cr).Mark())
	if err != nil {
		return managed.ExternalCreation{}, err
	}
	if err := e.putTemplate(ctx, name, got, want.template); err != nil {
		return managed.ExternalCreation{}, err
	}
	if err := e.svc.CreateDataStream(ctx, name); err != nil && !elasticsearch.IsAlreadyExists(err) {
		return managed.ExternalCreation{}, errors.Wrapf(err, "cannot create data stream %q", name)
	}
	return managed.ExternalCreation{}, nil
}

// putTemplate replaces the template as a whole, with what others put into its _meta. Where
// there was none, one that another control plane made meanwhile is not replaced.
func (e *external) putTemplate(ctx context.Context, name string, got found, want elasticsearch.Template) error {
	if err := e.unrivalled(ctx, name, want.Priority); err != nil {
		return err
	}
	if got.template == nil {
		return elasticsearch.Explain(e.svc.CreateTemplate(ctx, name, want), "cannot create index template %q", name)
	}
	want.Meta, _ = overlay.Meta(got.template.Meta, want.Meta)
	return elasticsearch.Explain(e.svc.PutTemplate(ctx, name, want), "cannot put index template %q", name)
}

// Update changes what can change, or nothing if a field would change its type.
func (e *external) Update(ctx context.Context, cr *v1alpha1.DataStream) (managed.ExternalUpdate, error) {
	name := meta.GetExternalName(cr)
	got, err := e.owned(ctx, name, e.claim(cr))
	if err != nil || got.stream == nil {
		return managed.ExternalUpdate{}, err
	}
	want, err := desire(name, cr.Spec.ForProvider, e.claim(cr).Mark())
	if err != nil {
		return managed.ExternalUpdate{}, err
	}
	d := compare(got, want, kind.Ignores(cr))
	if len(d.Retyped) > 0 {
		return managed.ExternalUpdate{}, errors.Errorf("ImmutableMapping: of data stream %q, %s; set it back, or make a data stream of another name and reindex into it",
			name, strings.Join(d.Retyped, ", and "))
	}
	if err := e.apply(ctx, name, got, want, d); err != nil {
		return managed.ExternalUpdate{}, err
	}
	kind.Soon(ctx)
	return managed.ExternalUpdate{}, e.settle(ctx, cr, want)
}

// apply changes the indices of today first: a mapping that one of them refuses must
// not be in the template, from which a rollover takes it. The rollover comes last, when
// the template says what is wanted.
func (e *external) apply(ctx context.Context, name string, got found, want desired, d drift) error {
	if len(d.Mapping) > 0 {
		if err := e.svc.PutMapping(ctx, name, d.Mapping); err != nil {
			return elasticsearch.Explain(err, "cannot add to mapping of data stream %q", name)
		}
	}
	if len(d.Settings) > 0 {
		if err := e.svc.PutSettings(ctx, name, d.Settings); err != nil {
			return elasticsearch.Explain(err, "cannot change settings of data stream %q", name)
		}
	}
	if d.template {
		if err := e.putTemplate(ctx, name, got, want.template); err != nil {
			return err
		}
	}
	if d.lifecycle {
		if err := e.putLifecycle(ctx, name, want.template.Lifecycle); err != nil {
			return errors.Wrapf(err, "cannot change lifecycle of data stream %q", name)
		}
	}
	if len(d.Fixed) > 0 {
		return errors.Wrapf(e.svc.Rollover(ctx, name), "cannot roll over data stream %q", name)
	}
	return nil
}

func (e *external) putLifecycle(ctx context.Context, name string, l *elasticsearch.Lifecycle) error {
	if l == nil {
		return e.svc.DeleteLifecycle(ctx, name)
	}
	return e.svc.PutLifecycle(ctx, name, *l)
}

// settle notes what Elasticsearch made of a change that it acknowledged; see package
// index.
func (e *external) settle(ctx context.Context, cr *v1alpha1.DataStream, want desired) error {
	got, err := e.owned(ctx, meta.GetExternalName(cr), e.claim(cr))
	if err != nil || got.stream == nil {
		return err
	}
	d := compare(got, want, kind.Ignores(cr))
	cr.Status.AtProvider.Settled = d.fingerprints()
	return nil
}

// Delete deletes the stream with its documents, and then the template, as far as they
// are ours.
func (e *external) Delete(ctx context.Context, cr *v1alpha1.DataStream) (managed.ExternalDelete, error) {
	name := meta.GetExternalName(cr)
	f, err := e.look(ctx, name)
	if err != nil {
		return managed.ExternalDelete{}, err
	}
	f = f.ours(e.claim(cr).Mark())
	if f.stream != nil {
		if err := e.svc.DeleteDataStream(ctx, name); err != nil && !elasticsearch.IsNotFound(err) {
			return managed.ExternalDelete{}, errors.Wrapf(err, "cannot delete data stream %q", name)
		}
	}
	if f.template != nil {
		if err := e.svc.DeleteTemplate(ctx, name); err != nil && !elasticsearch.IsTemplateNotFound(err) {
			return managed.ExternalDelete{}, errors.Wrapf(err, "cannot delete index template %q", name)
		}
	}
	return managed.ExternalDelete{}, nil
}

// Data tells how many documents would go with the stream.
func (e *external) Data(ctx context.Context, cr *v1alpha1.DataStream) (string, error) {
	if d := cr.Spec.Deletion; d != nil && d.Data == custody.DataDelete {
		return "", nil
	}
	name := meta.GetExternalName(cr)
	f, err := e.look(ctx, name)
	if f = f.ours(e.claim(cr).Mark()); err != nil || f.stream == nil {
		return "", err
	}
	if f.stream.Health == "red" {
		return "documents that cannot be counted while the data stream is red", nil
	}
	n, err := e.svc.Documents(ctx, name)
	if err != nil || n == 0 {
		return "", errors.Wrapf(err, "cannot count the documents of data stream %q", name)
	}
	return fmt.Sprintf("%d documents", n), nil
}

// Disconnect does nothing: the connection is shared.
func (e *external) Disconnect(context.Context) error { return nil }
