package kind

import (
	"context"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/event"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/plumbline-dev/plumbline/provider/internal/claim"
	"github.com/plumbline-dev/plumbline/provider/internal/tombstone"
)

// A newsRecorder leaves out events that the resource's condition Synced already
// tells: the managed reconciler sends one for each attempt, before it sets the
// condition. No memory is needed, so a restart repeats nothing either.
//
// What holds up the deletion of a resource holds up that of its claim, which has no
// words of its own any more, so it is told there too.
type newsRecorder struct {
	next   event.Recorder
	kind   string
	claims claim.Teller
}

const reasonDeletionHeldUp event.Reason = "DeletionHeldUp"

func (r newsRecorder) Event(o runtime.Object, e event.Event) {
	mg, ok := o.(Managed)
	if ok && told(mg.GetCondition(xpv2.TypeSynced), e) {
		return
	}
	r.next.Event(o, e)
	if ok && meta.WasDeleted(mg) && e.Type == event.TypeWarning && claim.Of(mg) != "" {
		r.claims.Tell(context.Background(), mg, event.Warning(reasonDeletionHeldUp, errors.Errorf("%s %s cannot go: %s",
			r.kind, tombstone.ObjectName(mg), e.Message)))
	}
}

func (r newsRecorder) WithAnnotations(kv ...string) event.Recorder {
	r.next = r.next.WithAnnotations(kv...)
	return r
}

func told(synced xpv2.Condition, e event.Event) bool {
	if e.Type == event.TypeWarning {
		return synced.Status == corev1.ConditionFalse && strings.HasSuffix(synced.Message, e.Message)
	}
	return e.Reason == "ReconciliationPaused" && synced.Reason == xpv2.ReasonReconcilePaused
}
