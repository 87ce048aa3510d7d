// Package kind sets up the controller of a kind of managed resource. What is the
// same for all kinds is here, so that a kind's own package holds no more than
// how to observe, create, update and delete.
//
// It wraps the managed reconciler of crossplane-runtime: a wait that a backend
// asks for is kept (visit.go), polls keep nobody waiting (pace.go), a status is written
// only when it changed (client.go), an observation is made from memory where that may do
// (memory.go), an event is sent only when it is news (recorder.go), what others
// change is told from what is still to be done (drift.go, ledger.go), and no data
// is deleted unasked (guard.go), what is kept leaves a Tombstone (package tombstone),
// and what holds up the deletion of a claim is told on the claim (recorder.go).
//
// A kind does its part in these ways:
//   - Its spec embeds custody.Terms, its status custody.Record, and its method
//     Custody says where they are.
//   - Whatever finds its object asks owner.Claim.Take, and the mark that comes back
//     is part of what is desired. So every write is asked for, and what is taken
//     over is marked.
//   - Observe calls Differs with the fields that differ, and leaves out those that
//     Ignores tells, as Update does.
//   - Delete removes the mark of an object whose mark says that it was adopted.
//   - If its objects hold data, its spec has custody.DeletionTerms, and its external
//     client a method Data.
package kind

import (
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/event"
	"github.com/crossplane/crossplane-runtime/v2/pkg/feature"
	"github.com/crossplane/crossplane-runtime/v2/pkg/ratelimiter"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	"github.com/crossplane/crossplane-runtime/v2/pkg/statemetrics"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/provider/internal/claim"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
	"github.com/plumbline-dev/plumbline/provider/internal/tombstone"
)

const (
	// A failure is retried after 250 ms, then twice as long each time. Most are
	// over at once: a conflict, a deletion to confirm, a group on its way through
	// the directory.
	shortestBackoff = 250 * time.Millisecond
	longestBackoff  = time.Minute
)

// Managed is a managed resource whose external object is in custody.
type Managed interface {
	resource.ModernManaged
	custody.Keeper
}

// A Kind of managed resource.
type Kind[T Managed] struct {
	// Of is the kind.
	Of schema.GroupVersionKind
	// Object and List are empty values of the kind.
	Object T
	List   resource.ManagedList
	// Connector makes the external client of one resource.
	Connector managed.TypedExternalConnector[T]
	// Options of the reconciler beyond those of every kind.
	Options []managed.ReconcilerOption
}

// Setup adds the controller of the kind to a manager.
func (k Kind[T]) Setup(mgr ctrl.Manager, o controller.Options) error {
	name := managed.ControllerName(k.Of.GroupKind().String())
	if err := k.recordState(mgr, o); err != nil {
		return errors.Wrapf(err, "cannot record the state of kind %s", k.Of.Kind)
	}
	drifts := newDrifts(k.Of.Kind)
	if err := metrics.Registry.Register(drifts); err != nil {
		return errors.Wrapf(err, "cannot count the drift of kind %s", k.Of.Kind)
	}
	w, a := &waker{}, newAgenda(time.Now)
	r := k.reconciler(mgr, o, drifts, w, a)
	co := o.ForControllerRuntime()
	co.RateLimiter = workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](shortestBackoff, longestBackoff)
	return errors.Wrapf(ctrl.NewControllerManagedBy(mgr).
		Named(name).
		WithOptions(co).
		WithEventFilter(resource.DesiredStateChanged()).
		For(client.Object(k.Object)).
		WatchesRawSource(w).
		Complete(pacing{next: r, paced: ratelimiter.NewReconciler(name, r, o.GlobalRateLimiter), agenda: a}),
		"cannot set up the controller of kind %s", k.Of.Kind)
}

// Reconciler returns the reconciler of the kind alone, for whoever drives it
// without a manager that runs. What sweeps find changed wakes w.
func (k Kind[T]) Reconciler(mgr ctrl.Manager, o controller.Options, w observe.Waker) reconcile.Reconciler {
	return k.reconciler(mgr, o, newDrifts(k.Of.Kind), w, newAgenda(time.Now))
}

func (k Kind[T]) reconciler(mgr ctrl.Manager, o controller.Options, drifts *prometheus.CounterVec, w observe.Waker, a *agenda) reconcile.Reconciler {
	f := newFailures(time.Now)
	c := frugalClient{mgr.GetClient(), f, readyFor * o.PollInterval}
	return visiting{managed.NewReconciler(frugalManager{Manager: mgr, client: c}, resource.ManagedKind(k.Of),
		append(k.options(mgr, o, drifts, c), k.Options...)...), w, a}
}

func (k Kind[T]) options(mgr ctrl.Manager, o controller.Options, drifts *prometheus.CounterVec, frugal frugalClient) []managed.ReconcilerOption {
	name := managed.ControllerName(k.Of.GroupKind().String())
	events := event.NewAPIRecorder(mgr.GetEventRecorderFor(name))
	claims := claim.Teller{Reader: mgr.GetAPIReader(), Events: events}
	recorder := newsRecorder{next: events, kind: k.Of.Kind, claims: claims}
	policies := o.Features.Enabled(feature.EnableBetaManagementPolicies)
	log := o.Logger.WithValues("controller", name)
	connector := keeping[T]{
		next:   guarding[T]{next: k.Connector, kube: mgr.GetClient(), events: recorder, log: log},
		events: recorder, claims: claims, drifts: drifts, now: time.Now,
	}
	options := []managed.ReconcilerOption{
		managed.WithTypedExternalConnector(noting[T]{remembering[T]{connector}, frugal.failures}),
		managed.WithLogger(log),
		managed.WithRecorder(recorder),
		managed.WithPollInterval(o.PollInterval),
		managed.WithPollJitterHook(o.PollInterval / 10),
		managed.WithFinalizer(tombstone.Finalizer{
			Finalizer: announcing{Finalizer: resource.NewAPIFinalizer(frugal, managed.FinalizerName), policies: policies, now: time.Now},
			Kind:      k.Of, Policies: policies, Client: mgr.GetClient(), Claims: claims, Log: log,
		}),
	}
	if policies {
		options = append(options, managed.WithManagementPolicies())
	}
	if o.Features.Enabled(feature.EnableAlphaChangeLogs) {
		options = append(options, managed.WithChangeLogger(o.ChangeLogOptions.ChangeLogger))
	}
	if o.MetricOptions != nil {
		options = append(options, managed.WithMetricRecorder(o.MetricOptions.MRMetrics))
	}
	return options
}

// recordState has the number of ready and synced resources counted.
func (k Kind[T]) recordState(mgr ctrl.Manager, o controller.Options) error {
	if o.MetricOptions == nil || o.MetricOptions.MRStateMetrics == nil {
		return nil
	}
	return mgr.Add(statemetrics.NewMRStateRecorder(SharingClient{mgr.GetClient()}, o.Logger,
		o.MetricOptions.MRStateMetrics, k.List, o.MetricOptions.PollStateMetricInterval))
}
