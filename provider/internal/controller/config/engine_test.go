package config

import (
	"context"
	"errors"
	"testing"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
)

// TestEngine has one configuration lead to one engine after another.
func TestEngine(t *testing.T) {
	rounds := []struct {
		reason  string
		version string
		of      string
		err     error
		status  corev1.ConditionStatus
		why     xpv2.ConditionReason
		shown   string
		writes  int
		after   time.Duration
	}{
		{"Nobody knows what does not answer.", "", "", errors.New("connection refused"), corev1.ConditionUnknown, "Unobserved", "", 1, time.Minute},
		{"That is said once.", "", "", errors.New("connection refused"), corev1.ConditionUnknown, "Unobserved", "", 0, time.Minute},
		{"Elasticsearch 8 is supported.", "8.19.4", "Elasticsearch", nil, corev1.ConditionTrue, "Supported", "Elasticsearch 8.19.4", 1, 10 * time.Minute},
		{"What did not change is not written.", "8.19.4", "Elasticsearch", nil, corev1.ConditionTrue, "Supported", "Elasticsearch 8.19.4", 0, 10 * time.Minute},
		{"An upgrade is seen.", "9.1.3", "Elasticsearch", nil, corev1.ConditionTrue, "Supported", "Elasticsearch 9.1.3", 1, 10 * time.Minute},
		{"What it was last is kept.", "", "", errors.New("connection refused"), corev1.ConditionUnknown, "Unobserved", "Elasticsearch 9.1.3", 1, time.Minute},
		{"Version 7 is too old.", "7.17.28", "Elasticsearch", nil, corev1.ConditionFalse, "UnsupportedEngine", "Elasticsearch 7.17.28", 1, 10 * time.Minute},
		{"OpenSearch is no Elasticsearch, whatever its version.", "8.0.0", "OpenSearch", nil, corev1.ConditionFalse, "UnsupportedEngine", "OpenSearch 8.0.0", 1, 10 * time.Minute},
	}
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	for _, of := range OfEngines() {
		t.Run(of.Config.Kind, func(t *testing.T) {
			object, _ := of.object.DeepCopyObject().(client.Object)
			object.SetName("default")
			object.SetNamespace(map[bool]string{true: "payments"}[of.Config.Kind == "ProviderConfig"])
			writes := 0
			store := fake.NewClientBuilder().WithScheme(scheme).WithObjects(object).WithStatusSubresource(object).WithInterceptorFuncs(interceptor.Funcs{
				SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, o client.Object, opts ...client.SubResourceUpdateOption) error {
					writes++
					return c.SubResource(sub).Update(ctx, o, opts...)
				},
			}).Build()
			for _, round := range rounds {
				writes = 0
				r := &engineReconciler{kube: frugalClient{store}, of: of, ask: func(context.Context, types.NamespacedName) (elasticsearch.Engine, error) {
					return elasticsearch.Engine{Distribution: round.of, Version: round.version}, round.err
				}}
				did, err := r.Reconcile(t.Context(), reconcile.Request{NamespacedName: client.ObjectKeyFromObject(object)})
				if err != nil {
					t.Fatal(err)
				}
				status := statusOf(t, store, object)
				c := status.GetCondition(EngineSupported)
				shown := ""
				if status.Engine != nil {
					shown = status.Engine.Distribution + " " + status.Engine.Version
				}
				want := []any{round.status, round.why, round.shown, round.writes, round.after}
				if diff := cmp.Diff(want, []any{c.Status, c.Reason, shown, writes, did.RequeueAfter}); diff != "" {
					t.Errorf("\n%s\nstatus, reason, engine, writes, next: -want, +got:\n%s", round.reason, diff)
				}
			}
		})
	}
}

func statusOf(t *testing.T, store client.Client, object client.Object) v1alpha1.ProviderConfigStatus {
	t.Helper()
	if err := store.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
		t.Fatal(err)
	}
	if c, ok := object.(*v1alpha1.ProviderConfig); ok {
		return c.Status
	}
	return object.(*v1alpha1.ClusterProviderConfig).Status
}

// TestEngineOfTheDeleted holds that nothing is asked for a configuration that goes.
func TestEngineOfTheDeleted(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	now := metav1.Now()
	config := &v1alpha1.ClusterProviderConfig{ObjectMeta: metav1.ObjectMeta{Name: "default", DeletionTimestamp: &now, Finalizers: []string{"in-use"}}}
	store := fake.NewClientBuilder().WithScheme(scheme).WithObjects(config).WithStatusSubresource(config).Build()
	for _, name := range []string{"default", "gone"} {
		r := &engineReconciler{kube: store, of: OfEngines()[1], ask: func(context.Context, types.NamespacedName) (elasticsearch.Engine, error) {
			t.Errorf("\nThe engine of %q is asked, and nobody wants to know.", name)
			return elasticsearch.Engine{}, nil
		}}
		did, err := r.Reconcile(t.Context(), reconcile.Request{NamespacedName: types.NamespacedName{Name: name}})
		if diff := cmp.Diff(reconcile.Result{}, did); diff != "" || err != nil {
			t.Errorf("\nIt is not looked at again: %v, -want, +got:\n%s", err, diff)
		}
	}
}
