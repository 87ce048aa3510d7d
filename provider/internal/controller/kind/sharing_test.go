package kind

import (
	"context"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	"github.com/crossplane/crossplane-runtime/v2/pkg/statemetrics"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

// TestStatesAreCountedWithoutCopies has Crossplane's recorder count resources.
func TestStatesAreCountedWithoutCopies(t *testing.T) {
	s := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(s); err != nil {
		t.Fatal(err)
	}
	ready := &v1alpha1.Group{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "ready"}}
	ready.SetConditions(xpv2.Available())
	other := &v1alpha1.Group{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "other"}}
	shared := 0
	cache := fake.NewClientBuilder().WithScheme(s).WithObjects(ready, other).WithInterceptorFuncs(interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			if o := (&client.ListOptions{}).ApplyOptions(opts); o.UnsafeDisableDeepCopy != nil && *o.UnsafeDisableDeepCopy {
				shared++
			}
			return c.List(ctx, list, opts...)
		},
	}).Build()
	states := statemetrics.NewMRStateMetrics()
	r := statemetrics.NewMRStateRecorder(SharingClient{cache}, logging.NewNopLogger(), states, &v1alpha1.GroupList{}, 0)
	if err := r.Record(t.Context()); err != nil {
		t.Fatal(err)
	}
	count := func(g *prometheus.GaugeVec) float64 {
		return testutil.ToFloat64(g.WithLabelValues("entra.plumbline.dev/v1alpha1, Kind=Group"))
	}
	if diff := cmp.Diff([]float64{2, 1, 1}, []float64{count(states.Exists), count(states.Ready), float64(shared)}); diff != "" {
		t.Errorf("\nThose that exist and are ready are counted, in the cache itself.\nexist, ready, lists without copies: -want, +got:\n%s", diff)
	}
}
