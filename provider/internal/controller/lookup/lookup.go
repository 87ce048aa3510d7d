// Package lookup looks up whether hosts lead where they should, and whose their records
// are. It only ever asks: nothing outside of Kubernetes changes by it, so a Lookup has no
// external object, no finalizer and no provider config, and is no managed resource. Its
// conditions are those of one, for whoever reads both.
package lookup

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/dns"
)

// shortestBackoff is how soon a host that does not resolve yet is asked for again; then
// it is twice as long each time, up to the poll interval.
const shortestBackoff = 250 * time.Millisecond

// Setup adds the controller of Lookups to a manager. They do not keep the pace that managed
// resources share: a question costs next to nothing, and as many polls as there are hosts
// would have each change wait.
func Setup(mgr ctrl.Manager, o controller.Options) error {
	co := o.ForControllerRuntime()
	co.RateLimiter = workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](shortestBackoff, o.PollInterval)
	r := &Reconciler{kube: mgr.GetClient(), poll: o.PollInterval, resolver: resolverOf}
	return errors.Wrap(ctrl.NewControllerManagedBy(mgr).
		Named("lookup").
		WithOptions(co).
		WithEventFilter(resource.DesiredStateChanged()).
		For(&v1alpha1.Lookup{}).
		Complete(r), "cannot set up the controller of Lookups")
}

// resolverOf is the server that a Lookup names, or the resolver of the provider's pod.
func resolverOf(l *v1alpha1.Lookup) (resolver, error) {
	if l.Spec.Server != "" {
		return dns.At(l.Spec.Server), nil
	}
	return dns.System(dns.SystemFile)
}

// A Reconciler looks up hosts.
type Reconciler struct {
	kube     client.Client
	poll     time.Duration
	resolver func(*v1alpha1.Lookup) (resolver, error)
}

// Reconcile looks up one host, and writes down what is new. Nothing is remembered between
// calls, so a restart changes nothing.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	l := &v1alpha1.Lookup{}
	if err := r.kube.Get(ctx, req.NamespacedName, l); err != nil {
		return reconcile.Result{}, errors.Wrapf(client.IgnoreNotFound(err), "cannot get Lookup %q", req.Name)
	}
	if meta.WasDeleted(l) {
		return reconcile.Result{}, nil
	}
	before := l.DeepCopy()
	if meta.IsPaused(l) {
		l.Status.SetConditions(xpv2.ReconcilePaused().WithObservedGeneration(l.GetGeneration()))
		return reconcile.Result{}, r.write(ctx, before, l)
	}
	r.observe(ctx, l)
	if err := r.write(ctx, before, l); err != nil {
		return reconcile.Result{}, err
	}
	if ready := l.Status.GetCondition(xpv2.TypeReady); ready.Reason != xpv2.ReasonAvailable {
		return reconcile.Result{Requeue: true}, nil
	}
	return reconcile.Result{RequeueAfter: r.poll - r.poll/10 + rand.N(r.poll/5)}, nil //nolint:gosec // Lookups made at once need not be asked for at once.
}

// observe sets the status of a Lookup to what its server says now.
func (r *Reconciler) observe(ctx context.Context, l *v1alpha1.Lookup) {
	s, err := r.look(ctx, l)
	synced, ready := xpv2.ReconcileSuccess(), s.verdict(l.Spec)
	if err == nil {
		l.Status.Answers, l.Status.OwnerID = s.answers(), s.owner
	} else { // What was seen last stays, and says no more how it is now.
		synced, ready = xpv2.ReconcileError(err), condition(corev1.ConditionUnknown, v1alpha1.ReasonUnobserved, err.Error())
	}
	l.Status.SetConditions(synced.WithObservedGeneration(l.GetGeneration()), ready.WithObservedGeneration(l.GetGeneration()))
}

func (r *Reconciler) look(ctx context.Context, l *v1alpha1.Lookup) (sight, error) {
	from, err := r.resolver(l)
	if err != nil {
		return sight{}, err
	}
	return look(ctx, from, l.Spec)
}

// write writes the status of a Lookup if it changed. Nobody else writes it, so it does not
// matter who else wrote the rest meanwhile. One that is gone needs none.
func (r *Reconciler) write(ctx context.Context, before, l *v1alpha1.Lookup) error {
	if equality.Semantic.DeepEqual(before.Status, l.Status) {
		return nil
	}
	err := client.IgnoreNotFound(r.kube.Status().Patch(ctx, l, client.MergeFrom(before)))
	return errors.Wrapf(err, "cannot write the status of Lookup %q", l.GetName())
}
