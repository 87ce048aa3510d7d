package e2e

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const examples = "../../examples"

// TestExtras takes every example of an extra to Ready under its Blueprint, and looks
// whether the API server holds what the example promises. The kinds are those of
// testdata; the test writes the conditions that their controllers would.
func TestExtras(t *testing.T) {
	putBackBlueprint(t)
	apply(t, "testdata/extras-rbac.yaml")
	for _, name := range []string{"argocd", "vault-config"} {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := plane.Client().Create(t.Context(), ns); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("MissingKind", missingKind)
	dirs, err := filepath.Glob(filepath.Join(examples, "extras", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no extras found: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			layOver(t, filepath.Join(dir, "blueprint.yaml"))
			c := commit(t, read(t, filepath.Join(dir, "claim.yaml")))
			want := objectsOf(t, filepath.Join(dir, "resources.yaml"))
			for _, o := range want {
				is(t, o)
				if condition := conditionOf(t, dir, o); condition != "" {
					says(t, c, "Its controller does not say yet whether it is "+condition)
					settle(t, o, condition)
				}
			}
			becomesReady(t, c)
			remove(t, c)
			for _, o := range want {
				eventually(t, "an extra goes with its claim", func() string { return absent(t, o) })
			}
		})
	}
	t.Run("ForeignObject", foreignObject)
	t.Run("NotAllowed", notAllowed)
}

// missingKind asks for an extra whose kind nobody has defined: the claim says so, and
// has all the rest. It is ready as soon as somebody defines the kind.
func missingKind(t *testing.T) {
	layOver(t, filepath.Join(examples, "extras", "argocd", "blueprint.yaml"))
	c := commit(t, strings.ReplaceAll(read(t, filepath.Join(examples, "extras", "argocd", "claim.yaml")), "basket", "kindless"))
	says(t, c, "KindMissing")
	says(t, c, "install its CustomResourceDefinition")
	eventually(t, "the rest is there", func() string {
		return get(t, &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: "kindless-dev", Name: "environment"}})
	})
	apply(t, "testdata/extras-crds.yaml")
	becomesReady(t, c)
	remove(t, c)
}

// foreignObject asks for an extra whose name in a shared namespace is somebody else's.
func foreignObject(t *testing.T) {
	layOver(t, filepath.Join(examples, "extras", "argocd", "blueprint.yaml"))
	foreign := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
		"metadata": map[string]any{"namespace": "argocd", "name": "squat-dev"},
		"spec":     map[string]any{"description": "Somebody else's"},
	}}
	if err := plane.Client().Create(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	before := foreign.DeepCopy()
	c := commit(t, strings.ReplaceAll(read(t, filepath.Join(examples, "extras", "argocd", "claim.yaml")), "basket", "squat"))
	says(t, c, "ExistsNotOwned")
	remove(t, c)
	if missing := get(t, foreign); missing != "" {
		t.Fatal(missing)
	}
	if diff := cmp.Diff(before, foreign); diff != "" {
		t.Errorf("an object that is not ours is not touched, even when the claim goes: -before, +after:\n%s", diff)
	}
}

// notAllowed asks for an extra of a kind that nobody let Crossplane write, inside and
// outside the environment's namespace: the claim says so, and has all the rest.
func notAllowed(t *testing.T) {
	for place, name := range map[string]string{"": "budget", "\n      namespace: argocd": "'{namespace}'"} {
		part := filepath.Join(t.TempDir(), "blueprint.yaml")
		text := `
extras:
  budget:
    objects:
    - manifest: {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: ` + name + `}, spec: {minAvailable: 1}}` + place
		if err := os.WriteFile(part, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		layOver(t, part)
		c := commit(t, `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: denied-dev, namespace: shop}
spec: {service: denied, environment: dev, extras: [{name: budget}]}
`)
		says(t, c, "NotAllowed")
		says(t, c, "poddisruptionbudgets.policy")
		eventually(t, "the rest is there", func() string {
			return get(t, &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: "denied-dev", Name: "environment"}})
		})
		remove(t, c)
	}
}

func apply(t *testing.T, files ...string) {
	t.Helper()
	if err := plane.ApplyFiles(t.Context(), files...); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file) //nolint:gosec // The test chooses what it reads.
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// layOver applies the example Blueprint with a part laid over it.
func layOver(t *testing.T, file string) {
	t.Helper()
	blueprint, part := map[string]any{}, map[string]any{}
	for into, text := range map[*map[string]any]string{&blueprint: read(t, filepath.Join(examples, "blueprint.yaml")), &part: read(t, file)} {
		if err := yaml.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	blueprint["data"] = overlay(blueprint["data"], part)
	y, err := yaml.Marshal(blueprint)
	if err != nil {
		t.Fatal(err)
	}
	merged := filepath.Join(t.TempDir(), "blueprint.yaml")
	if err := os.WriteFile(merged, y, 0o600); err != nil {
		t.Fatal(err)
	}
	apply(t, merged)
}

// putBackBlueprint has the Blueprint of examples/ in force again when the test ends.
func putBackBlueprint(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		if err := plane.ApplyFiles(context.WithoutCancel(t.Context()), filepath.Join(examples, "blueprint.yaml")); err != nil {
			t.Error(err)
		}
	})
}

