package kind

import (
	"context"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
)

// The managed reconciler writes a resource five times to create its object: the
// finalizer, that a creation is under way, that it succeeded, that the resource is
// being created, and that it is ready. Each write wakes whatever watches the resource,
// Crossplane with the whole environment first of all. Three say the same: the first two
// are one, and the fourth is left to the observation that follows at once.

// An announcing finalizer says with the finalizer, in one write, that a creation is
// under way. That write fails unless it is on the latest version, as the one that it
// stands for.
type announcing struct {
	resource.Finalizer

	policies bool // Whether management policies are heeded.
	now      func() time.Time
}

func (f announcing) AddFinalizer(ctx context.Context, o resource.Object) error {
	mg, ok := o.(resource.Managed)
	v := visitOf(ctx)
	if !ok || !v.absent || meta.FinalizerExists(o, managed.FinalizerName) || !f.mayCreate(mg) {
		return f.Finalizer.AddFinalizer(ctx, o)
	}
	meta.SetExternalCreatePending(mg, f.now())
	if err := f.Finalizer.AddFinalizer(ctx, o); err != nil {
		return err
	}
	v.announced = true
	return nil
}

func (f announcing) mayCreate(mg resource.Managed) bool {
	m, ok := mg.(resource.ModernManaged)
	return ok && managed.NewManagementPoliciesResolver(f.policies, m.GetManagementPolicies()).ShouldCreate()
}

// passing reports whether a status, the first of a resource, only says that an object
// was created and is not observed yet. It is observed next, and then there is more to say.
func (v *visit) passing(mg resource.Managed) bool {
	return v.created && v.loaded != nil && v.loaded.GetCondition(xpv2.TypeReady).Status == corev1.ConditionUnknown &&
		mg.GetCondition(xpv2.TypeReady).Reason == xpv2.ReasonCreating &&
		mg.GetCondition(xpv2.TypeSynced).Status == corev1.ConditionTrue
}
