// Package document manages what Elasticsearch keeps under a name and replaces as a
// whole: roles, role mappings, lifecycle policies. What such a kind has of its own
// is a Kind, which its package fills in.
//
// A document is found by its name, which is the external name of its resource, so
// creating it twice makes one. Every write looks first at whose it is: Elasticsearch
// replaces what is there without a question.
package document

import (
	"context"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// A Kind of document.
type Kind[T kind.Managed] struct {
	// Of is the kind of its resources; Object and List are empty values of it.
	Of     schema.GroupVersionKind
	Object T
	List   resource.ManagedList

	// Noun is what people call a document, for example role mapping.
	Noun string
	// Path is where Elasticsearch keeps them.
	Path string
	// Metadata leads, within a document, to the object that holds the marker.
	Metadata []string

	// Desire returns the document that a resource asks for, without the marker, or
	// all that is wrong with it. A null says that there must be none; what is not
	// there at all is Elasticsearch's to choose.
	Desire func(T) (elasticsearch.Document, error)
	// Status returns the part of a resource's status that all kinds have.
	Status func(T) *v1alpha1.DocumentObservation
	// Report notes in a resource's status what else a document tells. It may be nil.
	Report func(T, elasticsearch.Document)
	// Users names what uses a document, and keeps it from being deleted. Nil:
	// Elasticsearch deletes it whoever uses it.
	Users func(elasticsearch.Document) []string
}

// Setup adds the controller of the kind to a manager.
func (k Kind[T]) Setup(mgr ctrl.Manager, o controller.Options, c *connect.Elasticsearch) error {
	return kind.Kind[T]{
		Of:        k.Of,
		Object:    k.Object,
		List:      k.List,
		Connector: &connector[T]{k, c},
		Options: []managed.ReconcilerOption{
			managed.WithDeterministicExternalName(true),
			// Elasticsearch shows a document as soon as it acknowledges it.
			managed.WithCreationGracePeriod(0),
		},
	}.Setup(mgr, o)
}

type connector[T kind.Managed] struct {
	kind          Kind[T]
	elasticsearch *connect.Elasticsearch
}

func (c *connector[T]) Connect(ctx context.Context, cr T) (managed.TypedExternalClient[T], error) {
	conn, err := c.elasticsearch.Connect(ctx, cr)
	if err != nil {
		return nil, err
	}
	return c.kind.External(conn), nil
}

// External returns the external client of the kind's resources.
func (k Kind[T]) External(conn connect.Connection[*elasticsearch.Client]) managed.TypedExternalClient[T] {
	return &external[T]{kind: k, svc: conn.Client, installation: conn.Installation, endpoint: conn.Endpoint}
}

// A service is what this controller needs of Elasticsearch, and no more.
type service interface {
	Document(ctx context.Context, path, name string) (elasticsearch.Document, error)
	PutDocument(ctx context.Context, path, name string, d elasticsearch.Document) error
	DeleteDocument(ctx context.Context, path, name string) error
}

var _ service = &elasticsearch.Client{}

type external[T kind.Managed] struct {
	kind         Kind[T]
	svc          service
	installation string
	endpoint     string
}

// Observe reads the document.
func (e *external[T]) Observe(ctx context.Context, cr T) (managed.ExternalObservation, error) {
	got, mark, err := e.owned(ctx, cr)
	switch {
	case elasticsearch.IsMissing(err):
		return managed.ExternalObservation{}, nil
	case meta.WasDeleted(cr) && owner.IsRefusal(err):
		// What carries our name is another's. Ours is gone, and the resource may go.
		return managed.ExternalObservation{}, nil
	case err != nil:
		return managed.ExternalObservation{}, err
	}
	status := e.kind.Status(cr)
	status.Endpoint, status.Owner, status.Adopted = e.endpoint, string(mark.Marker), mark.State == owner.Adopted
	if meta.WasDeleted(cr) {
		return managed.ExternalObservation{ResourceExists: true}, nil
	}
	want, err := e.desire(cr, got, mark)
	if err != nil {
		return managed.ExternalObservation{}, err
	}
	if e.kind.Report != nil {
		e.kind.Report(cr, got)
	}
	cr.SetConditions(xpv2.Available())
	differences := e.compare(got, want)
	if len(differences) > 0 && status.Settled == Fingerprint(got, want) {
		differences = nil
	}
	kind.Differs(ctx, differences)
	return managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: len(differences) == 0, Diff: custody.Fields(differences)}, nil
}

