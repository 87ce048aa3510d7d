package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// searcher is a claim with an index and an API key for it.
const searcher = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: SERVICE-dev, namespace: payments}
spec:
  service: SERVICE
  environment: dev
  tags: {costCenter: "4711", dataClass: internal}
  access: {members: [ana@example.com]}
  search:
    indices: [{name: orders, shards: 1, replicas: 0}]
    access: [{access: Reader, users: [dee@example.com]}]
    apiKeys: [{name: app, access: Writer}, {name: report, access: Reader, secretName: report}]
`

// TestSearchAccess follows the keys of a claim to the cluster that they open.
func TestSearchAccess(t *testing.T) {
	other := commit(t, strings.ReplaceAll(searcher, "SERVICE", "stranger"))
	c := commit(t, strings.ReplaceAll(searcher, "SERVICE", "seeker"))
	becomesReady(t, other)
	becomesReady(t, c)
	app, report := delivered(t, "seeker-dev", "elasticsearch-app"), delivered(t, "seeker-dev", "report")

	t.Run("KeysOpenTheirOwn", func(t *testing.T) {
		if diff := cmp.Diff([]string{plane.ElasticsearchURL(), string(plane.CA()), "seeker-dev."}, []string{app["endpoint"], app["ca.crt"], app["index_prefix"]}); diff != "" {
			t.Errorf("the Secret holds what a program needs beside the key: -want, +got:\n%s", diff)
		}
		cases := map[string]struct {
			key          map[string]string
			method, path string
			body         any
			want         int
		}{
			"WriterWrites":   {app, http.MethodPost, "/seeker-dev.orders/_doc", map[string]any{"id": 1}, http.StatusCreated},
			"WriterReads":    {app, http.MethodGet, "/seeker-dev.orders/_count", nil, http.StatusOK},
			"ReaderReads":    {report, http.MethodGet, "/seeker-dev.orders/_count", nil, http.StatusOK},
			"ReaderNoWrites": {report, http.MethodPost, "/seeker-dev.orders/_doc", map[string]any{"id": 2}, http.StatusForbidden},
			"NotOthers":      {app, http.MethodGet, "/stranger-dev.orders/_count", nil, http.StatusForbidden},
			"NoIndices":      {app, http.MethodPut, "/seeker-dev.more", nil, http.StatusForbidden},
			"NoSecurity":     {app, http.MethodPut, "/_security/role/x", map[string]any{}, http.StatusForbidden},
		}
		for name, tc := range cases {
			if got, answer := holder(tc.key).do(t, tc.method, tc.path, tc.body); got != tc.want {
				t.Errorf("%s: %s %s: want %d, got %d: %v", name, tc.method, tc.path, tc.want, got, answer)
			}
		}
	})

	t.Run("PeopleAreMapped", func(t *testing.T) {
		id := groups(t, "seeker-dev")[0]["id"]
		want := map[string]any{
			"seeker-dev.group":  []any{"seeker-dev.writer", map[string]any{"field": map[string]any{"groups": id}}},
			"seeker-dev.reader": []any{"seeker-dev.reader", map[string]any{"field": map[string]any{"username": "dee@example.com"}}},
		}
		for name, w := range want {
			_, answer := elasticsearch().do(t, http.MethodGet, "/_security/role_mapping/"+name, nil)
			m, _ := answer[name].(map[string]any)
			rules, _ := m["rules"].(map[string]any)
			all, _ := rules["all"].([]any)
			if len(all) != 2 || !cmp.Equal(all[0], map[string]any{"field": map[string]any{"realm.name": "entra"}}) {
				t.Fatalf("a mapping is pinned to the realm, got %v", m)
			}
			roles, _ := m["roles"].([]any)
			if diff := cmp.Diff(w, []any{roles[0], all[1]}); diff != "" {
				t.Errorf("a mapping gives its role to whom the claim names: -want, +got:\n%s", diff)
			}
		}
	})

	t.Run("KeysAreNotTold", func(t *testing.T) {
		keptSecret(t, c, app["api_key"], report["api_key"])
	})

	t.Run("DeletionRevokes", func(t *testing.T) {
		remove(t, c)
		for _, key := range []map[string]string{app, report} {
			if got, _ := holder(key).do(t, http.MethodGet, "/_security/_authenticate", nil); got != http.StatusUnauthorized {
				t.Errorf("a key ends with its claim, got %d", got)
			}
		}
		for _, path := range []string{"/_security/role/seeker-dev.writer", "/_security/role/seeker-dev.reader", "/_security/role_mapping/seeker-dev.group", "/_security/role_mapping/seeker-dev.reader"} {
			if got, _ := elasticsearch().do(t, http.MethodGet, path, nil); got != http.StatusNotFound {
				t.Errorf("%s goes with its claim, got %d", path, got)
			}
		}
	})
	remove(t, other)
}

// delivered is what a Secret of a namespace holds.
func delivered(t *testing.T, ns, name string) map[string]string {
	t.Helper()
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}}
	if missing := get(t, s); missing != "" {
		t.Fatalf("a Ready claim has the Secrets of its keys: %s", missing)
	}
	out := map[string]string{}
	for k, v := range s.Data {
		out[k] = string(v)
	}
	return out
}

// holder is Elasticsearch as a program sees it that has a Secret.
func holder(secret map[string]string) backend {
	return backend{base: secret["endpoint"], authorize: func(_ *testing.T, req *http.Request) {
		req.Header.Set("Authorization", "ApiKey "+secret["api_key"])
	}}
}

// keptSecret looks for keys in the claim, and in all events.
func keptSecret(t *testing.T, c client.Object, keys ...string) {
	t.Helper()
	if problem := get(t, c); problem != "" {
		t.Fatal(problem)
	}
	events := &corev1.EventList{}
	if err := plane.Client().List(t.Context(), events); err != nil {
		t.Fatalf("cannot list events: %v", err)
	}
	for what, o := range map[string]any{"claim": c, "events": events} {
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if strings.Contains(string(text), key) {
				t.Errorf("a key is told in the %s", what)
			}
		}
	}
}
