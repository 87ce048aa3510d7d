package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	custody "github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

// graceful is a claim in staging, whose Blueprint has a grace of seven days and
// protects what is in use.
const graceful = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: SERVICE-staging, namespace: payments}
spec:
  service: SERVICE
  environment: staging
  tags: {costCenter: "4711", dataClass: internal}
  access: {members: [ana@example.com]}
  search:
    indices: [{name: orders, shards: 1, replicas: 0}]
    streams: [{name: logs}]
    apiKeys: [{name: web, access: Reader}]
  routes: [{host: SERVICE.staging.example.com, service: web, port: 8080}]
`

func gracefulOf(service string) string { return strings.ReplaceAll(graceful, "SERVICE", service) }

// TestGrace deletes an environment by mistake, adds it again, and deletes it for
// good.
func TestGrace(t *testing.T) {
	c := commit(t, gracefulOf("grace"))
	becomesReady(t, c)
	if code, answer := elasticsearch().do(t, http.MethodPost, "/grace-staging.orders/_doc?refresh=true", map[string]any{"id": "x"}); code != http.StatusCreated {
		t.Fatalf("cannot write a document: %d %v", code, answer)
	}
	uuid, id := index(t, "grace-staging.orders")["index.uuid"], groups(t, "grace-staging")[0]["id"]
	uid := c.GetUID()
	before := time.Now()
	remove(t, c)

	t.Run("AccessEnds", func(t *testing.T) {
		if left := composed(t, "grace-staging", "payments"); len(left) > 0 {
			t.Errorf("with the claim goes all that it was made of in Kubernetes, left is %v", left)
		}
		for what, path := range map[string]string{"roles": "/_security/role", "mappings": "/_security/role_mapping"} {
			if left := marked(t, elasticsearch(), path, "/payments/grace-staging"); len(left) > 0 {
				t.Errorf("access is revoked at once, left are the %s %v", what, left)
			}
		}
	})
	t.Run("DataIsKept", func(t *testing.T) {
		got := index(t, "grace-staging.orders")
		if got == nil || got["index.uuid"] != uuid || documents(t, "grace-staging.orders") != 1 {
			t.Errorf("the index stays with its documents, got %v", got)
		}
		if got := groups(t, "grace-staging"); len(got) != 1 || got[0]["id"] != id {
			t.Errorf("the group stays, got %v", got)
		}
		kept := tombstones(t, "grace-staging")
		if len(kept) != 3 {
			t.Fatalf("each thing that stays has a Tombstone: index, stream and group, got %v", kept)
		}
		for _, k := range kept {
			if k.Spec.Until == nil || k.Spec.Until.Sub(before).Round(time.Hour) != 7*24*time.Hour {
				t.Errorf("it stays for seven days, got %v of %s", k.Spec.Until, k.Name)
			}
		}
		tells(t, "payments", "grace-staging", string(uid), "Kept", "Index grace-staging.orders is kept until", "add ServiceEnvironment grace-staging again")
	})

	again := commit(t, gracefulOf("grace"))
	becomesReady(t, again)
	t.Run("AddedAgain", func(t *testing.T) {
		if got := index(t, "grace-staging.orders")["index.uuid"]; got != uuid || documents(t, "grace-staging.orders") != 1 {
			t.Errorf("the same index is picked up with its documents: uuid %v became %v", uuid, got)
		}
		if got := groups(t, "grace-staging"); len(got) != 1 || got[0]["id"] != id {
			t.Errorf("the same group is picked up: %v became %v", id, got)
		}
		eventually(t, "remove the Tombstones", func() string { return names(tombstones(t, "grace-staging")) })
		tells(t, "payments", "grace-staging", string(again.GetUID()), "PickedUp", "Index grace-staging.orders")
	})

	remove(t, again)
	t.Run("TimeIsOver", func(t *testing.T) {
		if err := plane.KillProvider(); err != nil {
			t.Fatal(err)
		}
		for _, k := range tombstones(t, "grace-staging") {
			expire(t, k)
		}
		if err := plane.RestartProvider(t.Context()); err != nil {
			t.Fatal(err)
		}
		eventually(t, "delete what was kept", func() string { return names(tombstones(t, "grace-staging")) })
		eventually(t, "delete what deleted it", func() string {
			return say(client.IgnoreNotFound(plane.Client().Get(t.Context(), client.ObjectKey{Namespace: "payments", Name: "grace-staging.orders"},
				object("elasticsearch.plumbline.dev/v1alpha1", "Index", "", ""))))
		})
		leavesNothing(t, "grace-staging", "payments")
	})
}

// TestRetained deletes a production environment, and takes it back.
func TestRetained(t *testing.T) {
	text := strings.NewReplacer("SERVICE-staging", "retained-prod", "SERVICE.staging", "retained", "environment: staging", "environment: prod", "SERVICE", "retained", "namespace: payments", "namespace: archive").Replace(graceful) // A team of its own: no other claim keeps its namespace.
	c := commit(t, text)
	becomesReady(t, c)
	elasticsearch().do(t, http.MethodPost, "/retained-prod.orders/_doc?refresh=true", map[string]any{"id": "x"})
	uuid, id := index(t, "retained-prod.orders")["index.uuid"], groups(t, "retained-prod")[0]["id"]
	remove(t, c)
	kept := tombstones(t, "retained-prod")
	if len(kept) != 3 || slices.ContainsFunc(kept, func(k custody.Tombstone) bool { return k.Spec.Until != nil }) {
		t.Errorf("production keeps index, stream and group for good, got %v", kept)
	}
	refusesDeletion(t, "With its namespace a team would forget what is kept.", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "archive"}}, "is kept for namespace archive")

	again := commit(t, text)
	becomesReady(t, again)
	eventually(t, "remove the Tombstones", func() string { return names(tombstones(t, "retained-prod")) })
	if got := index(t, "retained-prod.orders")["index.uuid"]; got != uuid || documents(t, "retained-prod.orders") != 1 {
		t.Errorf("the same index is picked up with its documents: uuid %v became %v", uuid, got)
	}
	if got := groups(t, "retained-prod"); len(got) != 1 || got[0]["id"] != id {
		t.Errorf("the same group is picked up: %v became %v", id, got)
	}
	change(t, again, func(spec map[string]any) { spec["deletion"] = map[string]any{"policy": "Delete"} })
	for _, kept := range []*unstructured.Unstructured{
		object("elasticsearch.plumbline.dev/v1alpha1", "Index", "archive", "retained-prod.orders"),
		object("elasticsearch.plumbline.dev/v1alpha1", "DataStream", "archive", "retained-prod.logs"),
		object("entra.plumbline.dev/v1alpha1", "Group", "archive", "retained-prod"),
	} {
		eventually(t, "the change reaches all that was kept", func() string {
			if missing := get(t, kept); missing != "" {
				return missing
			}
			return unlessEqual("[*]", fmt.Sprint(field(kept, "spec", "managementPolicies")))
		})
	}
	remove(t, again)
	if got := index(t, "retained-prod.orders"); got != nil {
		t.Errorf("without a grace what is to be deleted goes at once, got %v", got)
	}
	if kept := tombstones(t, "retained-prod"); len(kept) > 0 {
		t.Errorf("and leaves no Tombstone, got %s", names(kept))
	}
}

// TestDeletionIsHeldUp deletes a claim while Elasticsearch refuses every request.
func TestDeletionIsHeldUp(t *testing.T) {
	c := commit(t, storyOf("heldup"))
	becomesReady(t, c)
	fault(t, elasticsearch(), faults.Rule{Status: http.StatusServiceUnavailable, Path: "heldup"})
	defer fault(t, elasticsearch())
	if err := plane.Client().Delete(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	tells(t, "payments", "heldup-dev", string(c.GetUID()), "DeletionHeldUp", "Index heldup-dev.orders cannot go: ", "503")
	if missing := get(t, c); missing != "" {
		t.Errorf("a claim waits for what cannot be deleted: %s", missing)
	}
	eventually(t, "what can go goes", func() string { return unlessEqual("0", fmt.Sprint(len(groups(t, "heldup-dev")))) })
	fault(t, elasticsearch())
	eventually(t, "the claim goes once Elasticsearch is back", func() string { return absent(t, c) })
	leavesNothing(t, "heldup-dev", "payments")
}

// TestEditedWhileDeleted edits a claim that is being deleted: asks for more, and takes
// the deletion back as far as a claim can. It goes all the same, and leaves nothing new.
func TestEditedWhileDeleted(t *testing.T) {
	text := strings.ReplaceAll(storyOf("regret"), "namespace: payments", "namespace: regrets")
	c := commit(t, text)
	becomesReady(t, c)
	uid := c.GetUID()
	fault(t, elasticsearch(), faults.Rule{Status: http.StatusServiceUnavailable, Path: "regret-dev.orders"})
	defer fault(t, elasticsearch())
	if err := plane.Client().Delete(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	tells(t, "regrets", "regret-dev", string(uid), "DeletionHeldUp", "Index regret-dev.orders cannot go: ", "503")
	change(t, c, func(spec map[string]any) {
		spec["size"] = "medium"
		spec["deletion"] = map[string]any{"policy": "Retain", "protect": true}
		indices := spec["search"].(map[string]any)["indices"].([]any)
		spec["search"].(map[string]any)["indices"] = append(indices, map[string]any{"name": "more"})
		spec["routes"] = []any{map[string]any{"host": "regretted.dev.example.com", "service": "web", "port": int64(8080)}}
	})
	if err := plane.Client().Delete(t.Context(), c, client.DryRunAll); err == nil || !strings.Contains(err.Error(), "first commit spec.deletion.protect: false") {
		t.Errorf("a protection that comes late is told as any other, got %v", err)
	}
	eventually(t, "what can go goes", func() string { return absent(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "regret-dev"}}) })
	fault(t, elasticsearch())
	eventually(t, "the claim goes once Elasticsearch is back", func() string { return absent(t, c) })
	leavesNothing(t, "regret-dev", "regrets")
	if index(t, "regret-dev.more") != nil || leasesByHost(t)["regretted.dev.example.com"].Name != "" {
		t.Error("what is asked for during a deletion is never made")
	}

	again := commit(t, text)
	becomesReady(t, again)
	remove(t, again)
}

// TestInUse deletes an environment in which something runs, and the namespaces that
// it lives in.
func TestInUse(t *testing.T) {
	c := parse(t, strings.ReplaceAll(gracefulOf("busy"), "namespace: payments", "namespace: busy"))
	submit(t, c)
	becomesReady(t, c)
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "busy-staging"}}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns.Name, Name: "web"},
		Spec: corev1.PodSpec{
			SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: new(true), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
			Containers: []corev1.Container{{
				Name: "web", Image: "web",
				SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: new(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
			}},
		},
	}
	eventually(t, "run a pod", func() string { return say(client.IgnoreAlreadyExists(plane.Client().Create(t.Context(), pod))) })
	eventually(t, "the claim says that pods run", func() string {
		if missing := get(t, c); missing != "" {
			return missing
		}
		return unlessEqual("[Pods]", fmt.Sprint(status(t, c).InUse))
	})
	composite := object("plumbline.dev/v1alpha1", "XServiceEnvironment", "", c.GetResourceReference().Name)
	refusesDeletion(t, "What runs is not deleted unasked.", c, "busy-staging is in use, its namespace holds pods, and nothing was deleted")
	volume := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns.Name, Name: "data"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
	if err := plane.Client().Create(t.Context(), volume); err != nil {
		t.Fatal(err)
	}
	refusesDeletion(t, "Nor is what is stored.", c, "busy-staging is in use, its namespace holds pods and volumes, and nothing was deleted")
	refusesDeletion(t, "Nor by its composite.", composite, "first commit spec.deletion.protect: false")
	refusesDeletion(t, "Nor by its namespace.", ns, "which is in use")
	refusesDeletion(t, "Nor by that of its team.", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "busy"}}, "remove the claims of the namespace first")

	change(t, c, func(spec map[string]any) { spec["deletion"] = map[string]any{"protect": false} })
	eventually(t, "delete once that was confirmed", func() string {
		return say(client.IgnoreNotFound(plane.Client().Delete(t.Context(), c)))
	})
	// No kubelet runs here that would end the pod.
	eventually(t, "the pod ends", func() string {
		return say(client.IgnoreNotFound(plane.Client().Delete(t.Context(), pod, client.GracePeriodSeconds(0))))
	})
	// Nor the controller that lets go of a volume when no pod uses it.
	eventually(t, "the volume goes", func() string {
		return say(client.IgnoreNotFound(plane.Client().Patch(t.Context(), volume, client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`)))))
	})
	eventually(t, "the claim goes", func() string { return absent(t, c) })
	eventually(t, "the namespace goes", func() string { return absent(t, ns) })
}

