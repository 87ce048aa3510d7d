package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// TestLostNamespace deletes an environment's namespace by hand, and lets somebody else
// have the name before the environment is looked at again. Nothing of the other's is
// touched, what holds data stays, and the environment comes back when the name is free.
// Crossplane finds an object in the place of its own and stops before it asks the function.
func TestLostNamespace(t *testing.T) {
	c := commit(t, storyOf("lost"))
	becomesReady(t, c)
	kept := func() []any { return []any{index(t, "lost-dev.orders")["index.uuid"], groups(t, "lost-dev")[0]["id"]} }
	before := kept()
	composite := object("plumbline.dev/v1alpha1", "XServiceEnvironment", "", c.GetResourceReference().Name)
	must(t, get(t, composite))
	annotate(t, composite, "crossplane.io/paused", "true")
	theirs := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "lost-dev"}}
	eventually(t, "delete the namespace", func() string { // A new API server learns of the policies only after a while.
		return say(client.IgnoreNotFound(plane.Client().Delete(t.Context(), theirs.DeepCopy())))
	})
	eventually(t, "the namespace is gone", func() string { return absent(t, theirs.DeepCopy()) })
	must(t, say(plane.Client().Create(t.Context(), theirs)))
	annotate(t, composite, "crossplane.io/paused", "false")

	accepted := func(want string) {
		t.Helper()
		eventually(t, "Accepted is "+want, func() string {
			must(t, get(t, c))
			got := c.GetCondition(platform.ConditionAccepted)
			return unlessEqual(want, string(got.Status)+" "+string(got.Reason))
		})
	}
	accepted("Unknown FatalError")
	bindings := &rbacv1.RoleBindingList{}
	must(t, say(plane.Client().List(t.Context(), bindings, client.InNamespace("lost-dev"))))
	if len(bindings.Items) > 0 {
		t.Errorf("nobody of the environment may work in the other's namespace, got %v", bindings.Items)
	}
	found := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "lost-dev"}}
	must(t, get(t, found))
	if diff := cmp.Diff(theirs.Labels, found.Labels); diff != "" || found.UID != theirs.UID {
		t.Errorf("the other's namespace is as it was: %s -want, +got:\n%s", found.UID, diff)
	}
	if diff := cmp.Diff(before, kept()); diff != "" {
		t.Errorf("what holds data and access is kept: -want, +got:\n%s", diff)
	}

	must(t, say(plane.Client().Delete(t.Context(), found)))
	accepted("True Accepted")
	becomesReady(t, c)
	again := object("v1", "Namespace", "", "lost-dev")
	must(t, get(t, again))
	if owner := metav1.GetControllerOf(again); owner == nil || owner.UID != composite.GetUID() {
		t.Errorf("the environment has a namespace of its own again, got one of %v", owner)
	}
	if diff := cmp.Diff(before, kept()); diff != "" {
		t.Errorf("the environment has what it had: -want, +got:\n%s", diff)
	}
	remove(t, c)
}
