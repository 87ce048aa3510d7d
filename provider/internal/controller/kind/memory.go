package kind

import (
	"context"
	"sync"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

// remembering is a connector whose external clients may observe from memory.
//
// Memory may say that all is well, and no more. Whatever else it says is looked at once
// again, so that nothing is ever told or done on its strength alone. It is not asked
// about a resource that is being deleted, nor about one whose parameters its object
// was never found to have: one that was just created or edited.
type remembering[T Managed] struct {
	next managed.TypedExternalConnector[T]
}

func (r remembering[T]) Connect(ctx context.Context, mg T) (managed.TypedExternalClient[T], error) {
	c, err := r.next.Connect(ctx, mg)
	if err != nil {
		return nil, err
	}
	return rememberingClient[T]{c}, nil
}

type rememberingClient[T Managed] struct{ managed.TypedExternalClient[T] }

func (c rememberingClient[T]) Observe(ctx context.Context, mg T) (managed.ExternalObservation, error) {
	k := mg.Custody()
	if meta.WasDeleted(mg) || k.Record.Agreed == "" || k.Record.Agreed != fingerprint(k.Parameters) {
		return c.TypedExternalClient.Observe(ctx, mg)
	}
	asking, memory := observe.Remembering(ctx)
	o, err := c.TypedExternalClient.Observe(asking, mg)
	if !memory.Used() || err == nil && o.ResourceExists && o.ResourceUpToDate {
		return o, err
	}
	v := visitOf(ctx)
	v.soon, v.differences, v.ledger = false, nil, nil
	return c.TypedExternalClient.Observe(ctx, mg)
}

// A waker has resources reconciled whose objects a sweep found changed.
type waker struct {
	mu    sync.Mutex
	queue workqueue.TypedRateLimitingInterface[reconcile.Request]
}

var _ observe.Waker = &waker{}

// Start takes the queue of a controller. It is a source of that controller's events.
func (w *waker) Start(_ context.Context, q workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = q
	return nil
}

// Wake has a resource reconciled, if the controller runs.
func (w *waker) Wake(name types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.queue != nil {
		w.queue.Add(reconcile.Request{NamespacedName: name})
	}
}
