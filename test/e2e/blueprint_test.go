package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// TestBlueprintChange changes what the Blueprint says about one environment, then makes a
// mistake in it, and then deletes it. Crossplane asks again for every claim; what the
// change does not touch is not written, and no claim is asked to commit anything.
func TestBlueprintChange(t *testing.T) {
	putBackBlueprint(t)
	touched := commit(t, storyOf("touched"))
	untouched := commit(t, strings.NewReplacer("untouched.dev", "untouched.staging", "untouched-dev", "untouched-staging", "environment: dev", "environment: staging").Replace(storyOf("untouched")))
	becomesReady(t, touched)
	becomesReady(t, untouched)
	before := atRest(t, untouched)

	layOverText(t, `environments: {dev: {namespace: {annotations: {example.com/changed: "yes"}}}}`)
	eventually(t, "the change reaches who it touches", func() string {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "touched-dev"}}
		if missing := get(t, ns); missing != "" || ns.GetAnnotations()["example.com/changed"] == "yes" {
			return missing
		}
		return "the namespace is as it was"
	})
	both := []map[string]string{before, atRest(t, touched)}

	layOverText(t, `{environments: {dev: {namespace: {annotations: {example.com/changed: "yes"}}}}, oops: true}`)
	for i, c := range []*claim.Unstructured{untouched, touched} {
		says(t, c, "data.oops")
		if diff := cmp.Diff(both[i], revisions(t, c)); diff != "" {
			t.Errorf("%s: what a change does not touch is not written, and a mistake changes nothing: -before, +after:\n%s", c.GetName(), diff)
		}
	}
	layOverText(t, `environments: {dev: {namespace: {annotations: {example.com/changed: "yes"}}}}`)
	for i, c := range []*claim.Unstructured{untouched, touched} {
		eventually(t, "the mistake is corrected", func() string {
			if missing := get(t, c); missing != "" || c.GetCondition("Accepted").Status == corev1.ConditionTrue {
				return missing
			}
			return c.GetCondition("Accepted").Message
		})
		if diff := cmp.Diff(both[i], revisions(t, c)); diff != "" {
			t.Errorf("%s: to correct a mistake changes nothing: -before, +after:\n%s", c.GetName(), diff)
		}
	}

	deleteBlueprint(t)
	for i, c := range []*claim.Unstructured{untouched, touched} {
		says(t, c, `EnvironmentConfig "plumbline-blueprint" does not exist`)
		if diff := cmp.Diff(both[i], revisions(t, c)); diff != "" {
			t.Errorf("%s: no other Blueprint takes its place: -before, +after:\n%s", c.GetName(), diff)
		}
	}
	refusesDeletion(t, "Nobody knows what the Blueprint protected.", untouched, "plumbline-protected-environment")
	layOverText(t, `environments: {dev: {namespace: {annotations: {example.com/changed: "yes"}}}}`)
	for i, c := range []*claim.Unstructured{untouched, touched} {
		becomesReady(t, c)
		if diff := cmp.Diff(both[i], revisions(t, c)); diff != "" {
			t.Errorf("%s: to have it back changes nothing: -before, +after:\n%s", c.GetName(), diff)
		}
		remove(t, c)
	}
}

// deleteBlueprint deletes it as one must who means to.
func deleteBlueprint(t *testing.T) {
	t.Helper()
	blueprint := object("apiextensions.crossplane.io/v1beta1", "EnvironmentConfig", "", "plumbline-blueprint")
	eventually(t, "release the Blueprint", func() string {
		if missing := get(t, blueprint); missing != "" {
			return missing
		}
		blueprint.SetAnnotations(map[string]string{"plumbline.dev/allow-deletion": "true"})
		return say(plane.Client().Update(t.Context(), blueprint))
	})
	if err := plane.Client().Delete(t.Context(), blueprint); err != nil {
		t.Fatal(err)
	}
}

// TestExpired commits a claim whose day has come: it says so, and stands.
func TestExpired(t *testing.T) {
	c := parse(t, storyOf("overdue"))
	spec(c)["lifetime"] = map[string]any{"expires": "2020-02-29"}
	submit(t, c)
	becomesReady(t, c)
	says(t, c, "it ended on 2020-02-29; delete the claim")
	if got := c.GetCondition(platform.ConditionWithinLifetime); got.Status != corev1.ConditionFalse || got.Reason != "Expired" {
		t.Errorf("a program can tell, got %v", got)
	}
	remove(t, c)
}

// layOverText is layOver with a part that stands here.
func layOverText(t *testing.T, part string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "part.yaml")
	if err := os.WriteFile(file, []byte(part), 0o600); err != nil {
		t.Fatal(err)
	}
	layOver(t, file)
}

// atRest returns the revisions of what a claim is made of, once nobody writes any more:
// controllers still have something to say when a claim has become Ready.
func atRest(t *testing.T, c *claim.Unstructured) map[string]string {
	t.Helper()
	last, same := revisions(t, c), 0
	eventually(t, c.GetName()+" comes to rest", func() string {
		now := revisions(t, c)
		if diff := cmp.Diff(last, now); diff != "" {
			last, same = now, 0
			return diff
		}
		if same++; same < 30 {
			return "it may be at rest"
		}
		return ""
	})
	return last
}

// revisions of the objects that a claim is made of, by kind and name.
func revisions(t *testing.T, c *claim.Unstructured) map[string]string {
	t.Helper()
	if missing := get(t, c); missing != "" {
		t.Fatal(missing)
	}
	composite := &unstructured.Unstructured{}
	composite.SetGroupVersionKind(platform.XServiceEnvironmentGroupVersionKind)
	composite.SetName(c.GetResourceReference().Name)
	if missing := get(t, composite); missing != "" {
		t.Fatal(missing)
	}
	refs, _, err := unstructured.NestedSlice(composite.Object, "spec", "resourceRefs")
	if err != nil || len(refs) < 10 {
		t.Fatalf("a composite lists its resources, got %d: %v", len(refs), err)
	}
	out := map[string]string{}
	for _, r := range refs {
		text := func(key string) string { s, _ := r.(map[string]any)[key].(string); return s }
		o := &unstructured.Unstructured{}
		o.SetGroupVersionKind(schema.FromAPIVersionAndKind(text("apiVersion"), text("kind")))
		if err := plane.Client().Get(t.Context(), client.ObjectKey{Namespace: text("namespace"), Name: text("name")}, o); err != nil {
			t.Fatal(err)
		}
		out[o.GetKind()+" "+o.GetName()] = o.GetResourceVersion()
	}
	return out
}
