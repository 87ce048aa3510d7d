package kind

import (
	"context"
	"sync"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// Reasons of condition Ready.
const (
	// reasonUnobserved says that nobody knows how an object is.
	reasonUnobserved xpv2.ConditionReason = "Unobserved"
	// reasonNotOwned says that what has the name of an object is another's.
	reasonNotOwned xpv2.ConditionReason = "NotOwned"
)

// readyFor is for how many poll intervals a resource stays Ready whose object cannot be
// looked at: for as long as memory answers, and for what passes by itself.
const readyFor = 3

// failures are the resources whose objects could not be looked at, each since when.
type failures struct {
	now func() time.Time

	mu    sync.Mutex
	since map[types.NamespacedName]time.Time
}

func newFailures(now func() time.Time) *failures {
	return &failures{now: now, since: map[types.NamespacedName]time.Time{}}
}

// observed notes how looking at the object of a resource went.
func (f *failures) observed(ctx context.Context, mg resource.Managed, err error) {
	v := visitOf(ctx)
	v.unobserved, v.refused = err != nil, owner.IsRefusal(err)
	name := types.NamespacedName{Namespace: mg.GetNamespace(), Name: mg.GetName()}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		delete(f.since, name)
		return
	}
	if _, known := f.since[name]; !known {
		f.since[name] = f.now()
	}
}

// forget drops a resource that is gone. One that goes while it fails is never looked at
// again, and a later one of its name has not failed for as long.
func (f *failures) forget(name types.NamespacedName) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.since, name)
}

// failedFor is for how long the object of a resource could not be looked at.
func (f *failures) failedFor(mg resource.Managed) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	since, failing := f.since[types.NamespacedName{Namespace: mg.GetNamespace(), Name: mg.GetName()}]
	if !failing {
		return 0
	}
	return f.now().Sub(since)
}

// doubt takes Ready back from a resource whose object could not be looked at for so long
// that what was seen last says nothing any more, and from one whose object is another's.
// The words are those of condition Synced, so they change only when those do.
func (w frugalWriter) doubt(ctx context.Context, mg resource.Managed) {
	v, ready, why := visitOf(ctx), mg.GetCondition(xpv2.TypeReady), mg.GetCondition(xpv2.TypeSynced).Message
	c := xpv2.Condition{Type: xpv2.TypeReady, LastTransitionTime: metav1.Now(), ObservedGeneration: ready.ObservedGeneration}
	switch {
	case v.refused:
		c.Status, c.Reason, c.Message = corev1.ConditionFalse, reasonNotOwned, why
	case v.unobserved && ready.Status != corev1.ConditionFalse && w.failures.failedFor(mg) >= w.readyFor:
		c.Status, c.Reason = corev1.ConditionUnknown, reasonUnobserved
		c.Message = "Nobody can tell how the object is, and nothing is changed meanwhile: " + why +
			". The platform team looks at the backend and at the provider config; this ends by itself when the backend answers"
	default:
		return
	}
	mg.SetConditions(c)
}
