package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
)

func named(namespace, name, external string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name, Annotations: map[string]string{"crossplane.io/external-name": external}}
}

func ownConfig() xpv2.ManagedResourceSpec {
	return xpv2.ManagedResourceSpec{ProviderConfigReference: &xpv2.ProviderConfigReference{Kind: "ProviderConfig", Name: "default"}}
}

func newRole(ns string) *elasticsearch.Role {
	r := &elasticsearch.Role{ObjectMeta: named(ns, "reader", ns+".reader")}
	r.Spec.ManagedResourceSpec = ownConfig()
	r.Spec.ForProvider.Indices = []elasticsearch.IndexPrivileges{{Names: []string{ns + ".*"}, Privileges: []string{"read"}}}
	return r
}

func newMapping(ns string) *elasticsearch.RoleMapping {
	m := &elasticsearch.RoleMapping{ObjectMeta: named(ns, "group", ns+".group")}
	m.Spec.ManagedResourceSpec = ownConfig()
	m.Spec.ForProvider.Roles = []string{ns + ".reader"}
	m.Spec.ForProvider.Rules = apiextensionsv1.JSON{Raw: []byte(`{"all":[{"field":{"realm.name":"entra"}},{"field":{"groups":["id"]}}]}`)}
	return m
}

func newPolicy(ns string) *elasticsearch.LifecyclePolicy {
	p := &elasticsearch.LifecyclePolicy{ObjectMeta: named(ns, "logs", ns+".logs")}
	p.Spec.ManagedResourceSpec = ownConfig()
	age := elasticsearch.TimeValue("30d")
	p.Spec.ForProvider.Delete = &elasticsearch.LifecyclePhase{MinAge: &age, Actions: elasticsearch.LifecycleActions{Delete: &elasticsearch.DeleteAction{}}}
	return p
}

// TestDocuments takes a role, a role mapping and a lifecycle policy from creation
// through drift to deletion.
func TestDocuments(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	role, mapping, policy := newRole(ns), newMapping(ns), newPolicy(ns)
	owned := map[string]any{"plumbline.dev/owner": "test/" + ns + "/logs"}
	cases := []struct {
		object client.Object
		path   string
		drift  map[string]any
	}{
		{role, "/_security/role/" + ns + ".reader", map[string]any{"cluster": []string{"all"}, "metadata": map[string]any{"plumbline.dev/owner": "test/" + ns + "/reader"}}},
		{mapping, "/_security/role_mapping/" + ns + ".group", map[string]any{"roles": []string{"superuser"}, "rules": map[string]any{"field": map[string]any{"username": "*"}},
			"metadata": map[string]any{"plumbline.dev/owner": "test/" + ns + "/group"}}},
		{policy, "/_ilm/policy/" + ns + ".logs", map[string]any{"policy": map[string]any{"_meta": owned,
			"phases": map[string]any{"delete": map[string]any{"min_age": "0ms", "actions": map[string]any{"delete": map[string]any{}}}}}}},
	}
	for _, tc := range cases {
		create(t, tc.object)
	}
	awaitReady(t, role)
	awaitReady(t, mapping)
	awaitReady(t, policy)
	stays(t, "A Role that nothing happens to is not written to.", role, 2*time.Second)
	stays(t, "A LifecyclePolicy that nothing happens to is not written to.", policy, 2*time.Second)
	for _, tc := range cases {
		before := document(t, c, tc.path)
		if status, answer := c.do(t, http.MethodPut, tc.path, tc.drift); status != http.StatusOK {
			t.Fatalf("cannot change %s: %d %v", tc.path, status, answer)
		}
		eventually(t, "What was changed by hand is put right.", func() error {
			if diff := cmp.Diff(before, document(t, c, tc.path)); diff != "" {
				return fmt.Errorf("%s: -before, +after: %s", tc.path, diff)
			}
			return nil
		})
	}

	c.do(t, http.MethodPut, "/"+ns+"-logs", map[string]any{"settings": map[string]any{"index.lifecycle.name": ns + ".logs"}})
	remove(t, policy)
	awaitRefusal(t, policy, fmt.Sprintf(`InUse: lifecycle policy %q is used by index %q`, ns+".logs", ns+"-logs"))
	c.do(t, http.MethodDelete, "/"+ns+"-logs", nil)
	for _, tc := range cases {
		remove(t, tc.object)
		awaitGone(t, tc.object)
		if status, _ := c.do(t, http.MethodGet, tc.path, nil); status != http.StatusNotFound {
			t.Errorf("\nWhat a resource stood for goes with it.\n%s: %d", tc.path, status)
		}
	}
}

// document returns a document without what each change changes.
func document(t *testing.T, c *cluster, path string) map[string]any {
	t.Helper()
	_, answer := c.do(t, http.MethodGet, path, nil)
	for _, d := range answer {
		if d, ok := d.(map[string]any); ok {
			delete(d, "version")
			delete(d, "modified_date")
		}
	}
	return answer
}