// tombstones returns those of a claim of team payments, in order of their names.
func tombstones(t *testing.T, claim string) []custody.Tombstone {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(custody.GroupVersion.WithKind("TombstoneList"))
	if err := plane.Client().List(t.Context(), list); err != nil {
		t.Fatalf("cannot list Tombstones: %v", err)
	}
	var out []custody.Tombstone
	for _, item := range list.Items {
		tombstone := custody.Tombstone{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(item.Object, &tombstone); err != nil {
			t.Fatalf("cannot read Tombstone: %v", err)
		}
		if tombstone.Spec.Claim == claim {
			out = append(out, tombstone)
		}
	}
	return out
}

func names(all []custody.Tombstone) string {
	var out []string
	for _, k := range all {
		out = append(out, k.Name)
	}
	return strings.Join(out, ", ")
}

// expire ends the time of a Tombstone.
func expire(t *testing.T, k custody.Tombstone) {
	t.Helper()
	o := object(custody.GroupVersion.String(), "Tombstone", k.Namespace, k.Name)
	patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"spec":{"until":%q}}`, time.Now().UTC().Format(time.RFC3339)))
	if err := plane.Client().Patch(t.Context(), o, patch); err != nil {
		t.Fatalf("cannot end the time of %s: %v", k.Name, err)
	}
}

// tells waits for an event on a claim that says all of some words.
func tells(t *testing.T, ns, claim, uid, reason string, words ...string) {
	t.Helper()
	eventually(t, "tell on the claim", func() string {
		list := &corev1.EventList{}
		if err := plane.Client().List(t.Context(), list, client.InNamespace(ns)); err != nil {
			return err.Error()
		}
		said := []string{}
		for _, e := range list.Items {
			on := e.InvolvedObject
			if on.Kind != "ServiceEnvironment" || on.Name != claim || e.Reason != reason {
				continue
			}
			if string(on.UID) == uid && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(e.Message, w) }) {
				return ""
			}
			said = append(said, fmt.Sprintf("%s: %s", on.UID, e.Message))
		}
		return fmt.Sprintf("want %s %s with %q, got %q", uid, reason, words, said)
	})
}

// composed lists what is left of a claim: all objects that carry its labels. What is
// being finalized counts.
func composed(t *testing.T, claim, team string) []string {
	t.Helper()
	var left []string
	for _, o := range labelled(t, client.MatchingLabels{"crossplane.io/claim-name": claim, "crossplane.io/claim-namespace": team}) {
		left = append(left, o.GetKind()+" "+o.GetName())
	}
	slices.Sort(left)
	return left
}

// labelled returns objects of every defined kind and of the built-in ones that are
// composed, in all namespaces.
func labelled(t *testing.T, by client.ListOption) []unstructured.Unstructured {
	t.Helper()
	crds := &unstructured.UnstructuredList{}
	crds.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinitionList"})
	if err := plane.Client().List(t.Context(), crds); err != nil {
		t.Fatalf("cannot list kinds: %v", err)
	}
	lists := map[string]*unstructured.UnstructuredList{}
	for _, gvk := range []schema.GroupVersionKind{
		corev1.SchemeGroupVersion.WithKind("Namespace"), corev1.SchemeGroupVersion.WithKind("Secret"), corev1.SchemeGroupVersion.WithKind("ResourceQuota"),
		corev1.SchemeGroupVersion.WithKind("LimitRange"), corev1.SchemeGroupVersion.WithKind("ServiceAccount"), rbacv1.SchemeGroupVersion.WithKind("RoleBinding"),
		{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy"}, {Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
		{Group: "coordination.k8s.io", Version: "v1", Kind: "Lease"},
	} {
		lists[gvk.String()] = listOf(gvk)
	}
	for _, crd := range crds.Items {
		versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions")
		group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
		kind, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
		for _, v := range versions {
			if version := v.(map[string]any); version["storage"] == true {
				gvk := schema.GroupVersionKind{Group: group, Version: version["name"].(string), Kind: kind}
				lists[gvk.GroupKind().String()] = listOf(gvk)
			}
		}
	}
	var out []unstructured.Unstructured
	for _, list := range lists {
		if err := plane.Client().List(t.Context(), list, by); err != nil {
			t.Fatalf("cannot list %s: %v", list.GetKind(), err)
		}
		out = append(out, list.Items...)
	}
	return out
}

func listOf(gvk schema.GroupVersionKind) *unstructured.UnstructuredList {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
	return list
}

// leavesNothing counts the world when a claim is gone: objects of Kubernetes by the
// claim's labels, and those of the backends by their marks.
func leavesNothing(t *testing.T, claim, team string) {
	t.Helper()
	left := composed(t, claim, team)
	for _, path := range []string{"/_all/_mapping", "/_index_template", "/_security/role", "/_security/role_mapping", "/_security/api_key"} {
		left = append(left, marked(t, elasticsearch(), path, "/"+team+"/"+claim)...)
	}
	left = append(left, marked(t, graph(), "/v1.0/groups", "/"+team+"/"+claim)...)
	if len(left) > 0 {
		t.Errorf("when a claim is gone, so is all that was to go with it, left is %v", left)
	}
}

// marked lists what a backend has under a path that carries the mark of a resource of
// a claim.
func marked(t *testing.T, b backend, path, mark string) []string {
	t.Helper()
	code, body := b.do(t, http.MethodGet, path, nil)
	if code != http.StatusOK && code != http.StatusNotFound {
		t.Fatalf("%s answers %d: %v", path, code, body)
	}
	var all []any
	for name, o := range body {
		if list, ok := o.([]any); ok {
			all = append(all, list...)
			continue
		}
		all = append(all, map[string]any{name: o})
	}
	var left []string
	for _, o := range all {
		// A key stays listed for a while when it works no more.
		if m, _ := o.(map[string]any); strings.Contains(fmt.Sprint(o), mark) && m["invalidated"] != true {
			left = append(left, fmt.Sprint(o))
		}
	}
	return left
}

// documents counts those of an index.
func documents(t *testing.T, index string) int {
	t.Helper()
	code, body := elasticsearch().do(t, http.MethodGet, "/"+index+"/_count", nil)
	n, ok := body["count"].(float64)
	if code != http.StatusOK || !ok {
		t.Fatalf("_count answers %d: %v", code, body)
	}
	return int(n)
}

func field(o *unstructured.Unstructured, path ...string) any {
	v, _, _ := unstructured.NestedFieldNoCopy(o.Object, path...)
	return v
}

func unlessEqual(want, got string) string {
	if want == got {
		return ""
	}
	return fmt.Sprintf("want %s, got %s", want, got)
}
