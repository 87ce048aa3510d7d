package kind

import (
	"context"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// pacing is a reconciler that keeps the pace that all kinds share, but for polls. Those of
// a thousand environments are as many as the pace allows, so that each change would wait
// for all of them; and they cost next to nothing, as memory answers them.
type pacing struct {
	next   reconcile.Reconciler
	paced  reconcile.Reconciler // Next, at the pace of all.
	agenda *agenda
}

func (p pacing) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	if p.agenda.due(req) {
		return p.next.Reconcile(ctx, req)
	}
	return p.paced.Reconcile(ctx, req)
}

// An agenda knows when each resource is polled that was well the last time.
type agenda struct {
	now func() time.Time

	mu    sync.Mutex
	polls map[reconcile.Request]time.Time
}

func newAgenda(now func() time.Time) *agenda {
	return &agenda{now: now, polls: map[reconcile.Request]time.Time{}}
}

// due reports whether it is time to poll a resource. Who comes earlier has a reason.
func (a *agenda) due(req reconcile.Request) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, planned := a.polls[req]
	return planned && !a.now().Before(at)
}

// plan notes when a resource is polled after a visit. One that is not well comes back at
// the pace of all, and so does one that a backend had wait: it asks for itself.
func (a *agenda) plan(req reconcile.Request, v *visit, result reconcile.Result, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil || result.RequeueAfter == 0 || v.unobserved || v.wait > 0 || v.stale || v.soon {
		delete(a.polls, req)
		return
	}
	a.polls[req] = a.now().Add(result.RequeueAfter)
}
