package provider

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// A cluster is a stand-in for Elasticsearch.
type cluster struct{ *backend }

const (
	user            = "plumbline"
	clusterPassword = "the-right-password"
)

func startCluster(t *testing.T) *cluster {
	t.Helper()
	return &cluster{serve(t, standin.New(standin.Options{Username: user, Password: clusterPassword}))}
}

func (c *cluster) do(t *testing.T, method, path string, body any) (int, map[string]any) {
	t.Helper()
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, clusterPassword)
	return c.call(t, r.Header, method, path, body)
}

// index returns an index with flat settings, or nil if there is none.
func (c *cluster) index(t *testing.T, name string) map[string]any {
	t.Helper()
	status, answer := c.do(t, http.MethodGet, "/"+name+"?flat_settings=true", nil)
	if status == http.StatusNotFound {
		return nil
	}
	found, _ := answer[name].(map[string]any)
	return found
}

func (c *cluster) setting(t *testing.T, index, name string) string {
	t.Helper()
	settings, _ := c.index(t, index)["settings"].(map[string]any)
	value, _ := settings["index."+name].(string)
	return value
}

// elasticsearchConfig makes a ProviderConfig of a namespace.
func elasticsearchConfig(t *testing.T, c *cluster, namespace string) {
	t.Helper()
	secret(t, namespace, c.backend, clusterPassword)
	name := user
	create(t, &elasticsearch.ProviderConfig{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "default"},
		Spec: elasticsearch.ProviderConfigSpec{
			Endpoint: c.URL, Installation: "test", CABundleSecretRef: key(namespace, "ca.crt"),
			Credentials: elasticsearch.Credentials{Username: &name, PasswordSecretRef: key(namespace, "secret")},
		},
	})
}

// newIndex returns an Index whose external name holds its namespace.
func newIndex(namespace string) *elasticsearch.Index {
	i := &elasticsearch.Index{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "checkout-prod.orders",
		Annotations: map[string]string{"crossplane.io/external-name": namespace + ".orders"}}}
	i.Spec.ProviderConfigReference = &xpv2.ProviderConfigReference{Kind: "ProviderConfig", Name: "default"}
	i.Spec.ForProvider = elasticsearch.IndexParameters{
		NumberOfShards: new(int32(2)), NumberOfReplicas: new(int32(0)),
		Settings: map[string]string{"refresh_interval": "30s"},
		Mappings: &apiextensionsv1.JSON{Raw: []byte(`{"dynamic":false,"properties":{"id":{"type":"keyword"}}}`)},
	}
	return i
}

// TestIndexLife takes an index from creation through drift to deletion.
func TestIndexLife(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	i, name := newIndex(ns), ns+".orders"
	create(t, i)
	awaitReady(t, i)

	want := elasticsearch.IndexObservation{UUID: c.setting(t, name, "uuid"), Health: "green", Endpoint: c.URL, Owner: "test/" + ns + "/checkout-prod.orders"}
	if diff := cmp.Diff(want, i.Status.AtProvider); diff != "" || want.UUID == "" {
		t.Errorf("\nThe status tells what Elasticsearch says of the index.\n-want, +got:\n%s", diff)
	}
	stays(t, "An Index that nothing happens to is not written to.", i, 3*time.Second)

	c.do(t, http.MethodPut, "/"+name+"/_settings", map[string]any{"index.refresh_interval": "5s", "index.number_of_replicas": 2, "index.max_result_window": 500})
	eventually(t, "Settings that were changed by hand are put right; one that nobody named is not.", func() error {
		got := []string{c.setting(t, name, "refresh_interval"), c.setting(t, name, "number_of_replicas"), c.setting(t, name, "max_result_window")}
		if !slices.Equal(got, []string{"30s", "0", "500"}) {
			return fmt.Errorf("settings are %v", got)
		}
		return nil
	})

	change(t, i, func(i *elasticsearch.Index) {
		i.Spec.ForProvider.Mappings.Raw = []byte(`{"properties":{"id":{"type":"keyword"},"total":{"type":"long"}}}`)
	})
	eventually(t, "A field is added to the mapping.", func() error {
		if got := field(c.index(t, name), "total"); got["type"] != "long" {
			return fmt.Errorf("field is %v", got)
		}
		return nil
	})

	change(t, i, func(i *elasticsearch.Index) {
		i.Spec.ForProvider.Mappings.Raw = []byte(`{"properties":{"id":{"type":"long"}}}`)
	})
	awaitRefusal(t, i, `ImmutableIndex: of index "`+name+`", field "id" has type "keyword" and cannot have type "long"`)
	if got := c.setting(t, name, "uuid"); got != want.UUID {
		t.Errorf("\nA change that cannot be made does not make another index.\nuuid: %s, was %s", got, want.UUID)
	}

	remove(t, i)
	awaitGone(t, i)
	if got := c.index(t, name); got != nil {
		t.Errorf("\nDeleting the Index deletes the index.\nindex: %v", got)
	}
}

