package kind

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/event"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

// A patient error asks for a wait.
type patient struct{ time.Duration }

func (patient) Error() string               { return "throttled" }
func (p patient) RetryAfter() time.Duration { return p.Duration }
func wrapped(err error) error               { return errors.Join(errors.New("cannot observe"), err) }
func failing(err error) managed.TypedExternalClientFns[*v1alpha1.Group] {
	return managed.TypedExternalClientFns[*v1alpha1.Group]{
		ObserveFn: func(context.Context, *v1alpha1.Group) (managed.ExternalObservation, error) {
			return managed.ExternalObservation{}, err
		},
	}
}

func TestVisiting(t *testing.T) {
	boom := errors.New("boom")
	cases := map[string]struct {
		reason string
		next   func(context.Context) (reconcile.Result, error)
		want   reconcile.Result
		err    error
	}{
		"Untouched": {
			reason: "Without a word from the backend the result is the reconciler's.",
			next: func(context.Context) (reconcile.Result, error) {
				return reconcile.Result{RequeueAfter: time.Minute}, nil
			},
			want: reconcile.Result{RequeueAfter: time.Minute},
		},
		"Wait": {
			reason: "A wait that the backend asks for replaces backoff.",
			next: func(ctx context.Context) (reconcile.Result, error) {
				note(ctx, wrapped(patient{40 * time.Second}))
				return reconcile.Result{Requeue: true}, nil
			},
			want: reconcile.Result{RequeueAfter: 40 * time.Second},
		},
		"LongWait": {
			reason: "A wait beyond reason is cut.",
			next: func(ctx context.Context) (reconcile.Result, error) {
				note(ctx, patient{24 * time.Hour})
				return reconcile.Result{}, nil
			},
			want: reconcile.Result{RequeueAfter: longestWait},
		},
		"Soon": {
			reason: "What is to be looked at soon does not wait for the poll interval.",
			next: func(ctx context.Context) (reconcile.Result, error) {
				Soon(ctx)
				return reconcile.Result{RequeueAfter: time.Minute}, nil
			},
			want: reconcile.Result{Requeue: true},
		},
		"SoonAfterFailures": {
			reason: "What was done ends a row of failures, and with it their backoff.",
			next: func(ctx context.Context) (reconcile.Result, error) {
				failed := &v1alpha1.Group{}
				failed.SetConditions(xpv2.ReconcileError(boom))
				visitOf(ctx).loaded = failed
				Soon(ctx)
				return reconcile.Result{Requeue: true}, nil
			},
			want: reconcile.Result{RequeueAfter: shortestBackoff},
		},
		"Conflict": {
			reason: "A conflict is no failure, and is tried again at once.",
			next: func(ctx context.Context) (reconcile.Result, error) {
				_ = noteStale(ctx, kerrors.NewConflict(schema.GroupResource{}, "x", boom))
				return reconcile.Result{Requeue: true}, nil
			},
			want: reconcile.Result{RequeueAfter: shortestBackoff},
		},
		"Error": {
			reason: "An error stays an error.",
			next: func(ctx context.Context) (reconcile.Result, error) {
				Soon(ctx)
				return reconcile.Result{}, boom
			},
			err: boom,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := visiting{reconcile.Func(func(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) { return tc.next(ctx) }), &waker{}, newAgenda(time.Now)}
			got, err := r.Reconcile(t.Context(), reconcile.Request{})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nReconcile(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.err, err, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("\n%s\nReconcile(...): -want error, +got error:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestNoting(t *testing.T) {
	v := &visit{}
	ctx := context.WithValue(t.Context(), visitKey{}, v)
	c := notingClient[*v1alpha1.Group]{failing(wrapped(patient{7 * time.Second})), newFailures(time.Now)}
	if _, err := c.Observe(ctx, &v1alpha1.Group{}); err == nil {
		t.Error("\nThe error is handed on.\nObserve(...): want error")
	}
	if diff := cmp.Diff(7*time.Second, v.wait); diff != "" {
		t.Errorf("\nThe wait that an error asks for is noted, however it is wrapped.\nObserve(...): -want, +got:\n%s", diff)
	}
}

// A store is an API server that holds one Group.
type store struct {
	client.Client
	group  *v1alpha1.Group
	writes int
}

func (s *store) Get(_ context.Context, _ client.ObjectKey, o client.Object, _ ...client.GetOption) error {
	s.group.DeepCopyInto(o.(*v1alpha1.Group))
	return nil
}
func (s *store) Status() client.SubResourceWriter { return storeStatus{s: s} }

type storeStatus struct {
	client.SubResourceWriter
	s *store
}

func (w storeStatus) Update(_ context.Context, o client.Object, _ ...client.SubResourceUpdateOption) error {
	w.s.writes++
	o.(*v1alpha1.Group).DeepCopyInto(w.s.group)
	return nil
}

// TestStatusIsWrittenOnChange reconciles the same failure many times.
func TestStatusIsWrittenOnChange(t *testing.T) {
	cases := map[string]struct {
		reason  string
		message func(round int) string
		stored  string
		writes  int
	}{
		"Same":     {"The same failure is written once.", func(int) string { return "observe failed: x" }, "observe failed: x", 1},
		"Reason":   {"A message opens with its reason, and is written once.", func(int) string { return "observe failed: ExistsNotOwned: x" }, "ExistsNotOwned: x", 1},
		"NoReason": {"A code of a backend is no reason.", func(int) string { return "update failed: Request_BadRequest: x" }, "update failed: Request_BadRequest: x", 1},
		"Changed":  {"A failure that changes is written.", func(n int) string { return "observe failed: " + fmt.Sprint(n) }, "observe failed: 2", 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := &store{group: &v1alpha1.Group{ObjectMeta: metav1.ObjectMeta{Name: "g", ResourceVersion: "1"}}}
			c := frugalClient{Client: s}
			for round := range 3 {
				ctx := context.WithValue(t.Context(), visitKey{}, &visit{})
				cr := &v1alpha1.Group{}
				if err := c.Get(ctx, client.ObjectKey{}, cr); err != nil {
					t.Fatal(err)
				}
				failure := xpv2.ReconcileError(errors.New(tc.message(round)))
				failure.LastTransitionTime = metav1.NewTime(time.Unix(int64(round), 0))
				cr.SetConditions(failure)
				if err := c.Status().Update(ctx, cr); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tc.stored, s.group.GetCondition(xpv2.TypeSynced).Message); diff != "" {
				t.Errorf("\n%s\nmessage: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.writes, s.writes); diff != "" {
				t.Errorf("\n%s\nwrites: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

type sentEvents []string

func (s *sentEvents) Event(_ runtime.Object, e event.Event)    { *s = append(*s, e.Message) }
func (s *sentEvents) WithAnnotations(...string) event.Recorder { return s }

func TestNews(t *testing.T) {
	cases := map[string]struct {
		reason string
		synced xpv2.Condition
		event  event.Event
		sent   bool
	}{
		"First":    {"A failure is news.", xpv2.ReconcileSuccess(), event.Warning("Cannot", errors.New("x")), true},
		"Again":    {"The same failure is none.", xpv2.ReconcileError(errors.New("observe failed: x")), event.Warning("Cannot", errors.New("x")), false},
		"Reason":   {"Nor if its message opens with a reason.", xpv2.ReconcileError(errors.New("ExistsNotOwned: x")), event.Warning("Cannot", errors.New("ExistsNotOwned: x")), false},
		"Other":    {"Another failure is news.", xpv2.ReconcileError(errors.New("observe failed: x")), event.Warning("Cannot", errors.New("y")), true},
		"Paused":   {"Pausing is news.", xpv2.ReconcileSuccess(), event.Normal("ReconciliationPaused", "p"), true},
		"StillSo":  {"Being paused is none.", xpv2.ReconcilePaused(), event.Normal("ReconciliationPaused", "p"), false},
		"Restored": {"What was done is news each time.", xpv2.ReconcileSuccess(), event.Normal("UpdatedExternalResource", "u"), true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			sent := &sentEvents{}
			cr := &v1alpha1.Group{}
			cr.SetConditions(tc.synced)
			newsRecorder{next: sent}.WithAnnotations("a", "b").Event(cr, tc.event)
			if diff := cmp.Diff(tc.sent, len(*sent) == 1); diff != "" {
				t.Errorf("\n%s\nEvent(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
