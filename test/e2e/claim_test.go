package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// story is a claim that asks for everything, in an environment whose data goes
// with it.
const story = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: SERVICE-dev, namespace: payments}
spec:
  service: SERVICE
  environment: dev
  size: small
  tags: {costCenter: "4711", dataClass: internal}
  access: {members: [ana@example.com, bo@example.com]}
  search: {indices: [{name: orders, shards: 1, replicas: 0}]}
  routes: [{host: SERVICE.dev.example.com, service: web, port: 8080}]
`

func storyOf(service string) string { return strings.ReplaceAll(story, "SERVICE", service) }

// TestLife follows one claim from its commit to its end.
func TestLife(t *testing.T) {
	c := commit(t, storyOf("life"))
	becomesReady(t, c)

	t.Run("EverythingIsThere", func(t *testing.T) {
		for _, o := range objects("life-dev") {
			if missing := get(t, o); missing != "" {
				t.Errorf("a Ready claim has all its objects: %s", missing)
			}
		}
		if index(t, "life-dev.orders") == nil {
			t.Error("a Ready claim has its index")
		}
		found := groups(t, "life-dev")
		if len(found) != 1 {
			t.Fatalf("a Ready claim has one group, got %d", len(found))
		}
		id := found[0]["id"].(string)
		want := []string{"ana@example.com", "bo@example.com"}
		if diff := cmp.Diff(want, members(t, id)); diff != "" {
			t.Errorf("the group has the claim's members: -want, +got:\n%s", diff)
		}
		if diff := cmp.Diff([]string{id}, boundGroups(t, "life-dev")); diff != "" {
			t.Errorf("the namespace is bound to the group's object id: -want, +got:\n%s", diff)
		}
	})

	t.Run("SizeChangesQuota", func(t *testing.T) {
		before := quota(t, "life-dev")
		change(t, c, func(spec map[string]any) { spec["size"] = "medium" })
		eventually(t, "quota follows size", func() string {
			if cmp.Equal(before, quota(t, "life-dev")) {
				return "it is unchanged"
			}
			return ""
		})
	})

	t.Run("DriftIsRestored", func(t *testing.T) { driftIsRestored(t, "life-dev") })

	t.Run("DeletionLeavesNothing", func(t *testing.T) {
		remove(t, c)
		for _, o := range objects("life-dev") {
			eventually(t, "deleted with the claim", func() string { return absent(t, o) })
		}
		if index(t, "life-dev.orders") != nil {
			t.Error("an index of a development environment goes with its claim")
		}
		if found := groups(t, "life-dev"); len(found) != 0 {
			t.Errorf("the group goes with its claim, got %v", found)
		}
		leavesNothing(t, "life-dev", "payments")
	})
}

// driftIsRestored changes by hand what a claim made, in each of the systems.
func driftIsRestored(t *testing.T, ns string) {
	t.Helper()
	binding := &rbacv1.RoleBindingList{}
	if err := plane.Client().List(t.Context(), binding, client.InNamespace(ns)); err != nil || len(binding.Items) == 0 {
		t.Fatalf("cannot list role bindings: %v", err)
	}
	victim := &binding.Items[0]
	if err := plane.Client().Delete(t.Context(), victim); err != nil {
		t.Fatalf("cannot delete role binding: %v", err)
	}
	eventually(t, "a deleted RoleBinding comes back", func() string {
		return get(t, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: victim.GetName()}})
	})

	elasticsearch().do(t, "PUT", "/"+ns+".orders/_settings", map[string]any{"index.number_of_replicas": 2})
	eventually(t, "a changed index setting is restored", func() string {
		if got := index(t, ns+".orders")["index.number_of_replicas"]; got != "0" {
			return "number_of_replicas is " + got.(string)
		}
		return ""
	})

	id := groups(t, ns)[0]["id"].(string)
	stranger := map[string]any{"@odata.id": plane.GraphURL() + "/v1.0/directoryObjects/" + user(t, "cy@example.com")}
	graph().do(t, "POST", "/v1.0/groups/"+id+"/members/$ref", stranger)
	graph().do(t, "DELETE", "/v1.0/groups/"+id+"/members/"+user(t, "ana@example.com")+"/$ref", nil)
	if got := members(t, id); !slices.Contains(got, "cy@example.com") || slices.Contains(got, "ana@example.com") {
		t.Fatalf("cannot change members by hand: %v", got)
	}
	eventually(t, "members are restored", func() string {
		return cmp.Diff([]string{"ana@example.com", "bo@example.com"}, members(t, id))
	})
}

// TestProductionKeepsItsData deletes a claim whose data is worth keeping.
func TestProductionKeepsItsData(t *testing.T) {
	c := commit(t, `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: keeper-prod, namespace: payments}
spec:
  service: keeper
  environment: prod
  tags: {costCenter: "4711", dataClass: internal}
  search: {indices: [{name: orders}]}
`)
	becomesReady(t, c)
	uuid := index(t, "keeper-prod.orders")["index.uuid"]
	remove(t, c)
	eventually(t, "the namespace goes with its claim", func() string {
		return absent(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "keeper-prod"}})
	})
	if got := index(t, "keeper-prod.orders"); got == nil || got["index.uuid"] != uuid {
		t.Errorf("the index of a production environment outlives its claim, got %v", got)
	}
	if got := groups(t, "keeper-prod"); len(got) != 1 {
		t.Errorf("the group of a production environment outlives its claim, got %v", got)
	}

	again := commit(t, `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: keeper-prod, namespace: payments}
spec:
  service: keeper
  environment: prod
  tags: {costCenter: "4711", dataClass: internal}
  search: {indices: [{name: orders}]}
`)
	becomesReady(t, again)
	if got := index(t, "keeper-prod.orders")["index.uuid"]; got != uuid {
		t.Errorf("a claim that comes back finds its own index again: uuid %v became %v", uuid, got)
	}
	if got := groups(t, "keeper-prod"); len(got) != 1 {
		t.Errorf("a claim that comes back finds its own group again, got %v", got)
	}
}

// objects are those that a claim of the story composes in Kubernetes.
func objects(ns string) []client.Object {
	in := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: ns, Name: name} }
	return []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}},
		&corev1.ResourceQuota{ObjectMeta: in("environment")},
		&corev1.LimitRange{ObjectMeta: in("environment")},
		&networkingv1.NetworkPolicy{ObjectMeta: in("environment")},
	}
}

// quota returns the hard quota of a namespace.
func quota(t *testing.T, ns string) corev1.ResourceList {
	t.Helper()
	list := &corev1.ResourceQuotaList{}
	if err := plane.Client().List(t.Context(), list, client.InNamespace(ns)); err != nil || len(list.Items) != 1 {
		t.Fatalf("namespace %s has %d quotas: %v", ns, len(list.Items), err)
	}
	return list.Items[0].Spec.Hard
}

// boundGroups returns the groups that are bound to roles in a namespace.
func boundGroups(t *testing.T, ns string) []string {
	t.Helper()
	list := &rbacv1.RoleBindingList{}
	if err := plane.Client().List(t.Context(), list, client.InNamespace(ns)); err != nil {
		t.Fatalf("cannot list role bindings: %v", err)
	}
	var out []string
	for _, b := range list.Items {
		for _, s := range b.Subjects {
			if s.Kind == rbacv1.GroupKind {
				out = append(out, s.Name)
			}
		}
	}
	return out
}
