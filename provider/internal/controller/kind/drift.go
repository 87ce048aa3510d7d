package kind

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/event"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/provider/internal/claim"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

// TypeAsDesired is the condition that tells, where drift is only reported,
// whether the external object is as desired.
const TypeAsDesired xpv2.ConditionType = "AsDesired"

// Reasons of events and of condition AsDesired.
const (
	reasonDriftCorrected = "DriftCorrected"
	reasonDriftReported  = "DriftReported"
	reasonDataLoss       = "DataLoss"
	reasonInLine         = "InLine"
)

// Differs notes in which fields the external object is not as desired, for the
// ledger of drift. An Observe calls it before it returns that the object is not
// up to date.
func Differs(ctx context.Context, all []custody.Difference) { visitOf(ctx).differences = all }

// completesWithin is how long the creation of an object may take, all that is
// added to it afterwards included.
const completesWithin = time.Hour

// Ignores returns which fields of an object that exists are left to others. None
// is until the object that the resource created has once been as desired: some
// fields can only be written after the object was made.
func Ignores(mg Managed) func(field string) bool {
	c := mg.Custody()
	if c.Record.Agreed == "" && time.Since(meta.GetExternalCreateSucceeded(mg)) < completesWithin {
		return func(string) bool { return false }
	}
	return c.Terms.Ignores
}

// keeping is a connector whose external clients tell drift, which others made,
// from what is still to be done, and deal with it as the resource says.
//
// What differs is drift if the parameters are those that the object was last
// found to have. A resource that was just created or edited, or whose status was
// lost, has others, so bringing its object to what is desired is no drift.
type keeping[T Managed] struct {
	next   managed.TypedExternalConnector[T]
	events event.Recorder
	claims claim.Teller
	drifts *prometheus.CounterVec
	now    func() time.Time
}

// newDrifts returns the counter of drift of one kind. Its labels are few whatever
// there is: two outcomes.
func newDrifts(kind string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name:        "plumbline_drift_total",
		Help:        "Fields of external objects that others changed, by what became of it: Restored, Pending or Reported.",
		ConstLabels: prometheus.Labels{"kind": kind},
	}, []string{"outcome"})
}

func (k keeping[T]) Connect(ctx context.Context, mg T) (managed.TypedExternalClient[T], error) {
	c, err := k.next.Connect(ctx, mg)
	if err != nil {
		return nil, err
	}
	return &keeper[T]{TypedExternalClient: c, keeping: k}, nil
}

// A keeper is the external client of one resource in one visit.
type keeper[T Managed] struct {
	managed.TypedExternalClient[T]
	keeping[T]

	drifted []custody.Difference // To put right.
}

func (k *keeper[T]) Observe(ctx context.Context, mg T) (managed.ExternalObservation, error) {
	o, err := k.TypedExternalClient.Observe(ctx, mg)
	if err != nil || meta.WasDeleted(mg) {
		return o, err
	}
	v, c := visitOf(ctx), mg.Custody()
	k.drifted = nil
	v.ledger = openLedger(c.Record, k.now())
	parameters := fingerprint(c.Parameters)
	switch {
	case o.ResourceExists && o.ResourceUpToDate:
		// An object that is on its way, or ill, is believed once it serves its users.
		if !v.soon && mg.GetCondition(xpv2.TypeReady).Status == corev1.ConditionTrue {
			v.ledger.agree(parameters)
			inLine(mg)
		}
		return o, nil
	case c.Record.Agreed != parameters:
		return o, nil
	case !o.ResourceExists:
		v.differences = absent
	case len(v.differences) == 0: // Only its mark is not as desired.
		return o, nil
	}
	if c.Terms.ReportsOnly() {
		return k.report(ctx, mg, o), nil
	}
	k.drifted = v.differences
	return o, nil
}

// report leaves drift as it is and tells it.
func (k *keeper[T]) report(ctx context.Context, mg T, o managed.ExternalObservation) managed.ExternalObservation {
	v := visitOf(ctx)
	news := v.ledger.enter(v.differences, custody.DriftReported)
	if len(news) > 0 && observe.Remembered(ctx) {
		return o // It is told once it is seen again.
	}
	if !o.ResourceExists {
		mg.SetConditions(xpv2.Unavailable().WithMessage("The external object was deleted, and spec.drift.mode Report leaves it so"))
	}
	mg.SetConditions(xpv2.Condition{
		Type: TypeAsDesired, Status: corev1.ConditionFalse, LastTransitionTime: metav1.NewTime(k.now()), Reason: reasonDriftReported,
		Message: "Others changed " + custody.Fields(v.differences),
	})
	k.tell(mg, reasonDriftReported, "Left as others changed it: ", news, custody.DriftReported)
	return managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: true, ResourceLateInitialized: o.ResourceLateInitialized}
}

func (k *keeper[T]) Create(ctx context.Context, mg T) (managed.ExternalCreation, error) {
	o, err := k.TypedExternalClient.Create(ctx, mg)
	k.corrected(ctx, mg, err)
	if h, ok := k.TypedExternalClient.(interface{ holdsData() bool }); ok && h.holdsData() && len(k.drifted) > 0 && err == nil {
		k.claims.Tell(ctx, mg, event.Warning(reasonDataLoss, errors.Errorf("%s was deleted by somebody else, and its documents with it; it is made anew, and empty",
			meta.GetExternalName(mg))))
	}
	return o, err
}

func (k *keeper[T]) Update(ctx context.Context, mg T) (managed.ExternalUpdate, error) {
	o, err := k.TypedExternalClient.Update(ctx, mg)
	k.corrected(ctx, mg, err)
	return o, err
}

// corrected enters what became of the drift that was found.
func (k *keeper[T]) corrected(ctx context.Context, mg T, err error) {
	if len(k.drifted) == 0 {
		return
	}
	l := visitOf(ctx).ledger
	if err != nil {
		// Condition Synced and its event say why.
		k.count(l.enter(k.drifted, custody.DriftPending), custody.DriftPending)
		return
	}
	k.tell(mg, reasonDriftCorrected, "Put right what others changed: ", l.enter(k.drifted, custody.DriftRestored), custody.DriftRestored)
}

// tell sends an event of what is news, and counts it.
func (k *keeper[T]) tell(mg T, reason, opening string, news []custody.Difference, outcome custody.Outcome) {
	if len(news) == 0 {
		return
	}
	k.count(news, outcome)
	k.events.Event(mg, event.Normal(event.Reason(reason), opening+inWords(news)))
}

func (k *keeper[T]) count(news []custody.Difference, outcome custody.Outcome) {
	k.drifts.WithLabelValues(string(outcome)).Add(float64(len(news)))
}

// inLine takes back what condition AsDesired said, if it said anything.
func inLine(mg Managed) {
	if mg.GetCondition(TypeAsDesired).Status == corev1.ConditionFalse {
		mg.SetConditions(xpv2.Condition{Type: TypeAsDesired, Status: corev1.ConditionTrue, LastTransitionTime: metav1.Now(), Reason: reasonInLine})
	}
}

// inWords tells differences, as many as a message can hold.
func inWords(all []custody.Difference) string {
	var words []string
	for i, d := range all {
		if i == maxDrift {
			words = append(words, fmt.Sprintf("and %d more", len(all)-i))
			break
		}
		words = append(words, fmt.Sprintf("%s was %q, desired is %q", d.Field, short(d.Found), short(d.Desired)))
	}
	return strings.Join(words, "; ")
}
