package index

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/world"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
	"github.com/plumbline-dev/plumbline/test/engine"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// A node is a stand-in for Elasticsearch, or a real one, that tests look into.
type node struct {
	*world.Backend

	inner    http.Handler
	refusing *atomic.Bool
}

func startNode(t *testing.T) node {
	t.Helper()
	s := engine.New(t, standin.Options{Username: "u", Password: "p"})
	refusing := &atomic.Bool{}
	return node{world.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refusing.Load() && r.Method != http.MethodGet {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = w.Write([]byte(`{"error":{"type":"cluster_block_exception"},"status":429}`))
			return
		}
		s.ServeHTTP(w, r)
	})), s, refusing}
}

// refuse has the cluster refuse every write, as one that is short of disk does.
func (e node) refuse(yes bool) { e.refusing.Store(yes) }

// do asks the cluster itself, as an administrator would.
func (e node) do(t *testing.T, method, path, body string) map[string]any {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, bytes.NewBufferString(body))
	r.SetBasicAuth("u", "p")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	e.inner.ServeHTTP(w, r)
	answer := map[string]any{}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code >= 300 && w.Code != http.StatusNotFound {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return answer
}

// orders returns the index of these tests; nil if there is none.
func (e node) orders(t *testing.T) map[string]any {
	t.Helper()
	found, _ := e.do(t, http.MethodGet, "/orders?flat_settings=true", "")["orders"].(map[string]any)
	return found
}

func (e node) setting(t *testing.T, name string) any {
	t.Helper()
	settings, _ := e.orders(t)["settings"].(map[string]any)
	return settings["index."+name]
}

func (e node) mark(t *testing.T) any {
	t.Helper()
	mappings, _ := e.orders(t)["mappings"].(map[string]any)
	m, _ := mappings["_meta"].(map[string]any)
	return m["plumbline.dev/owner"]
}

func (e node) put(t *testing.T, documents ...string) {
	t.Helper()
	for _, id := range documents {
		e.do(t, http.MethodPut, "/orders/_doc/"+id, `{"id":"x"}`)
	}
}

// unswept is the kind with nothing remembered.
func unswept(kube client.Client) kind.Kind[*v1alpha1.Index] {
	return of(connect.NewElasticsearch(kube, observe.Sweeps{}))
}

type plane = *world.World[*v1alpha1.Index]

// newPlane returns a control plane of an installation.
func newPlane(t *testing.T, e node, installation string) plane {
	t.Helper()
	return newPlaneOf(t, e, installation, unswept)
}

func newPlaneOf(t *testing.T, e node, installation string, of func(client.Client) kind.Kind[*v1alpha1.Index]) plane {
	t.Helper()
	secret := func(key string) *xpv2.SecretKeySelector {
		return &xpv2.SecretKeySelector{SecretReference: xpv2.SecretReference{Namespace: "system", Name: "es"}, Key: key}
	}
	return world.New(t, e.Backend, of,
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "system", Name: "es"}, Data: map[string][]byte{"ca": e.CA(), "p": []byte("p")}},
		&v1alpha1.ClusterProviderConfig{ObjectMeta: metav1.ObjectMeta{Name: "default"}, Spec: v1alpha1.ProviderConfigSpec{
			Endpoint: e.URL, Installation: installation, CABundleSecretRef: secret("ca"),
			Credentials: v1alpha1.Credentials{Username: new("u"), PasswordSecretRef: secret("p")},
		}})
}

// orders returns an Index of the index orders, changed by mods.
func orders(mods ...func(*v1alpha1.Index)) *v1alpha1.Index {
	cr := &v1alpha1.Index{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "checkout"}}
	cr.SetGroupVersionKind(v1alpha1.IndexGroupVersionKind)
	meta.SetExternalName(cr, "orders")
	cr.Spec.ManagementPolicies = xpv2.ManagementPolicies{xpv2.ManagementActionAll}
	cr.Spec.ProviderConfigReference = &xpv2.ProviderConfigReference{Kind: "ClusterProviderConfig", Name: "default"}
	cr.Spec.ForProvider = v1alpha1.IndexParameters{NumberOfReplicas: new(int32(0)), Settings: map[string]string{"refresh_interval": "30s"},
		Mappings: mapping(`{"properties":{"id":{"type":"keyword"}}}`)}
	for _, mod := range mods {
		mod(cr)
	}
	return cr
}

func retain(cr *v1alpha1.Index) {
	cr.Spec.ManagementPolicies = xpv2.ManagementPolicies{xpv2.ManagementActionObserve, xpv2.ManagementActionCreate, xpv2.ManagementActionUpdate, xpv2.ManagementActionLateInitialize}
}

func synced(cr *v1alpha1.Index) string { return cr.GetCondition(xpv2.TypeSynced).Message }

func (e node) documents(t *testing.T) any {
	t.Helper()
	e.do(t, http.MethodPost, "/orders/_refresh", "")
	return e.do(t, http.MethodGet, "/orders/_count", "")["count"]
}

// created counts the requests to create the index.
func (e node) created() int {
	n := 0
	for _, w := range e.Writes() {
		if w == "PUT /orders" {
			n++
		}
	}
	return n
}