func overlay(base, over any) any {
	b, isObject := base.(map[string]any)
	o, overObject := over.(map[string]any)
	if !isObject || !overObject {
		return over
	}
	for key, value := range o {
		b[key] = overlay(b[key], value)
	}
	return b
}

func objectsOf(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	var out []*unstructured.Unstructured
	for doc := range bytes.SplitSeq([]byte(read(t, file)), []byte("---\n")) {
		u := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(doc, &u.Object); err != nil {
			t.Fatal(err)
		}
		if len(u.Object) > 0 {
			out = append(out, u)
		}
	}
	return out
}

// is waits until an object is what the example promises: its spec entirely, so that
// nothing was pruned that the kind does not know.
func is(t *testing.T, want *unstructured.Unstructured) {
	t.Helper()
	got := &unstructured.Unstructured{}
	got.SetGroupVersionKind(want.GroupVersionKind())
	got.SetNamespace(want.GetNamespace())
	got.SetName(want.GetName())
	eventually(t, want.GetKind()+" "+want.GetName()+" is as promised", func() string {
		if missing := get(t, got); missing != "" {
			return missing
		}
		promised, found := plain(t, want), plain(t, got)
		if promised["spec"] == nil {
			return cmp.Diff(promised["metadata"].(map[string]any)["labels"], labelsWithout(found))
		}
		return cmp.Diff(promised["spec"], found["spec"])
	})
}

// plain writes numbers in one way.
func plain(t *testing.T, o *unstructured.Unstructured) map[string]any {
	t.Helper()
	y, err := yaml.Marshal(o.Object)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if err := yaml.Unmarshal(y, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// labelsWithout leaves out the labels of Crossplane and Kubernetes.
func labelsWithout(o map[string]any) map[string]any {
	labels := o["metadata"].(map[string]any)["labels"].(map[string]any)
	for key := range labels {
		if strings.HasPrefix(key, "crossplane.io/") || strings.HasPrefix(key, "kubernetes.io/") {
			delete(labels, key)
		}
	}
	return labels
}

// conditionOf returns the condition that the Blueprint waits for on an object.
func conditionOf(t *testing.T, dir string, o *unstructured.Unstructured) string {
	t.Helper()
	var part struct {
		Extras map[string]struct {
			Objects []struct {
				Ready    struct{ Condition string }
				Manifest unstructured.Unstructured
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(dir, "blueprint.yaml"))), &part); err != nil {
		t.Fatal(err)
	}
	for _, e := range part.Extras {
		for _, candidate := range e.Objects {
			if candidate.Manifest.GroupVersionKind() == o.GroupVersionKind() {
				return candidate.Ready.Condition
			}
		}
	}
	return ""
}

// settle writes the condition that the object's controller would.
func settle(t *testing.T, o *unstructured.Unstructured, condition string) {
	t.Helper()
	eventually(t, "settle "+o.GetName(), func() string {
		live := o.DeepCopy()
		if missing := get(t, live); missing != "" {
			return missing
		}
		live.Object["status"] = map[string]any{"conditions": []any{map[string]any{
			"type": condition, "status": "True", "reason": "Settled", "lastTransitionTime": "2026-01-01T00:00:00Z",
		}}}
		return say(plane.Client().Status().Update(t.Context(), live))
	})
}

// TestBuild lets the runner of a build environment deploy to a run environment that
// names it, and to no other.
func TestBuild(t *testing.T) {
	build := commit(t, read(t, filepath.Join(examples, "build", "claim.yaml")))
	run := commit(t, `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: checkout-staging, namespace: payments}
spec:
  service: checkout
  environment: staging
  access: {roles: [{role: Deployer, serviceAccounts: [{namespace: checkout-build, name: runner}]}]}
`)
	other := commit(t, `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: checkout-dev, namespace: payments}
spec: {service: checkout, environment: dev}
`)
	for _, c := range []*claim.Unstructured{build, run, other} {
		becomesReady(t, c)
	}
	runner := signIn(t, "system:serviceaccount:checkout-build:runner", "system:serviceaccounts")
	deploy := func(ns string) error {
		return runner.Create(t.Context(), &appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "web"},
			Spec: appsv1.DeploymentSpec{
				Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
				Template: corev1.PodTemplateSpec{
					ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
					Spec:       corev1.PodSpec{ServiceAccountName: "workload", Containers: []corev1.Container{{Name: "web", Image: "registry.example.com/web"}}},
				},
			},
		})
	}
	for _, ns := range []string{"checkout-build", "checkout-staging"} {
		if err := deploy(ns); err != nil {
			t.Errorf("the runner may deploy to %s: %v", ns, err)
		}
	}
	if err := deploy("checkout-dev"); !kerrors.IsForbidden(err) {
		t.Errorf("the runner may not deploy to an environment that does not name it, got: %v", err)
	}
	for _, c := range []*claim.Unstructured{build, run, other} {
		remove(t, c)
	}
}