// TestForeignRole checks that a role that is not ours is refused and untouched, and
// that its Role can go.
func TestForeignRole(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	for name, says := range map[string]string{ns + ".reader": "OwnedElsewhere: role ", "superuser": "ExistsNotOwned: role "} {
		if name != "superuser" {
			c.do(t, http.MethodPut, "/_security/role/"+name, map[string]any{"metadata": map[string]any{"plumbline.dev/owner": "other/a/b"}})
		}
		before := document(t, c, "/_security/role/"+name)
		r := newRole(ns)
		r.Annotations["crossplane.io/external-name"] = name
		create(t, r)
		awaitRefusal(t, r, says)
		remove(t, r)
		awaitGone(t, r)
		if diff := cmp.Diff(before, document(t, c, "/_security/role/"+name)); diff != "" {
			t.Errorf("\nA role that is not ours is not touched.\n-before, +after:\n%s", diff)
		}
	}
}

func newAPIKey(ns string) *elasticsearch.APIKey {
	k := &elasticsearch.APIKey{ObjectMeta: named(ns, "app", ns+".app")}
	k.Spec.ManagedResourceSpec = ownConfig()
	k.Spec.WriteConnectionSecretToReference = &xpv2.LocalSecretReference{Name: "app-key"}
	k.Spec.ForProvider.RoleDescriptors = []elasticsearch.RoleDescriptor{{Name: "reader", Privileges: elasticsearch.Privileges{
		Indices: []elasticsearch.IndexPrivileges{{Names: []string{ns + ".*"}, Privileges: []string{"read"}}},
	}}}
	k.Spec.ForProvider.Validity = &metav1.Duration{Duration: time.Hour}
	k.Spec.ForProvider.RotateBefore = &metav1.Duration{Duration: time.Minute}
	k.Spec.ForProvider.Overlap = &metav1.Duration{Duration: time.Second}
	return k
}

// TestAPIKeyLife takes a key from creation through rotation to deletion, and looks
// for it where it must not be.
func TestAPIKeyLife(t *testing.T) {
	c := startCluster(t)
	p := startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	c.do(t, http.MethodPut, "/"+ns+".orders", nil)
	c.do(t, http.MethodPut, "/others", nil)
	k := newAPIKey(ns)
	create(t, k)
	awaitReady(t, k)

	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "app-key"}}
	get(t, s)
	first := string(s.Data["api_key"])
	if diff := cmp.Diff([]int{200, 403}, []int{c.count(t, first, ns+".orders"), c.count(t, first, "others")}); diff != "" {
		t.Errorf("\nThe key opens what its descriptors say, and nothing else.\n-want, +got:\n%s", diff)
	}
	got := map[string]string{"endpoint": string(s.Data["endpoint"]), "ca.crt": string(s.Data["ca.crt"]), "id": string(s.Data["id"])}
	if diff := cmp.Diff(map[string]string{"endpoint": c.URL, "ca.crt": string(c.ca()), "id": k.Status.AtProvider.ID}, got); diff != "" {
		t.Errorf("\nThe Secret holds what a program needs besides.\n-want, +got:\n%s", diff)
	}
	stays(t, "An APIKey that nothing happens to is not written to.", k, 3*time.Second)

	change(t, k, func(k *elasticsearch.APIKey) { k.Spec.ForProvider.RotateBefore.Duration = time.Hour - time.Second })
	eventually(t, "A key whose time has come is replaced, and ends after the overlap.", func() error {
		get(t, s)
		if string(s.Data["api_key"]) == first {
			return fmt.Errorf("the Secret still holds the first key")
		}
		if status := c.count(t, first, ns+".orders"); status != http.StatusUnauthorized {
			return fmt.Errorf("the first key gets %d", status)
		}
		return nil
	})
	change(t, k, func(k *elasticsearch.APIKey) { k.Spec.ForProvider.RotateBefore.Duration = time.Minute })
	awaitReady(t, k)
	get(t, s)
	second := string(s.Data["api_key"])

	remove(t, s)
	eventually(t, "A Secret that is gone is made again, with another key.", func() error {
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(s), s); err != nil {
			return err
		}
		if key := string(s.Data["api_key"]); key == second || c.count(t, key, ns+".orders") != http.StatusOK {
			return fmt.Errorf("there is no other key that works")
		}
		return nil
	})
	keys := []string{first, second, string(s.Data["api_key"])}
	remove(t, k)
	awaitGone(t, k)
	for _, key := range keys {
		if status := c.count(t, key, ns+".orders"); status != http.StatusUnauthorized {
			t.Errorf("\nAll keys end with their resource.\nstatus: %d", status)
		}
	}
	told := events(t, ns)
	log, err := os.ReadFile(p.log)
	if err != nil {
		t.Fatal(err)
	}
	resource, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if strings.Contains(told, key) || bytes.Contains(log, []byte(key)) || bytes.Contains(resource, []byte(key)) {
			t.Error("\nNo key is told in an event, the log or the resource.")
		}
	}
}

// count is what a key gets that counts the documents of an index.
func (c *cluster) count(t *testing.T, key, index string) int {
	t.Helper()
	status, _ := c.call(t, http.Header{"Authorization": {"ApiKey " + key}}, http.MethodGet, "/"+index+"/_count", nil)
	return status
}

// events returns all events of a namespace.
func events(t *testing.T, ns string) string {
	t.Helper()
	list := &corev1.EventList{}
	if err := kube.List(t.Context(), list, client.InNamespace(ns)); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
