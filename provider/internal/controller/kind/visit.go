package kind

import (
	"context"
	"errors"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

// longestWait bounds a wait that a backend asks for.
const longestWait = 10 * time.Minute

// A visit is one reconcile of one resource. It travels in the context, because
// the managed reconciler has no other way for an external client to say when it
// wants to be called again.
type visit struct {
	loaded resource.Managed // As read from the API server.
	wait   time.Duration    // The backend asked for it.
	soon   bool             // Something was done, and shows soon.
	stale  bool             // What was loaded was not the latest.

	absent    bool // The object was observed, and is not there.
	announced bool // That it is being created is written, and will be asked for again.
	created   bool

	unobserved bool // The object could not be looked at.
	refused    bool // What has its name is not ours.

	differences []custody.Difference // From what is desired, as observed.
	ledger      *ledger              // To be written with the status.
}

// failing reports whether the visit before this one failed.
func (v *visit) failing() bool {
	return v.loaded != nil && v.loaded.GetCondition(xpv2.TypeSynced).Status == corev1.ConditionFalse
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// Soon asks for the resource to be reconciled again soon, and ever later while
// that goes on, instead of after the poll interval.
func Soon(ctx context.Context) { visitOf(ctx).soon = true }

// visiting is a reconciler that heeds what was noted during a visit.
type visiting struct {
	next   reconcile.Reconciler
	waker  observe.Waker
	agenda *agenda
}

func (r visiting) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	v := &visit{}
	ctx = observe.By(ctx, observe.Asker{Waker: r.waker, Name: req.NamespacedName})
	result, err := r.next.Reconcile(context.WithValue(ctx, visitKey{}, v), req)
	r.agenda.plan(req, v, result, err)
	switch {
	case err != nil:
		return result, err
	case v.wait > 0:
		return reconcile.Result{RequeueAfter: min(v.wait, longestWait)}, nil
	case v.stale, v.soon && v.failing():
		// Backoff starts anew: that something was done ends a row of failures, and
		// a cache that is behind is none.
		return reconcile.Result{RequeueAfter: shortestBackoff}, nil
	case v.soon:
		return reconcile.Result{Requeue: true}, nil
	}
	return result, nil
}

// noting is a connector whose external clients note how long the backend asked
// to be left alone, and whether the object could be looked at.
type noting[T resource.Managed] struct {
	next     managed.TypedExternalConnector[T]
	failures *failures
}

func (n noting[T]) Connect(ctx context.Context, mg T) (managed.TypedExternalClient[T], error) {
	c, err := n.next.Connect(ctx, mg)
	if err != nil {
		note(ctx, err)
		n.failures.observed(ctx, mg, err)
		return nil, err
	}
	return notingClient[T]{c, n.failures}, nil
}

type notingClient[T resource.Managed] struct {
	managed.TypedExternalClient[T]

	failures *failures
}

func (c notingClient[T]) Observe(ctx context.Context, mg T) (managed.ExternalObservation, error) {
	o, err := c.TypedExternalClient.Observe(ctx, mg)
	note(ctx, err)
	visitOf(ctx).absent = err == nil && !o.ResourceExists
	c.failures.observed(ctx, mg, err)
	return o, err
}

func (c notingClient[T]) Create(ctx context.Context, mg T) (managed.ExternalCreation, error) {
	o, err := c.TypedExternalClient.Create(ctx, mg)
	note(ctx, err)
	visitOf(ctx).soon, visitOf(ctx).created = err == nil, err == nil
	return o, err
}

func (c notingClient[T]) Update(ctx context.Context, mg T) (managed.ExternalUpdate, error) {
	o, err := c.TypedExternalClient.Update(ctx, mg)
	note(ctx, err)
	return o, err
}

func (c notingClient[T]) Delete(ctx context.Context, mg T) (managed.ExternalDelete, error) {
	o, err := c.TypedExternalClient.Delete(ctx, mg)
	note(ctx, err)
	visitOf(ctx).soon = err == nil
	return o, err
}

func note(ctx context.Context, err error) {
	var asked interface{ RetryAfter() time.Duration }
	if errors.As(err, &asked) {
		visitOf(ctx).wait = asked.RetryAfter()
	}
}
