package kind

import (
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/event"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// A newsRecorder leaves out events that the resource's condition Synced already
// tells: the managed reconciler sends one for each attempt, before it sets the
// condition. No memory is needed, so a restart repeats nothing either.
type newsRecorder struct{ next event.Recorder }

func (r newsRecorder) Event(o runtime.Object, e event.Event) {
	if mg, ok := o.(resource.Managed); ok && told(mg.GetCondition(xpv2.TypeSynced), e) {
		return
	}
	r.next.Event(o, e)
}

func (r newsRecorder) WithAnnotations(kv ...string) event.Recorder {
	return newsRecorder{r.next.WithAnnotations(kv...)}
}

func told(synced xpv2.Condition, e event.Event) bool {
	if e.Type == event.TypeWarning {
		return synced.Status == corev1.ConditionFalse && strings.HasSuffix(synced.Message, e.Message)
	}
	return e.Reason == "ReconciliationPaused" && synced.Reason == xpv2.ReasonReconcilePaused
}
