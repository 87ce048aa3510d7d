package kind

import (
	"context"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/fake"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

func (s *store) Update(_ context.Context, o client.Object, _ ...client.UpdateOption) error {
	s.writes++
	status := s.group.Status
	o.(*v1alpha1.Group).DeepCopyInto(s.group)
	s.group.Status = status
	s.group.DeepCopyInto(o.(*v1alpha1.Group))
	return nil
}

// TestCreationIsWrittenOnce runs the managed reconciler until a resource is ready, and
// counts what it writes.
func TestCreationIsWrittenOnce(t *testing.T) {
	ready := func(g *v1alpha1.Group) {
		meta.AddFinalizer(g, managed.FinalizerName)
		g.SetConditions(xpv2.Available(), xpv2.ReconcileSuccess())
	}
	cases := map[string]struct {
		reason   string
		group    func(*v1alpha1.Group)
		exists   bool
		policies xpv2.ManagementPolicies
		pending  bool // Whether a creation was announced before it began.
		created  int
		writes   int
		ready    corev1.ConditionStatus
	}{
		"New": {
			"Finalizer and announcement are one write, what came of it the second, and readiness the third.",
			func(*v1alpha1.Group) {}, false, nil, true, 1, 3, corev1.ConditionTrue,
		},
		"There": {
			"What is there is not announced. The finalizer's write brings back the status as stored, so that is written twice.",
			func(*v1alpha1.Group) {}, true, nil, false, 0, 3, corev1.ConditionTrue,
		},
		"Again": {
			"What was deleted by hand is announced by itself, and told as being created.",
			ready, false, nil, true, 1, 4, corev1.ConditionTrue,
		},
		"ObserveOnly": {
			"What may not be created is not announced.",
			func(*v1alpha1.Group) {}, false, xpv2.ManagementPolicies{xpv2.ManagementActionObserve}, false, 0, 1, corev1.ConditionUnknown,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := &store{group: &v1alpha1.Group{ObjectMeta: metav1.ObjectMeta{Name: "g", ResourceVersion: "1"}}}
			s.group.Spec.ManagementPolicies = xpv2.ManagementPolicies{xpv2.ManagementActionAll}
			if tc.policies != nil {
				s.group.Spec.ManagementPolicies = tc.policies
			}
			tc.group(s.group)
			exists, created := tc.exists, 0
			external := managed.TypedExternalClientFns[*v1alpha1.Group]{
				ObserveFn: func(_ context.Context, g *v1alpha1.Group) (managed.ExternalObservation, error) {
					if exists {
						g.SetConditions(xpv2.Available())
					}
					return managed.ExternalObservation{ResourceExists: exists, ResourceUpToDate: true}, nil
				},
				CreateFn: func(context.Context, *v1alpha1.Group) (managed.ExternalCreation, error) {
					if got := !meta.GetExternalCreatePending(s.group).IsZero(); got != tc.pending {
						t.Errorf("\n%s\nannounced before the creation: want %t, got %t", tc.reason, tc.pending, got)
					}
					created++
					exists = true
					return managed.ExternalCreation{}, nil
				},
				DisconnectFn: func(context.Context) error { return nil },
			}
			r := creating(t, s, external)
			for range 3 {
				if _, err := r.Reconcile(t.Context(), reconcile.Request{}); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]any{tc.created, tc.writes, tc.ready}, []any{created, s.writes, s.group.GetCondition(xpv2.TypeReady).Status}); diff != "" {
				t.Errorf("\n%s\ncreations, writes, Ready: -want, +got:\n%s", tc.reason, diff)
			}
			if !tc.pending && !meta.GetExternalCreatePending(s.group).IsZero() {
				t.Errorf("\n%s\nA creation is announced that never was.", tc.reason)
			}
		})
	}
}

// creating returns a reconciler that creates as those of all kinds do.
func creating(t *testing.T, s *store, external managed.TypedExternalClientFns[*v1alpha1.Group]) reconcile.Reconciler {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	connector := managed.TypedExternalConnectorFn[*v1alpha1.Group](func(context.Context, *v1alpha1.Group) (managed.TypedExternalClient[*v1alpha1.Group], error) {
		return external, nil
	})
	failed := newFailures(time.Now)
	c := frugalClient{Client: s, failures: failed, readyFor: time.Minute}
	return visiting{next: managed.NewReconciler(&fake.Manager{Client: c, Scheme: scheme}, resource.ManagedKind(v1alpha1.GroupGroupVersionKind),
		managed.WithTypedExternalConnector(noting[*v1alpha1.Group]{connector, failed}),
		managed.WithInitializers(),
		managed.WithDeterministicExternalName(true),
		managed.WithManagementPolicies(),
		managed.WithFinalizer(announcing{Finalizer: resource.NewAPIFinalizer(c, managed.FinalizerName), policies: true, now: time.Now}),
	), agenda: newAgenda(time.Now)}
}
