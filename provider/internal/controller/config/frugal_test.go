package config

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/providerconfig"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpfake "github.com/crossplane/crossplane-runtime/v2/pkg/resource/fake"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

func usage(number int) *entra.ProviderConfigUsage {
	kind, yes := entra.ClusterProviderConfigGroupVersionKind.Kind, true
	u := &entra.ProviderConfigUsage{ObjectMeta: metav1.ObjectMeta{
		Namespace: "payments", Name: fmt.Sprint("u", number),
		Labels:          map[string]string{xpv2.LabelKeyProviderName: "default", xpv2.LabelKeyProviderKind: kind},
		OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Group", Name: "g", UID: "1", Controller: &yes}},
	}}
	u.ProviderConfigReference = xpv2.ProviderConfigReference{Kind: kind, Name: "default"}
	return u
}

// TestConfigIsWrittenOnChange runs Crossplane's reconciler, and counts what it writes.
func TestConfigIsWrittenOnChange(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := entra.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	config := &entra.ClusterProviderConfig{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	writes := 0
	store := fake.NewClientBuilder().WithScheme(scheme).WithObjects(config).WithStatusSubresource(config).WithInterceptorFuncs(interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			err := c.Get(ctx, key, o, opts...)
			o.GetObjectKind().SetGroupVersionKind(entra.ClusterProviderConfigGroupVersionKind) // As a cache does.
			return err
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			writes++
			return c.Update(ctx, o, opts...)
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, part string, o client.Object, opts ...client.SubResourceUpdateOption) error {
			writes++
			return c.SubResource(part).Update(ctx, o, opts...)
		},
	}).Build()
	r := providerconfig.NewReconciler(frugalManager{&xpfake.Manager{Client: store, Scheme: scheme}}, resource.ProviderConfigKinds{
		Config: entra.ClusterProviderConfigGroupVersionKind, Usage: entra.ProviderConfigUsageGroupVersionKind, UsageList: entra.ProviderConfigUsageListGroupVersionKind,
	})
	for _, round := range []struct {
		reason string
		usages int
		writes int
	}{
		{"The finalizer is written, and no number while there is none.", 0, 1},
		{"What did not change is not written.", 0, 0},
		{"The number of users is written.", 3, 1},
		{"Once.", 0, 0},
	} {
		for i := range round.usages {
			if err := store.Create(t.Context(), usage(i)); err != nil {
				t.Fatal(err)
			}
		}
		writes = 0
		if _, err := r.Reconcile(t.Context(), reconcile.Request{NamespacedName: types.NamespacedName{Name: "default"}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(round.writes, writes); diff != "" {
			t.Errorf("\n%s\nwrites: -want, +got:\n%s", round.reason, diff)
		}
	}
	if err := store.Get(t.Context(), client.ObjectKeyFromObject(config), config); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(int64(3), config.Status.Users); diff != "" {
		t.Errorf("\nThe number of users is that of the usages.\nusers: -want, +got:\n%s", diff)
	}
}

// TestUsagesGather holds that a configuration is reconciled once for many usages.
func TestUsagesGather(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
		defer q.ShutDown()
		g := gathering{&resource.EnqueueRequestForProviderConfig{Kind: entra.ClusterProviderConfigGroupVersionKind.Kind}}
		const usages = 100
		for i := range usages {
			g.Create(t.Context(), event.CreateEvent{Object: usage(i)}, q)
		}
		first, _ := q.Get()
		q.Done(first)
		synctest.Wait()
		if diff := cmp.Diff([]any{"default", 0}, []any{first.Name, q.Len()}); diff != "" {
			t.Errorf("\nUsages that come together are counted together.\nrequest, further requests: -want, +got:\n%s", diff)
		}
	})
}
