package tombstone

import (
	"context"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/event"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
)

const (
	// lookAgain is how often an object that is on its way is looked after.
	lookAgain = 2 * time.Second
	// occupied is how long to leave alone a name that a living resource has. Its own
	// controller removes the Tombstone if it picks the object up.
	occupied = 5 * time.Minute
)

// Setup adds the controller of Tombstones to a manager. It deletes objects of the
// kinds alone that are named.
func Setup(kinds []schema.GroupVersionKind) func(ctrl.Manager, controller.Options) error {
	return func(mgr ctrl.Manager, o controller.Options) error {
		r := &Reconciler{
			kube: mgr.GetClient(), fresh: mgr.GetAPIReader(), kinds: kinds, now: time.Now,
			events: event.NewAPIRecorder(mgr.GetEventRecorderFor("tombstone")),
		}
		return errors.Wrap(ctrl.NewControllerManagedBy(mgr).
			Named("tombstone").
			WithOptions(o.ForControllerRuntime()).
			For(&v1alpha1.Tombstone{}).
			Complete(r), "cannot set up the controller of Tombstones")
	}
}

// A Reconciler ends what is kept when its time is over.
type Reconciler struct {
	kube   client.Client
	fresh  client.Reader // Uncached.
	kinds  []schema.GroupVersionKind
	now    func() time.Time
	events event.Recorder
}

// Reconcile waits until the time of a Tombstone is over, and then has its object
// deleted. Nothing is remembered between calls, so a restart changes nothing.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	t := &v1alpha1.Tombstone{}
	if err := r.kube.Get(ctx, req.NamespacedName, t); err != nil {
		return reconcile.Result{}, errors.Wrapf(client.IgnoreNotFound(err), "cannot get Tombstone %q", req.Name)
	}
	if left, ends := r.left(t); !ends || left > 0 {
		return reconcile.Result{RequeueAfter: left}, nil
	}
	// The cache may not know yet that it was removed, or given more time.
	if err := r.fresh.Get(ctx, req.NamespacedName, t); err != nil {
		return reconcile.Result{}, errors.Wrapf(client.IgnoreNotFound(err), "cannot get Tombstone %q", req.Name)
	}
	if left, ends := r.left(t); !ends || left > 0 {
		return reconcile.Result{RequeueAfter: left}, nil
	}
	return r.end(ctx, t)
}

// left returns how much time a Tombstone has, and whether it ends at all.
func (r *Reconciler) left(t *v1alpha1.Tombstone) (time.Duration, bool) {
	if t.Spec.Until == nil || !t.GetDeletionTimestamp().IsZero() {
		return 0, false
	}
	return t.Spec.Until.Sub(r.now()), true
}

// end makes the resource that deletes the object, and deletes it. The controller of
// its kind does the rest, and removes the Tombstone when the object is gone.
func (r *Reconciler) end(ctx context.Context, t *v1alpha1.Tombstone) (reconcile.Result, error) {
	mr, err := executor(t, r.kinds)
	if err != nil {
		// Only a change of the Tombstone helps, and that brings us back.
		r.events.Event(t, event.Warning("Unreadable", err))
		return reconcile.Result{}, nil
	}
	if err := r.kube.Create(ctx, mr); kerrors.IsAlreadyExists(err) {
		if err := r.fresh.Get(ctx, client.ObjectKeyFromObject(mr), mr); err != nil {
			return reconcile.Result{}, errors.Wrapf(err, "cannot get %s %q", mr.GetKind(), mr.GetName())
		}
	} else if err != nil {
		return reconcile.Result{}, errors.Wrapf(err, "cannot create %s %q", mr.GetKind(), mr.GetName())
	}
	if !metav1.IsControlledBy(mr, t) {
		return reconcile.Result{RequeueAfter: occupied}, nil
	}
	if mr.GetDeletionTimestamp().IsZero() {
		if err := client.IgnoreNotFound(r.kube.Delete(ctx, mr, client.Preconditions{UID: new(mr.GetUID())})); err != nil {
			return reconcile.Result{}, errors.Wrapf(err, "cannot delete %s %q", mr.GetKind(), mr.GetName())
		}
	}
	return reconcile.Result{RequeueAfter: lookAgain}, nil
}
