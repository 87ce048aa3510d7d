package tombstone

import (
	"context"
	"fmt"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/event"
	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/claim"
)

// Reasons of events on claims.
const (
	reasonKept     event.Reason = "Kept"
	reasonPickedUp event.Reason = "PickedUp"
	reasonReplaced event.Reason = "Replaced"
	reasonReleased event.Reason = "Released"
	reasonExpired  event.Reason = "Expired"
)

// A Finalizer keeps the Tombstones of one kind. The managed reconciler calls it
// after each observation of a resource that lives, and as the last thing it does for
// one that goes; what fails here is tried again before the resource is gone.
type Finalizer struct {
	resource.Finalizer

	// Kind of the resources.
	Kind schema.GroupVersionKind
	// Policies says whether management policies are heeded.
	Policies bool
	// Client reads Tombstones from the cache.
	Client client.Client
	// Claims are told.
	Claims claim.Teller
	Log    logging.Logger
}

// AddFinalizer removes the Tombstone of an object that was picked up.
func (f Finalizer) AddFinalizer(ctx context.Context, o resource.Object) error {
	if err := f.Finalizer.AddFinalizer(ctx, o); err != nil {
		return err
	}
	mg, ok := o.(Managed)
	if !ok || mg.Custody().Object.Owner == "" {
		return nil
	}
	t, found, err := f.find(ctx, mg)
	if !found || metav1.IsControlledBy(mg, t) {
		return err
	}
	if removed, err := f.remove(ctx, t); err != nil || !removed {
		return err
	}
	was, is := t.Spec.Object, mg.Custody().Object
	if was.ID != is.ID {
		f.Claims.Tell(ctx, mg, event.Warning(reasonReplaced, errors.Errorf("%s %s was kept and is gone; the one of its name is new", was.Kind, was.Name)))
		return nil
	}
	f.Claims.Tell(ctx, mg, event.Normal(reasonPickedUp, fmt.Sprintf("%s %s, kept since %s, is in use again", was.Kind, was.Name, inWords(t.Spec.Since))))
	return nil
}

// RemoveFinalizer leaves a Tombstone for an object that is kept, and removes that of
// an object that is gone.
func (f Finalizer) RemoveFinalizer(ctx context.Context, o resource.Object) error {
	if mg, ok := o.(Managed); ok && meta.FinalizerExists(o, managed.FinalizerName) {
		end := f.forget
		if !managed.NewManagementPoliciesResolver(f.Policies, mg.GetManagementPolicies()).ShouldDelete() {
			end = f.leave
		}
		if err := end(ctx, mg); err != nil {
			return err
		}
	}
	return f.Finalizer.RemoveFinalizer(ctx, o)
}

// leave writes the Tombstone of an object that is kept. Nothing is kept of a resource
// that never had its object.
func (f Finalizer) leave(ctx context.Context, mg Managed) error {
	if mg.Custody().Object.Owner == "" && meta.GetExternalCreateSucceeded(mg).IsZero() {
		return nil
	}
	t, err := of(mg, f.Kind)
	if err != nil {
		return err
	}
	err = f.Client.Create(ctx, t)
	if kerrors.IsAlreadyExists(err) {
		return f.renew(ctx, mg, t)
	}
	if kerrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		// Nothing can be written there any more, and the resource must not hold it up.
		f.Log.Info("Left behind without a Tombstone", "namespace", mg.GetNamespace(), "name", mg.GetName(), "kind", f.Kind.Kind)
		return nil
	}
	if err != nil {
		return errors.Wrapf(err, "cannot write Tombstone %q", t.GetName())
	}
	f.Claims.Tell(ctx, mg, event.Normal(reasonKept, t.Message()))
	return nil
}

// renew brings an older Tombstone of the same name up to date. One of this very
// deletion is left as it is: somebody may have set spec.until.
func (f Finalizer) renew(ctx context.Context, mg Managed, t *v1alpha1.Tombstone) error {
	old := &v1alpha1.Tombstone{}
	if err := f.Client.Get(ctx, client.ObjectKeyFromObject(t), old); err != nil {
		return errors.Wrapf(err, "cannot get Tombstone %q", t.GetName())
	}
	if old.Spec.Since.Equal(&t.Spec.Since) {
		return nil
	}
	old.Spec = t.Spec
	if err := f.Client.Update(ctx, old); err != nil {
		return errors.Wrapf(err, "cannot update Tombstone %q", t.GetName())
	}
	f.Claims.Tell(ctx, mg, event.Normal(reasonKept, t.Message()))
	return nil
}

// forget removes the Tombstone of an object that was deleted, and tells of one that
// was adopted and thus stays.
func (f Finalizer) forget(ctx context.Context, mg Managed) error {
	if c := mg.Custody(); c.Object.Adopted {
		f.Claims.Tell(ctx, mg, event.Normal(reasonReleased, fmt.Sprintf(
			"%s %s was there before and stays, without an owner marker: it is nobody's now", f.Kind.Kind, ObjectName(mg))))
	}
	t, found, err := f.find(ctx, mg)
	if !found {
		return err
	}
	removed, err := f.remove(ctx, t)
	if removed && metav1.IsControlledBy(mg, t) {
		f.Claims.Events.Event(t, event.Normal(reasonExpired, fmt.Sprintf("%s %s was deleted: its time was over", t.Spec.Object.Kind, t.Spec.Object.Name)))
	}
	return err
}

// find returns the Tombstone of the object of a resource, if there is one. That of an
// object of another name is none: a resource can come back with another.
func (f Finalizer) find(ctx context.Context, mg Managed) (*v1alpha1.Tombstone, bool, error) {
	t := &v1alpha1.Tombstone{}
	err := f.Client.Get(ctx, client.ObjectKey{Namespace: mg.GetNamespace(), Name: nameOf(f.Kind.Kind, mg.GetName())}, t)
	if err != nil {
		return t, false, errors.Wrapf(client.IgnoreNotFound(err), "cannot get Tombstone of %s %q", f.Kind.Kind, mg.GetName())
	}
	return t, t.Spec.Object.Name == ObjectName(mg), nil
}

// remove deletes a Tombstone, and reports whether it was there.
func (f Finalizer) remove(ctx context.Context, t *v1alpha1.Tombstone) (bool, error) {
	err := f.Client.Delete(ctx, t, client.Preconditions{UID: new(t.GetUID())})
	if kerrors.IsNotFound(err) || kerrors.IsConflict(err) { // The cache is behind.
		return false, nil
	}
	return err == nil, errors.Wrapf(err, "cannot delete Tombstone %q", t.GetName())
}
