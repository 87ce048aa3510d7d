package config

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
)

// Crossplane's reconciler writes a configuration and its status whenever a usage comes
// or goes, changed or not, and each write is a reason to reconcile it again. A thousand
// claims that come at once bring thousands of usages.

// countEvery is how long usages gather before they are counted. Nothing waits for the
// number but people who read it, and the deletion of a configuration.
const countEvery = time.Second

// frugalManager hands its client to the reconciler.
type frugalManager struct{ ctrl.Manager }

func (m frugalManager) GetClient() client.Client {
	return frugalClient{kind.SharingClient{Client: m.Manager.GetClient()}}
}

// A frugalClient writes only what changes an object. It compares with the cache; one
// that is behind is followed by an event, and then by another look. Usages are
// only counted.
type frugalClient struct{ client.Client }

func (c frugalClient) Update(ctx context.Context, o client.Object, opts ...client.UpdateOption) error {
	if c.stored(ctx, o) {
		return nil
	}
	return c.Client.Update(ctx, o, opts...)
}

func (c frugalClient) Status() client.SubResourceWriter {
	return frugalWriter{c.Client.Status(), c}
}

type frugalWriter struct {
	client.SubResourceWriter

	c frugalClient
}

func (w frugalWriter) Update(ctx context.Context, o client.Object, opts ...client.SubResourceUpdateOption) error {
	if w.c.stored(ctx, o) {
		return nil
	}
	return w.SubResourceWriter.Update(ctx, o, opts...)
}

// stored reports whether an object is as it is stored.
func (c frugalClient) stored(ctx context.Context, o client.Object) bool {
	current, ok := o.DeepCopyObject().(client.Object)
	if !ok || c.Get(ctx, client.ObjectKeyFromObject(o), current) != nil {
		return false
	}
	current.GetObjectKind().SetGroupVersionKind(o.GetObjectKind().GroupVersionKind()) // A write drops it.
	return equality.Semantic.DeepEqual(current, o)
}

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// gathering hands requests on that come together as one.
type gathering struct{ handler.EventHandler }

func (g gathering) Create(ctx context.Context, e event.CreateEvent, q queue) {
	g.EventHandler.Create(ctx, e, later{q})
}

func (g gathering) Update(ctx context.Context, e event.UpdateEvent, q queue) {
	g.EventHandler.Update(ctx, e, later{q})
}

func (g gathering) Delete(ctx context.Context, e event.DeleteEvent, q queue) {
	g.EventHandler.Delete(ctx, e, later{q})
}

type later struct{ queue }

func (l later) Add(r reconcile.Request) { l.AddAfter(r, countEvery) }
