package lifecyclepolicy

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/document"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

const given = `{
	"hot": {"actions": {"rollover": {"maxAge": "30d", "maxPrimaryShardSize": "50gb", "maxPrimaryShardDocs": 200000000}, "setPriority": {"priority": 100}}},
	"warm": {"minAge": "2d", "actions": {"readonly": {}, "forcemerge": {"maxNumSegments": 1}, "shrink": {"numberOfShards": 1},
		"allocate": {"numberOfReplicas": 0, "include": {"boxType": "warm"}}}},
	"delete": {"minAge": "90d", "actions": {"delete": {}}}}`

const wanted = `{"policy": {"_meta": {}, "phases": {
	"hot": {"actions": {"rollover": {"max_age": "30d", "max_primary_shard_size": "50gb", "max_primary_shard_docs": 200000000}, "set_priority": {"priority": 100}}},
	"warm": {"min_age": "2d", "actions": {"readonly": {}, "forcemerge": {"max_num_segments": 1}, "shrink": {"number_of_shards": 1},
		"allocate": {"number_of_replicas": 0, "include": {"boxType": "warm"}}}},
	"delete": {"min_age": "90d", "actions": {"delete": {}}}}}}`

func policy(t *testing.T, params string) *v1alpha1.LifecyclePolicy {
	t.Helper()
	cr := &v1alpha1.LifecyclePolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "logs"}}
	meta.SetExternalName(cr, "logs")
	if err := json.Unmarshal([]byte(params), &cr.Spec.ForProvider); err != nil {
		t.Fatal(err)
	}
	return cr
}

func TestDesire(t *testing.T) {
	got, err := desire(policy(t, given))
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal([]byte(wanted), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, document.WithoutNulls(got)); diff != "" {
		t.Errorf("\nA policy is sent in Elasticsearch's names; attributes of nodes are the user's.\ndesire(...): -want, +got:\n%s", diff)
	}
}

// TestLife takes a policy from creation through drift to deletion, which waits for
// the index that follows the policy.
func TestLife(t *testing.T) {
	server := httptest.NewServer(standin.New(standin.Options{Username: "u", Password: "p"}))
	defer server.Close()
	c, err := elasticsearch.New(elasticsearch.Config{Endpoint: server.URL, Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	e := documents().External(connect.Connection[*elasticsearch.Client]{Client: c, Installation: "here", Endpoint: "https://es"})
	cr := policy(t, given)
	if o, err := e.Observe(t.Context(), cr); err != nil || o.ResourceExists {
		t.Fatalf("\nA policy that Elasticsearch does not know does not exist.\nObserve(...): %+v, %v", o, err)
	}
	if _, err := e.Create(t.Context(), cr); err != nil {
		t.Fatal(err)
	}
	if o, err := e.Observe(t.Context(), cr); err != nil || !o.ResourceUpToDate || cr.Status.AtProvider.Settled != "" {
		t.Errorf("\nA default that Elasticsearch fills in is no drift.\nObserve(...): %+v, %v", o, err)
	}
	for _, drift := range []string{
		`{"phases":{"hot":{"actions":{}},"delete":{"min_age":"1d","actions":{"delete":{}}}}}`,
		`{"phases":{"hot":{"actions":{"rollover":{"max_age":"30d","max_primary_shard_size":"50gb","max_primary_shard_docs":200000000},"set_priority":{"priority":100}}}}}`,
	} {
		changed := map[string]any{}
		if err := json.Unmarshal([]byte(drift), &changed); err != nil {
			t.Fatal(err)
		}
		changed["_meta"] = map[string]any{"plumbline.dev/owner": "here/payments/logs"}
		if err := c.PutDocument(t.Context(), elasticsearch.LifecyclePolicies, "logs", map[string]any{"policy": changed}); err != nil {
			t.Fatal(err)
		}
		if o, err := e.Observe(t.Context(), cr); err != nil || o.ResourceUpToDate {
			t.Errorf("\nWhat somebody changed is drift.\nObserve(...): %+v, %v", o, err)
		}
		if _, err := e.Update(t.Context(), cr); err != nil {
			t.Fatal(err)
		}
	}
	added := policy(t, `{"hot":{"actions":{}}}`)
	if o, err := e.Observe(t.Context(), added); err != nil || o.ResourceUpToDate {
		t.Errorf("\nA phase that nobody asks for is drift.\nObserve(...): %+v, %v", o, err)
	}

	if err := c.CreateIndex(t.Context(), "logs-1", map[string]string{"lifecycle.name": "logs"}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Observe(t.Context(), cr); err != nil || cr.Status.AtProvider.InUseBy != 1 || cr.Status.AtProvider.Version != 5 {
		t.Errorf("\nThe status tells the version of the policy and how many follow it.\nObserve(...): %+v, %v", cr.Status.AtProvider, err)
	}
	cr.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
	_, err = e.Delete(t.Context(), cr)
	if want := `InUse: lifecycle policy "logs" is used by index "logs-1"; it goes once nothing uses it`; err == nil || err.Error() != want {
		t.Errorf("\nA policy in use stays, and who uses it is said.\nDelete(...): %v", err)
	}
	if err := c.DeleteIndex(t.Context(), "logs-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Delete(t.Context(), cr); err != nil {
		t.Errorf("\nOnce nothing uses it, it goes.\nDelete(...): %v", err)
	}
	if _, err := c.Document(t.Context(), elasticsearch.LifecyclePolicies, "logs"); !elasticsearch.IsMissing(err) {
		t.Errorf("\nThe policy is gone.\nDocument(...): %v", err)
	}
}
