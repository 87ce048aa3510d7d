package e2e

import (
	"net/http"
	"slices"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

// stateFaults are what becomes of a backend's data and people while it answers.
func stateFaults() []faultRow {
	shards := func(lost ...string) func(*testing.T, *claim.Unstructured) {
		return func(t *testing.T, _ *claim.Unstructured) {
			t.Helper()
			asked(t, "/_standin/lost", append([]string{}, lost...), http.StatusNoContent)
		}
	}
	block := func(value any) func(*testing.T, *claim.Unstructured) {
		return func(t *testing.T, _ *claim.Unstructured) {
			t.Helper()
			asked(t, "/faulty-dev.orders/_settings", map[string]any{"index.blocks.read_only_allow_delete": value}, http.StatusOK)
		}
	}
	ill := faultRow{nudge: theIndex(), condition: "SearchReady", reason: "BackendFailed", fixer: platforms}
	red, full := ill, ill
	red.name, red.inject, red.heal = "Elasticsearch is red", shards("faulty-dev.orders"), shards()
	full.name, full.inject, full.heal = "Elasticsearch has made the index read-only", block(true), block(nil)
	slow := elasticsearchFault("Elasticsearch is slower than anybody waits", faults.Rule{Path: "^/(faulty-dev.orders|_cluster)", Delay: "45s"})
	disabled := claimFault("A member may not sign in", func(spec map[string]any) {
		spec["access"] = map[string]any{"members": []any{"ana@example.com", "bo@example.com", "dee@example.com"}}
	}, faultRow{condition: "IdentityReady", ready: true, reason: "MembersDisabled", fixer: developer})
	return []faultRow{red, full, slow, disabled}
}

// asked sends an administrator's request to Elasticsearch.
func asked(t *testing.T, path string, body any, want int) {
	t.Helper()
	if code, answer := elasticsearch().do(t, http.MethodPut, path, body); code != want {
		t.Fatalf("PUT %s: status %d: %v", path, code, answer)
	}
}

// planeFaults are of the control plane itself.
func planeFaults() []faultRow {
	moreMembers := func(spec map[string]any) {
		spec["access"] = map[string]any{"members": []any{"ana@example.com"}}
	}
	return []faultRow{forbidden(moreMembers), foreignNamespace(), endingNamespace()}
}

// forbidden is a right that Crossplane lost.
func forbidden(wrong func(map[string]any)) faultRow {
	f := claimFault("Crossplane may not write a kind", wrong,
		faultRow{condition: "Accepted", unknown: true, ready: true, reason: "FatalError", fixer: platforms})
	change, takeBack := f.inject, f.heal
	role := func() *rbacv1.ClusterRole {
		return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "plumbline:aggregate-to-crossplane"}}
	}
	var before []rbacv1.PolicyRule
	f.inject = func(t *testing.T, c *claim.Unstructured) {
		t.Helper()
		r := role()
		must(t, get(t, r))
		before = slices.Clone(r.DeepCopy().Rules)
		for i := range r.Rules {
			r.Rules[i].Resources = slices.DeleteFunc(r.Rules[i].Resources, func(kind string) bool { return kind == "limitranges" })
		}
		must(t, say(plane.Client().Update(t.Context(), r)))
		change(t, c)
	}
	f.heal = func(t *testing.T, c *claim.Unstructured) {
		t.Helper()
		r := role()
		must(t, get(t, r))
		r.Rules = before
		must(t, say(plane.Client().Update(t.Context(), r)))
		takeBack(t, c)
	}
	return f
}

// foreignNamespace is a namespace that somebody made before the claim was committed.
func foreignNamespace() faultRow {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "early-dev"}}
	return faultRow{
		name: "Somebody has the namespace", own: "early", condition: "Accepted", reason: "ExistsNotOwned", fixer: developer,
		inject: func(t *testing.T, c *claim.Unstructured) {
			t.Helper()
			must(t, say(plane.Client().Create(t.Context(), ns.DeepCopy())))
			submit(t, c)
		},
		heal: func(t *testing.T, _ *claim.Unstructured) {
			t.Helper()
			must(t, say(plane.Client().Delete(t.Context(), ns.DeepCopy())))
		},
	}
}

// endingNamespace is a namespace that somebody deletes, and that does not end.
func endingNamespace() faultRow {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "ending-dev"}}
	holds := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "ending-dev", Name: "holds", Finalizers: []string{"example.com/holds"}}}
	return faultRow{
		name: "The namespace is being deleted, and does not end", own: "ending", condition: "NamespaceReady", reason: "Deleting",
		inject: func(t *testing.T, c *claim.Unstructured) {
			t.Helper()
			submit(t, c)
			becomesReady(t, c)
			must(t, say(plane.Client().Create(t.Context(), holds.DeepCopy())))
			must(t, say(plane.Client().Delete(t.Context(), ns.DeepCopy())))
		},
		heal: func(t *testing.T, _ *claim.Unstructured) {
			t.Helper()
			free := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))
			must(t, say(plane.Client().Patch(t.Context(), holds.DeepCopy(), free)))
		},
	}
}