func field(index map[string]any, name string) map[string]any {
	mappings, _ := index["mappings"].(map[string]any)
	properties, _ := mappings["properties"].(map[string]any)
	f, _ := properties[name].(map[string]any)
	return f
}

// TestForeignIndex checks that an index that is not ours is refused and
// untouched, and that its Index can go.
func TestForeignIndex(t *testing.T) {
	cases := map[string]struct {
		reason string
		meta   map[string]any
		says   string
	}{
		"NoMarker":    {"An index without a marker is refused.", map[string]any{"team": "x"}, "ExistsNotOwned: index "},
		"OtherMarker": {"An index of another control plane is refused, and its holder named.", map[string]any{"plumbline.dev/owner": "other/a/b"}, "OwnedElsewhere: index "},
	}
	c := startCluster(t)
	startProvider(t)
	for test, tc := range cases {
		t.Run(test, func(t *testing.T) {
			ns := newNamespace(t)
			elasticsearchConfig(t, c, ns)
			name := ns + ".orders"
			if status, answer := c.do(t, http.MethodPut, "/"+name, map[string]any{"mappings": map[string]any{"_meta": tc.meta}}); status != http.StatusOK {
				t.Fatalf("cannot create the foreign index: %d %v", status, answer)
			}
			before := c.index(t, name)
			i := newIndex(ns)
			create(t, i)
			awaitRefusal(t, i, tc.says)
			stays(t, "A refusal is said once.", i, 2*time.Second)
			remove(t, i)
			awaitGone(t, i)
			if diff := cmp.Diff(before, c.index(t, name)); diff != "" {
				t.Errorf("\n%s\n-before, +after:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestClusterDown checks that an index whose cluster is down is neither made
// again nor forgotten.
func TestClusterDown(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	i := newIndex(ns)
	create(t, i)
	awaitReady(t, i)
	uuid := i.Status.AtProvider.UUID

	c.meddle(func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "<html>no such page", http.StatusNotFound)
		return true
	})
	awaitRefusal(t, i, `observe failed: cannot get index "`+ns+`.orders": answer 404 Not Found does not come from Elasticsearch`)
	_, before := c.seen()
	awaitDoubt(t, i)
	stays(t, "A failure that goes on is said once.", i, 2*time.Second)
	remove(t, i)
	eventually(t, "The deletion is tried.", func() error {
		if get(t, i); i.GetCondition(xpv2.TypeSynced).ObservedGeneration != i.Generation {
			return fmt.Errorf("condition Synced is of generation %d", i.GetCondition(xpv2.TypeSynced).ObservedGeneration)
		}
		return nil
	})
	stays(t, "An Index whose index cannot be looked at does not go.", i, 2*time.Second)
	if _, after := c.seen(); len(after) != len(before) {
		t.Errorf("\nNothing is written to a cluster that does not answer.\nwrites: %v", after[len(before):])
	}
	if got := c.setting(t, ns+".orders", "uuid"); got != uuid {
		t.Errorf("\nThe index is untouched.\nuuid: %q, was %q", got, uuid)
	}
	c.meddle(nil)
	awaitGone(t, i)
	if got := c.index(t, ns+".orders"); got != nil {
		t.Errorf("\nOnce the cluster is back, the index goes.\nindex: %v", got)
	}
}
