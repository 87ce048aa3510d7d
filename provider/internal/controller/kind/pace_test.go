package kind

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/ratelimiter"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const poll = time.Minute

// newPace returns a reconciler that keeps a pace, of resources of which each visit ends
// as end says, and a count of visits.
func newPace(now func() time.Time, pace int, end func(context.Context) (reconcile.Result, error)) (pacing, map[string]int) {
	visits, a := map[string]int{}, newAgenda(now)
	r := visiting{reconcile.Func(func(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
		visits[req.Name]++
		return end(ctx)
	}), &waker{}, a}
	return pacing{next: r, paced: ratelimiter.NewReconciler("x", r, ratelimiter.NewGlobal(pace)), agenda: a}, visits
}

func named(n int) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Name: fmt.Sprint(n)}}
}

// TestPollsKeepNobodyWaiting has far more resources polled than may be reconciled in that
// time, and then one that is new.
func TestPollsKeepNobodyWaiting(t *testing.T) {
	const resources, pace = 1000, 10
	clock := time.Unix(0, 0)
	p, visits := newPace(func() time.Time { return clock }, pace, func(context.Context) (reconcile.Result, error) {
		return reconcile.Result{RequeueAfter: poll}, nil
	})
	for i := range resources {
		for visits[named(i).Name] == 0 { // That one is new has it wait.
			if _, err := p.Reconcile(t.Context(), named(i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.paced = ratelimiter.NewReconciler("x", p.next, ratelimiter.NewGlobal(pace)) // As when some time has passed.
	for range 3 {
		clock = clock.Add(poll)
		for i := range resources {
			if result, err := p.Reconcile(t.Context(), named(i)); err != nil || result.RequeueAfter != poll {
				t.Fatalf("\nA resource that was well is polled in time.\n%v, %v", result, err)
			}
		}
	}
	result, err := p.Reconcile(t.Context(), named(resources))
	if err != nil || result.RequeueAfter != poll || visits[named(resources).Name] != 1 {
		t.Errorf("\nOne that is new waits for none of them.\n%v, %v", result, err)
	}
}

// TestPace holds that nothing but a poll of what was well is free.
func TestPace(t *testing.T) {
	well := func(context.Context) (reconcile.Result, error) { return reconcile.Result{RequeueAfter: poll}, nil }
	cases := map[string]struct {
		reason string
		end    func(context.Context) (reconcile.Result, error)
		after  time.Duration
		free   bool
	}{
		"Poll":  {"A poll is.", well, poll, true},
		"Event": {"Who comes before the time has changed, or was found to have.", well, poll - 1, false},
		"Failed": {"What failed comes back at the pace of all.",
			func(context.Context) (reconcile.Result, error) { return reconcile.Result{}, errors.New("boom") }, poll, false},
		"Soon": {"So does what is on its way.", func(ctx context.Context) (reconcile.Result, error) {
			Soon(ctx)
			return reconcile.Result{RequeueAfter: poll}, nil
		}, poll, false},
		"Throttled": {"So does what a backend had wait: all of those come back together.", func(ctx context.Context) (reconcile.Result, error) {
			note(ctx, patient{poll})
			return reconcile.Result{RequeueAfter: poll}, nil
		}, poll, false},
		"Unobserved": {"So does what could not be looked at.", func(ctx context.Context) (reconcile.Result, error) {
			visitOf(ctx).unobserved = true
			return reconcile.Result{RequeueAfter: poll}, nil
		}, poll, false},
		"Gone": {"What is gone is forgotten.", func(context.Context) (reconcile.Result, error) { return reconcile.Result{}, nil }, poll, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			clock := time.Unix(0, 0)
			p, _ := newPace(func() time.Time { return clock }, 1, tc.end)
			_, _ = p.Reconcile(t.Context(), named(0)) // What it says is the business of TestVisiting.
			paced := false
			p.paced = reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) {
				paced = true
				return reconcile.Result{}, nil
			})
			clock = clock.Add(tc.after)
			_, _ = p.Reconcile(t.Context(), named(0))
			if diff := cmp.Diff(tc.free, !paced); diff != "" {
				t.Errorf("\n%s\nfree: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