// Create creates the document, if nobody else has one of its name by now.
func (e *external[T]) Create(ctx context.Context, cr T) (managed.ExternalCreation, error) {
	got, mark, err := e.owned(ctx, cr)
	if elasticsearch.IsMissing(err) {
		mark, err = owner.ClaimOf(e.installation, cr).Mark(), nil
	}
	if err != nil {
		return managed.ExternalCreation{}, err
	}
	return managed.ExternalCreation{}, e.put(ctx, cr, got, mark)
}

// Update replaces the document.
func (e *external[T]) Update(ctx context.Context, cr T) (managed.ExternalUpdate, error) {
	got, mark, err := e.owned(ctx, cr)
	if err != nil {
		return managed.ExternalUpdate{}, err
	}
	kind.Soon(ctx)
	return managed.ExternalUpdate{}, e.put(ctx, cr, got, mark)
}

// put writes the document, and notes what Elasticsearch made of it: told the same
// again it would do the same again, so that is no drift.
func (e *external[T]) put(ctx context.Context, cr T, old elasticsearch.Document, mark owner.Mark) error {
	want, err := e.desire(cr, old, mark)
	if err != nil {
		return err
	}
	name := meta.GetExternalName(cr)
	if err := e.svc.PutDocument(ctx, e.kind.Path, name, WithoutNulls(want)); err != nil {
		return errors.Wrapf(err, "cannot write %s %q", e.kind.Noun, name)
	}
	got, _, err := e.owned(ctx, cr)
	if err != nil {
		return err
	}
	e.kind.Status(cr).Settled = ""
	if len(e.compare(got, want)) > 0 {
		e.kind.Status(cr).Settled = Fingerprint(got, want)
	}
	return nil
}

// Delete deletes the document, if it is ours and nothing needs it. One that was
// adopted is left behind without our mark.
func (e *external[T]) Delete(ctx context.Context, cr T) (managed.ExternalDelete, error) {
	got, mark, err := e.owned(ctx, cr)
	if elasticsearch.IsMissing(err) || owner.IsRefusal(err) {
		return managed.ExternalDelete{}, nil
	}
	if err != nil {
		return managed.ExternalDelete{}, err
	}
	name := meta.GetExternalName(cr)
	if mark.State == owner.Adopted {
		return managed.ExternalDelete{}, errors.Wrapf(e.release(ctx, name, got), "cannot release %s %q", e.kind.Noun, name)
	}
	if e.kind.Users != nil {
		if users := e.kind.Users(got); len(users) > 0 {
			return managed.ExternalDelete{}, errors.Errorf("InUse: %s %q is used by %s; it goes once nothing uses it",
				e.kind.Noun, name, strings.Join(users, ", "))
		}
	}
	if err := e.svc.DeleteDocument(ctx, e.kind.Path, name); err != nil && !elasticsearch.IsMissing(err) {
		return managed.ExternalDelete{}, errors.Wrapf(err, "cannot delete %s %q", e.kind.Noun, name)
	}
	return managed.ExternalDelete{}, nil
}

// release takes our mark off a document, and leaves the rest of it.
func (e *external[T]) release(ctx context.Context, name string, got elasticsearch.Document) error {
	delete(e.metadataOf(got), owner.Key)
	if wrapped := len(e.kind.Metadata) > 1; wrapped { // Beside it stands what Elasticsearch tells and does not take back.
		got = elasticsearch.Document{e.kind.Metadata[0]: got[e.kind.Metadata[0]]}
	}
	return e.svc.PutDocument(ctx, e.kind.Path, name, got)
}

// Disconnect does nothing: the connection is shared.
func (e *external[T]) Disconnect(context.Context) error { return nil }
