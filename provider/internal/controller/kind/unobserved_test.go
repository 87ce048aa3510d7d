package kind

import (
	"context"
	"errors"
	"testing"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// TestDoubt has looking at an object succeed and fail, minute after minute.
func TestDoubt(t *testing.T) {
	down := errors.New("the backend is down")
	slow := errors.New("it took too long")
	refused := owner.Refuse("group exists")
	cases := map[string]struct {
		reason string
		ready  xpv2.Condition
		looks  []error // One a minute.
		want   []corev1.ConditionStatus
		says   xpv2.ConditionReason
	}{
		"Well": {
			reason: "What is seen as it should be is Ready.", ready: xpv2.Available(),
			looks: []error{nil, nil}, want: []corev1.ConditionStatus{"True", "True"}, says: xpv2.ReasonAvailable,
		},
		"Down": {
			reason: "For three intervals what was seen last is believed, whatever the words of the failure; from then on nobody knows.", ready: xpv2.Available(),
			looks: []error{nil, down, slow, down, down, slow}, want: []corev1.ConditionStatus{"True", "True", "True", "True", "Unknown", "Unknown"}, says: reasonUnobserved,
		},
		"Back": {
			reason: "One look that succeeds ends it, and the next failure begins anew.", ready: xpv2.Available(),
			looks: []error{down, down, down, down, nil, down}, want: []corev1.ConditionStatus{"True", "True", "True", "Unknown", "True", "True"}, says: xpv2.ReasonAvailable,
		},
		"Creating": {
			reason: "What is not Ready for a reason of its own keeps that.", ready: xpv2.Creating(),
			looks: []error{down, down, down, down}, want: []corev1.ConditionStatus{"False", "False", "False", "False"}, says: xpv2.ReasonCreating,
		},
		"Refused": {
			reason: "What is another's is not ours to be Ready, at once.", ready: xpv2.Available(),
			looks: []error{refused}, want: []corev1.ConditionStatus{"False"}, says: reasonNotOwned,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(1e9, 0)
			f := newFailures(func() time.Time { return now })
			w := frugalWriter{failures: f, readyFor: readyFor * time.Minute}
			mg := &v1alpha1.Group{}
			mg.SetConditions(tc.ready)
			var got []corev1.ConditionStatus
			for _, err := range tc.looks {
				ctx := context.WithValue(t.Context(), visitKey{}, &visit{})
				f.observed(ctx, mg, err)
				if err == nil {
					mg.SetConditions(tc.ready, xpv2.ReconcileSuccess())
				} else {
					mg.SetConditions(xpv2.ReconcileError(err))
				}
				w.doubt(ctx, mg)
				got = append(got, mg.GetCondition(xpv2.TypeReady).Status)
				now = now.Add(time.Minute)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nReady: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.says, mg.GetCondition(xpv2.TypeReady).Reason); diff != "" {
				t.Errorf("\n%s\nreason: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// unread answers every read with an error.
type unread struct {
	client.Client
	err error
}

func (u unread) Get(context.Context, client.ObjectKey, client.Object, ...client.GetOption) error {
	return u.err
}

// TestGoneIsForgotten has a resource fail for an hour, and then asks for it.
func TestGoneIsForgotten(t *testing.T) {
	cases := map[string]struct {
		reason string
		answer error
		want   time.Duration
	}{
		"Gone": {
			reason: "A resource that went while it failed, as one does whose object is kept, leaves nothing to the next of its name.",
			answer: kerrors.NewNotFound(schema.GroupResource{Group: "entra.plumbline.dev", Resource: "groups"}, "g"), want: 0,
		},
		"Unknown": {
			reason: "An API server that does not answer says nothing of the resource.",
			answer: errors.New("connection refused"), want: time.Hour,
		},
		"There": {
			reason: "A resource that is there goes on failing.",
			want:   time.Hour,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(1e9, 0)
			f := newFailures(func() time.Time { return now })
			mg := &v1alpha1.Group{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "g"}}
			f.observed(t.Context(), mg, errors.New("the backend is down"))
			now = now.Add(time.Hour)
			err := frugalClient{Client: unread{err: tc.answer}, failures: f}.Get(t.Context(), client.ObjectKeyFromObject(mg), &v1alpha1.Group{})
			if !errors.Is(err, tc.answer) {
				t.Errorf("\n%s\nThe answer is passed on: want %v, got %v", tc.reason, tc.answer, err)
			}
			if diff := cmp.Diff(tc.want, f.failedFor(mg)); diff != "" {
				t.Errorf("\n%s\nfailing for: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
