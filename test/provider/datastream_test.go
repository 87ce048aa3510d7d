package provider

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
)

// stream returns a data stream as the cluster tells it, or nil if there is none.
func (c *cluster) stream(t *testing.T, name string) map[string]any {
	t.Helper()
	status, answer := c.do(t, http.MethodGet, "/_data_stream/"+name, nil)
	if status == http.StatusNotFound {
		return nil
	}
	found, _ := answer["data_streams"].([]any)
	return found[0].(map[string]any)
}

// backing returns a setting of each backing index of a data stream.
func (c *cluster) backing(t *testing.T, stream, setting string) map[string]any {
	t.Helper()
	_, answer := c.do(t, http.MethodGet, "/"+stream+"/_settings?flat_settings=true", nil)
	out := map[string]any{}
	for name, shown := range answer {
		out[name] = shown.(map[string]any)["settings"].(map[string]any)["index."+setting]
	}
	return out
}

func newStream(namespace string) *elasticsearch.DataStream {
	s := &elasticsearch.DataStream{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "checkout-prod.events",
		Annotations: map[string]string{"crossplane.io/external-name": namespace + ".events"}}}
	s.Spec.ProviderConfigReference = &xpv2.ProviderConfigReference{Kind: "ProviderConfig", Name: "default"}
	s.Spec.ForProvider = elasticsearch.DataStreamParameters{
		NumberOfShards: new(int32(1)), NumberOfReplicas: new(int32(0)), Settings: map[string]string{"refresh_interval": "30s"},
		Mappings:  &apiextensionsv1.JSON{Raw: []byte(`{"properties":{"id":{"type":"keyword"}}}`)},
		Lifecycle: &elasticsearch.DataStreamLifecycle{DataRetention: new("30d")},
	}
	return s
}

// startStream starts a cluster and the provider, and makes a data stream that is Ready.
func startStream(t *testing.T) (c *cluster, namespace string, s *elasticsearch.DataStream) {
	t.Helper()
	c = startCluster(t)
	startProvider(t)
	namespace = newNamespace(t)
	elasticsearchConfig(t, c, namespace)
	s = newStream(namespace)
	create(t, s)
	awaitReady(t, s)
	return c, namespace, s
}

// TestDataStreamLife takes a data stream from creation through change and drift to
// deletion.
func TestDataStreamLife(t *testing.T) {
	c, ns, s := startStream(t)
	name := ns + ".events"

	first := s.Status.AtProvider.WriteIndex
	want := elasticsearch.DataStreamObservation{
		Generation: 1, BackingIndices: 1, WriteIndex: first, Health: "green", Template: name, Endpoint: c.URL, Owner: "test/" + ns + "/checkout-prod.events",
		Lifecycle: elasticsearch.ObservedLifecycle{ManagedBy: "Data stream lifecycle", EffectiveRetention: "30d"},
	}
	if diff := cmp.Diff(want, s.Status.AtProvider); diff != "" || c.stream(t, name) == nil {
		t.Errorf("\nThe status tells what Elasticsearch says of the stream.\n-want, +got:\n%s", diff)
	}
	stays(t, "A DataStream that nothing happens to is not written to.", s, 3*time.Second)

	change(t, s, func(s *elasticsearch.DataStream) {
		s.Spec.ForProvider.NumberOfShards, s.Spec.ForProvider.Lifecycle.DataRetention = new(int32(2)), new("7d")
		s.Spec.ForProvider.Settings["refresh_interval"] = "5s"
	})
	eventually(t, "Other shards have the stream rolled over, once; what is dynamic holds for all indices.", func() error {
		get(t, s)
		next := s.Status.AtProvider.WriteIndex
		if s.Status.AtProvider.Generation != 2 {
			return fmt.Errorf("generation is %d", s.Status.AtProvider.Generation)
		}
		if diff := cmp.Diff(map[string]any{first: "1", next: "2"}, c.backing(t, name, "number_of_shards")); diff != "" {
			return fmt.Errorf("shards: %s", diff)
		}
		if diff := cmp.Diff(map[string]any{first: "5s", next: "5s"}, c.backing(t, name, "refresh_interval")); diff != "" {
			return fmt.Errorf("refresh interval: %s", diff)
		}
		lifecycle, _ := c.stream(t, name)["lifecycle"].(map[string]any)
		if lifecycle["data_retention"] != "7d" {
			return fmt.Errorf("lifecycle is %v", lifecycle)
		}
		return nil
	})
	awaitReady(t, s)
	stays(t, "Then nothing is left to do.", s, 3*time.Second)

	change(t, s, func(s *elasticsearch.DataStream) {
		s.Spec.ForProvider.Mappings.Raw = []byte(`{"properties":{"id":{"type":"long"}}}`)
	})
	awaitRefusal(t, s, `ImmutableMapping: of data stream "`+name+`", field "id" has type "keyword" and cannot have type "long"`)

	remove(t, s)
	awaitGone(t, s)
	if got := c.stream(t, name); got != nil {
		t.Errorf("\nDeleting the DataStream deletes the data stream.\nstream: %v", got)
	}
	if status, _ := c.do(t, http.MethodHead, "/_index_template/"+name, nil); status != http.StatusNotFound {
		t.Errorf("\nIts template goes with it.\nstatus: %d", status)
	}
}

// TestForeignDataStream checks that a stream that is not ours is refused and untouched,
// and that its DataStream can go.
func TestForeignDataStream(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	name := ns + ".events"
	c.do(t, http.MethodPut, "/_index_template/theirs", map[string]any{"index_patterns": []string{name}, "data_stream": map[string]any{}})
	if status, answer := c.do(t, http.MethodPut, "/_data_stream/"+name, nil); status != http.StatusOK {
		t.Fatalf("cannot create the foreign stream: %d %v", status, answer)
	}
	before := c.stream(t, name)
	s := newStream(ns)
	create(t, s)
	awaitRefusal(t, s, "ExistsNotOwned: data stream ")
	stays(t, "A refusal is said once.", s, 2*time.Second)
	remove(t, s)
	awaitGone(t, s)
	if diff := cmp.Diff(before, c.stream(t, name)); diff != "" {
		t.Errorf("\nA stream that is not ours is not touched.\n-before, +after:\n%s", diff)
	}
}

// TestAliases checks that aliases are healed, and that only those go that were named.
func TestAliases(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	i, name := newIndex(ns), ns+".orders"
	i.Spec.ForProvider.Aliases = map[string]elasticsearch.Alias{ns + ".all": {IsWriteIndex: new(true)}, ns + ".old": {}}
	create(t, i)
	awaitReady(t, i)
	c.do(t, http.MethodDelete, "/"+name+"/_alias/"+ns+".all", nil)
	c.do(t, http.MethodPut, "/"+name+"/_alias/theirs", map[string]any{})
	change(t, i, func(i *elasticsearch.Index) { delete(i.Spec.ForProvider.Aliases, ns+".old") })
	eventually(t, "An alias that was removed by hand comes back, one that is not named any more goes, and another's stays.", func() error {
		want := map[string]any{ns + ".all": map[string]any{"is_write_index": true}, "theirs": map[string]any{}}
		if diff := cmp.Diff(any(want), c.index(t, name)["aliases"]); diff != "" {
			return fmt.Errorf("aliases: %s", diff)
		}
		return nil
	})
	remove(t, i)
	awaitGone(t, i)
}
