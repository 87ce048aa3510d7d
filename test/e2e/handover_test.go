package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestHandOver moves an environment to a claim of another team. Nothing that holds
// data or identity is made anew, and nobody but the team that is named gets any of it.
func TestHandOver(t *testing.T) {
	c := commit(t, storyOf("moved"))
	becomesReady(t, c)
	if code, answer := elasticsearch().do(t, http.MethodPost, "/moved-dev.orders/_doc?refresh=true", map[string]any{"total": 1}); code != http.StatusCreated {
		t.Fatalf("cannot index a document: %v", answer)
	}
	answered(t, "moved.dev.example.com")
	before := identities(t, "moved-dev")

	heir := commit(t, strings.ReplaceAll(storyOf("moved"), "namespace: payments", "namespace: shop"))
	thief := commit(t, strings.ReplaceAll(storyOf("moved"), "namespace: payments", "namespace: mallory"))
	for _, other := range []*claim.Unstructured{heir, thief} {
		says(t, other, `belongs to payments/moved-dev (team payments)`)
	}

	change(t, c, func(spec map[string]any) { spec["handOver"] = "shop/moved-dev" })
	says(t, c, "all of it is marked for shop/moved-dev")
	leave(t, c)

	becomesReady(t, heir)
	if diff := cmp.Diff(before, identities(t, "moved-dev")); diff != "" {
		t.Errorf("nothing that holds data or identity is made anew: -before, +after:\n%s", diff)
	}
	says(t, thief, `belongs to shop/moved-dev (team shop)`)
	if got := metaOf(t, "moved-dev.orders")["plumbline.dev/owner"]; got != "local/shop/moved-dev.orders" {
		t.Errorf("the index is the heir's as if it had made it, got %v", got)
	}
	remove(t, thief)
	if diff := cmp.Diff(before, identities(t, "moved-dev")); diff != "" {
		t.Errorf("a claim that got nothing takes nothing with it: -before, +after:\n%s", diff)
	}
	change(t, heir, func(spec map[string]any) { spec["size"] = "medium" })
	eventually(t, "the heir governs the namespace", func() string {
		if got := quota(t, "moved-dev")[corev1.ResourcePods]; got.Value() != 50 {
			return "it allows pods: " + got.String()
		}
		return ""
	})

	remove(t, heir)
	eventually(t, "the namespace goes with the heir", func() string {
		return absent(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "moved-dev"}})
	})
	if index(t, "moved-dev.orders") != nil || len(groups(t, "moved-dev")) > 0 {
		t.Error("index and group go with the heir, as its deletion policy says")
	}
}

// TestRename renames an environment of the Blueprint, and hands a claim of it over to one
// of the new name. Nothing is made anew.
func TestRename(t *testing.T) {
	c := commit(t, storyOf("renamed"))
	becomesReady(t, c)
	if code, answer := elasticsearch().do(t, http.MethodPost, "/renamed-dev.orders/_doc?refresh=true", map[string]any{"total": 1}); code != http.StatusCreated {
		t.Fatalf("cannot index a document: %v", answer)
	}
	answered(t, "renamed.dev.example.com")
	before := identities(t, "renamed-dev")

	putBackBlueprint(t)
	layOverText(t, `environments: {sandbox: {formerly: dev, tier: NonProduction, size: small, podSecurity: baseline, hostSuffixes: {public: [dev.example.com]}}}`)
	heir := commit(t, strings.NewReplacer("name: renamed-dev", "name: renamed-sandbox", "environment: dev", "environment: sandbox").Replace(storyOf("renamed")))
	says(t, heir, `Namespace "renamed-dev" belongs to payments/renamed-dev (team payments)`)
	change(t, c, func(spec map[string]any) { spec["handOver"] = "payments/renamed-sandbox" })
	says(t, c, "all of it is marked for payments/renamed-sandbox")
	leave(t, c)

	becomesReady(t, heir)
	if diff := cmp.Diff(before, identities(t, "renamed-dev")); diff != "" {
		t.Errorf("nothing is made anew, nor renamed: -before, +after:\n%s", diff)
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "renamed-dev"}}
	if missing := get(t, ns); missing != "" || ns.Labels["plumbline.dev/environment"] != "sandbox" {
		t.Errorf("it is an environment of the new name, got %v %s", ns.Labels, missing)
	}
	remove(t, heir)
	leavesNothing(t, "renamed-sandbox", "payments")
}

// answered waits until a host resolves.
func answered(t *testing.T, host string) {
	t.Helper()
	eventually(t, host+" resolves", func() string {
		_, err := plane.Resolver().LookupHost(t.Context(), host+".") // Absolute: the machine's search list does not matter.
		return say(err)
	})
}

