package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
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
	return []faultRow{forbidden(moreMembers), functionDown(), apiServerDies(), foreignNamespace(), endingNamespace()}
}

// functionDown is a function that nobody restarts for longer than Crossplane waits for it.
// What is touched is an object of the claim: were it the composite, the pass that runs at
// that moment would wait for two minutes and then not be able to write down why.
func functionDown() faultRow {
	return faultRow{
		name: "The function is down", condition: "Accepted", unknown: true, ready: true, reason: "FatalError", fixer: platforms, takes: 2 * time.Minute,
		inject: func(t *testing.T, _ *claim.Unstructured) {
			t.Helper()
			must(t, say(plane.KillFunction()))
			touch(t, theIndex())
		},
		heal: func(t *testing.T, _ *claim.Unstructured) {
			t.Helper()
			must(t, say(plane.RestartFunction(t.Context())))
		},
	}
}

// apiServerDies is a power failure of the API server as soon as it took an edit. Nobody
// can ask the claim before it is back, and then the edit is carried out. An API server
// that is new to the kind of the Blueprint refuses every deletion until it knows it.
func apiServerDies() faultRow {
	f := claimFault("The API server dies when the claim changes", func(spec map[string]any) {
		spec["access"] = map[string]any{"members": []any{"bo@example.com"}}
	}, faultRow{condition: "Ready", ready: true, reason: "Available", fixer: nobody})
	change := f.inject
	f.inject = func(t *testing.T, c *claim.Unstructured) {
		t.Helper()
		change(t, c)
		must(t, say(plane.RestartAPIServer(t.Context())))
		eventually(t, "what was asked for before it died is done", func() string {
			return cmp.Diff([]string{"bo@example.com"}, world(t)["members"])
		})
		eventually(t, "the policies that protect claims know the Blueprint again", func() string {
			return say(plane.Client().Delete(t.Context(), c, client.DryRunAll))
		})
	}
	return f
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

// denied is a policy that denies a certificate. cert-manager's own approver approves all,
// so it is kept from that.
func denied() faultRow {
	const host = "denied.faulty-dev.preview.example.com"
	policy := object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "", "approve-nothing")
	policy.Object["spec"] = map[string]any{
		"matchConstraints": map[string]any{"resourceRules": []any{map[string]any{
			"apiGroups": []any{"cert-manager.io"}, "apiVersions": []any{"*"}, "operations": []any{"UPDATE"}, "resources": []any{"certificaterequests/status"},
		}}},
		"validations": []any{map[string]any{"expression": `!object.?status.?conditions.orValue([]).exists(c, c.type == 'Approved')`}},
	}
	binding := object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "", "approve-nothing")
	binding.Object["spec"] = map[string]any{"policyName": "approve-nothing", "validationActions": []any{"Deny"}}
	f := claimFault("A policy denies the certificate", func(spec map[string]any) {
		spec["routes"] = append(spec["routes"].([]any), map[string]any{"host": host, "service": "web", "port": int64(8080)})
	}, faultRow{condition: "RouteReady", reason: "IssuingFailed", fixer: platforms})
	add, takeBack := f.inject, f.heal
	f.inject = func(t *testing.T, c *claim.Unstructured) {
		t.Helper()
		must(t, say(plane.Client().Create(t.Context(), policy.DeepCopy())))
		must(t, say(plane.Client().Create(t.Context(), binding.DeepCopy())))
		eventually(t, "nobody may approve", func() string { return approvable(t, "faulty.dev.example.com") })
		add(t, c)
		eventually(t, "the request of the certificate is denied", func() string { return deny(t, host) })
	}
	f.heal = func(t *testing.T, c *claim.Unstructured) {
		t.Helper()
		must(t, say(plane.Client().Delete(t.Context(), binding.DeepCopy())))
		must(t, say(plane.Client().Delete(t.Context(), policy.DeepCopy())))
		takeBack(t, c)
	}
	return f
}

// approvable says that the API server takes the approval of a host's certificate. It is
// asked with one that has its approval.
func approvable(t *testing.T, host string) string {
	t.Helper()
	r := requestOf(t, host)
	if r == nil {
		return "nobody asked for the certificate of " + host
	}
	if err := plane.Client().Status().Update(t.Context(), r, client.DryRunAll); err == nil || !strings.Contains(err.Error(), "approve-nothing") {
		return "the policy is not in effect: " + say(err)
	}
	return ""
}

// deny denies the request of a host's certificate, as cert-manager's approver-policy does.
func deny(t *testing.T, host string) string {
	t.Helper()
	r := requestOf(t, host)
	if r == nil {
		return "nobody asked for the certificate of " + host
	}
	r.Object["status"] = map[string]any{"conditions": []any{map[string]any{
		"type": "Denied", "status": "True", "reason": "policy.cert-manager.io", "message": "No policy approved this request",
		"lastTransitionTime": time.Now().UTC().Format(time.RFC3339),
	}}}
	return say(plane.Client().Status().Update(t.Context(), r))
}

// requestOf is the request of a host's certificate, or nil.
func requestOf(t *testing.T, host string) *unstructured.Unstructured {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion("cert-manager.io/v1")
	list.SetKind("CertificateRequestList")
	must(t, say(plane.Client().List(t.Context(), list, client.InNamespace("faulty-dev"))))
	for _, r := range list.Items {
		if r.GetAnnotations()["cert-manager.io/certificate-name"] == host {
			return &r
		}
	}
	return nil
}
