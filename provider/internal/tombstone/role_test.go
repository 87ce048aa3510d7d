package tombstone

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
)

// TestRole holds package/rbac/provider.yaml to what is asked of the API server beyond what
// Crossplane's RBAC manager grants, which is to get, list, watch, create, update and patch
// the kinds of the package: each rule is used, and nothing else is.
func TestRole(t *testing.T) {
	kinds, plurals := managedKinds(t)
	used := map[string]bool{}
	use := func(s *scene, o client.Object, verb string) {
		gvk, err := apiutil.GVKForObject(o, s.Scheme())
		if err != nil {
			t.Error(err)
		}
		used[gvk.Group+" "+plurals[gvk.GroupKind()]+" "+verb] = true
	}
	var s *scene
	s = newScene(t, interceptor.Funcs{
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			use(s, o, "delete")
			return c.Delete(ctx, o, opts...)
		},
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if _, known := o.(*metav1.PartialObjectMetadata); known { // Of a kind that is not the provider's.
				use(s, o, "get")
			}
			return c.Get(ctx, key, o, opts...)
		},
	}, left(t))
	if err := s.finalizer().AddFinalizer(t.Context(), index()); err != nil {
		t.Fatal(err)
	}
	over := &metav1.Time{Time: time.Unix(1, 0)}
	for _, kind := range kinds {
		was := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{}}}
		was.SetGroupVersionKind(kind)
		was.SetName("checkout")
		raw, err := was.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		stone := &v1alpha1.Tombstone{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: nameOf(kind.Kind, "checkout"), UID: "stone-uid"},
			Spec: v1alpha1.TombstoneSpec{Until: over, Resource: runtime.RawExtension{Raw: raw}}}
		if err := s.Create(t.Context(), stone); err != nil {
			t.Fatal(err)
		}
		r := &Reconciler{kube: s, fresh: s, kinds: kinds, now: time.Now, events: s}
		if _, err := r.Reconcile(t.Context(), reconcile.Request{NamespacedName: client.ObjectKeyFromObject(stone)}); err != nil {
			t.Fatal(err)
		}
		made := &unstructured.Unstructured{}
		made.SetGroupVersionKind(kind)
		if err := s.Get(t.Context(), client.ObjectKey{Namespace: "payments", Name: "checkout"}, made); err != nil || !meta.WasDeleted(made) {
			t.Errorf("\nWhat is kept of every kind ends.\n%s: %v, %+v", kind, err, made)
		}
	}
	got := []string{}
	for u := range used {
		got = append(got, u)
	}
	slices.Sort(got)
	if diff := cmp.Diff(granted(t), got); diff != "" {
		t.Errorf("\nEach rule of the shipped role is used, and nothing else is needed.\n-granted, +used:\n%s", diff)
	}
}

// managedKinds returns the kinds of the package that are managed resources, and how all
// kinds are spelt in rules.
func managedKinds(t *testing.T) ([]schema.GroupVersionKind, map[schema.GroupKind]string) {
	t.Helper()
	plurals := map[schema.GroupKind]string{{Group: elasticsearch.GroupVersion.Group, Kind: "Index"}: "indices",
		{Group: "plumbline.dev", Kind: "ServiceEnvironment"}: "serviceenvironments"}
	var kinds []schema.GroupVersionKind
	files, err := filepath.Glob("../../../package/provider/crds/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("cannot find the CRDs: %v", err)
	}
	for _, file := range files {
		var crd struct {
			Spec struct {
				Group string
				Names struct {
					Kind, Plural string
					Categories   []string
				}
				Versions []struct{ Name string }
			}
		}
		b, err := os.ReadFile(file) //nolint:gosec // The test chooses what it reads.
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(b, &crd); err != nil {
			t.Fatal(err)
		}
		of := schema.GroupVersionKind{Group: crd.Spec.Group, Version: crd.Spec.Versions[0].Name, Kind: crd.Spec.Names.Kind}
		plurals[of.GroupKind()] = crd.Spec.Names.Plural
		if slices.Contains(crd.Spec.Names.Categories, "managed") {
			kinds = append(kinds, of)
		}
	}
	return kinds, plurals
}

// granted returns the rules of the shipped role, one by one.
func granted(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("../../../package/rbac/provider.yaml")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(b), "\n---\n")
	role := &rbacv1.ClusterRole{}
	if err := yaml.Unmarshal([]byte(first), role); err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, rule := range role.Rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					all = append(all, group+" "+resource+" "+verb)
				}
			}
		}
	}
	slices.Sort(all)
	return all
}