// leave takes a claim away and leaves what it had: the documented steps.
func leave(t *testing.T, c *claim.Unstructured) {
	t.Helper()
	xr := &unstructured.Unstructured{}
	xr.SetGroupVersionKind(schema.GroupVersionKind{Group: "plumbline.dev", Version: "v1alpha1", Kind: "XServiceEnvironment"})
	get(t, c)
	xr.SetName(c.GetResourceReference().Name)
	annotate(t, xr, "crossplane.io/paused", "true")
	eventually(t, "the composite rests", func() string {
		if missing := get(t, xr); missing != "" {
			return missing
		}
		if got := conditionNamed(xr, "Synced")["reason"]; got != "ReconcilePaused" {
			return fmt.Sprint(got)
		}
		return ""
	})
	annotate(t, c, "crossplane.io/paused", "true")
	if err := plane.Client().Delete(t.Context(), xr, client.PropagationPolicy(metav1.DeletePropagationOrphan)); err != nil {
		t.Fatalf("cannot delete composite: %v", err)
	}
	eventually(t, "Kubernetes let go of all that it had", func() string {
		if missing := get(t, xr); missing != "" {
			return missing
		}
		if slices.Contains(xr.GetFinalizers(), metav1.FinalizerOrphanDependents) {
			return fmt.Sprint(xr.GetFinalizers())
		}
		return ""
	})
	annotate(t, xr, "crossplane.io/paused", "false")
	eventually(t, "the composite is gone", func() string { return absent(t, xr) })
	if err := plane.Client().Delete(t.Context(), c); err != nil {
		t.Fatalf("cannot delete claim: %v", err)
	}
	annotate(t, c, "crossplane.io/paused", "false")
	eventually(t, "the claim is gone", func() string { return absent(t, c) })
	of := []client.ListOption{client.InNamespace(c.GetNamespace()), client.MatchingLabels{"crossplane.io/claim-name": c.GetName()}}
	for _, kind := range []schema.GroupVersionKind{
		{Group: "elasticsearch.plumbline.dev", Version: "v1alpha1", Kind: "IndexList"}, {Group: "elasticsearch.plumbline.dev", Version: "v1alpha1", Kind: "RoleList"},
		{Group: "elasticsearch.plumbline.dev", Version: "v1alpha1", Kind: "RoleMappingList"}, {Group: "entra.plumbline.dev", Version: "v1alpha1", Kind: "GroupList"},
	} {
		eventually(t, "managed resources go", func() string {
			list := &unstructured.UnstructuredList{}
			list.SetGroupVersionKind(kind)
			if err := plane.Client().List(t.Context(), list, of...); err != nil {
				return err.Error()
			}
			for _, mr := range list.Items {
				if err := client.IgnoreNotFound(plane.Client().Delete(t.Context(), &mr)); err != nil {
					return err.Error()
				}
			}
			if len(list.Items) > 0 {
				return list.Items[0].GetName() + " is still there"
			}
			return ""
		})
	}
}

// identities are what would be lost if anything was made anew.
func identities(t *testing.T, name string) map[string]string {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if missing := get(t, ns); missing != "" {
		t.Fatal(missing)
	}
	_, count := elasticsearch().do(t, http.MethodGet, "/"+name+".orders/_count", nil)
	found := groups(t, name)
	if len(found) != 1 {
		t.Fatalf("there is one group %s, got %v", name, found)
	}
	host := strings.TrimSuffix(name, "-dev") + ".dev.example.com"
	route := map[string]string{}
	for kind, o := range map[string]*unstructured.Unstructured{
		"ingress": object("networking.k8s.io/v1", "Ingress", name, host), "certificate": object("cert-manager.io/v1", "Certificate", name, host),
		"record": object("externaldns.k8s.io/v1alpha1", "DNSEndpoint", name, host), "key pair": object("v1", "Secret", name, host+"-tls"),
	} {
		if missing := get(t, o); missing != "" {
			t.Fatal(missing)
		}
		route[kind] = string(o.GetUID()) + fmt.Sprint(field(o, "data", "tls.crt"))
	}
	if _, err := plane.Resolver().LookupHost(t.Context(), host+"."); err != nil {
		t.Errorf("%s is answered: %v", host, err)
	}
	return map[string]string{
		"ingress": route["ingress"], "certificate": route["certificate"], "record": route["record"], "key pair": route["key pair"],
		"namespace": string(ns.UID), "index": fmt.Sprint(index(t, name+".orders")["index.uuid"]), "documents": fmt.Sprint(count["count"]),
		"group": fmt.Sprint(found[0]["id"]), "members": fmt.Sprint(members(t, found[0]["id"].(string))),
		"lease": string(leasesByHost(t)[host].UID),
	}
}

// conditionNamed returns a condition of an object, or none.
func conditionNamed(u *unstructured.Unstructured, kind string) map[string]any {
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, c := range conditions {
		if m, ok := c.(map[string]any); ok && m["type"] == kind {
			return m
		}
	}
	return nil
}
