package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// TestSearch takes a claim's index and data stream through their life.
func TestSearch(t *testing.T) {
	c := commit(t, `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: search-dev, namespace: payments}
spec:
  service: search
  environment: dev
  description: Finds things
  tags: {costCenter: "4711", dataClass: internal}
  search:
    indices:
      - name: orders
        replicas: 0
        mappings: {dynamic: strict, properties: {id: {type: keyword}}}
        settings: {refresh_interval: 5s}
        aliases: [{name: current, isWriteIndex: true}]
    streams:
      - {name: events, retention: 14d, replicas: 0, mappings: {properties: {page: {type: keyword}}}}
`)
	becomesReady(t, c)
	if diff := cmp.Diff([]string{"search-dev.events"}, status(t, c).Endpoints.DataStreams); diff != "" {
		t.Errorf("the claim tells its data streams: -want, +got:\n%s", diff)
	}
	if got := index(t, "search-dev.orders")["index.refresh_interval"]; got != "5s" {
		t.Errorf("a setting of the claim is one of the index, got %v", got)
	}
	if code, _ := elasticsearch().do(t, http.MethodHead, "/search-dev.orders/_alias/search-dev.current", nil); code != http.StatusOK {
		t.Errorf("an alias of the claim is one of the index, got %d", code)
	}
	tags := map[string]any{"costCenter": "4711", "dataClass": "internal"}
	if got := dataStream(t, "search-dev.events"); got["template"] != "search-dev.events" || !cmp.Equal(tags, got["_meta"].(map[string]any)["plumbline.dev/tags"]) ||
		got["lifecycle"].(map[string]any)["data_retention"] != "14d" {
		t.Errorf("the data stream has its template, the claim's tags and its retention, got %v", got)
	}

	t.Run("TagsReachTheBackend", func(t *testing.T) {
		change(t, c, func(spec map[string]any) {
			spec["tags"] = map[string]any{"costCenter": "4712", "dataClass": "internal"}
		})
		for _, name := range []string{"search-dev.orders", "search-dev.events"} {
			eventually(t, "tags follow the claim", func() string {
				return cmp.Diff(map[string]any{"costCenter": "4712", "dataClass": "internal"}, metaOf(t, name)["plumbline.dev/tags"])
			})
		}
	})

	t.Run("StaysWhatItIs", func(t *testing.T) {
		eventually(t, "a data stream stays one", func() string {
			get(t, c)
			moved := c.DeepCopy()
			search := moved.Object["spec"].(map[string]any)["search"].(map[string]any)
			search["indices"], search["streams"] = []any{map[string]any{"name": "events"}}, []any{}
			err := plane.Client().Update(t.Context(), moved)
			if err != nil && strings.Contains(err.Error(), "a data stream cannot become an index") {
				return ""
			}
			return "the answer is " + fmt.Sprint(err)
		})
	})

	remove(t, c)
	if dataStream(t, "search-dev.events") != nil || index(t, "search-dev.orders") != nil {
		t.Error("index and data stream of a development environment go with their claim")
	}
	if code, _ := elasticsearch().do(t, http.MethodHead, "/_index_template/search-dev.events", nil); code != http.StatusNotFound {
		t.Errorf("so does the template, got %d", code)
	}
}

// TestRetypedField changes what Elasticsearch cannot. Each of these tests edits its claim
// once: Crossplane's circuit breaker takes several edits within seconds for a loop.
func TestRetypedField(t *testing.T) {
	c := commit(t, `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: retype-dev, namespace: payments}
spec:
  service: retype
  environment: dev
  search: {streams: [{name: events, replicas: 0, mappings: {properties: {page: {type: keyword}}}}]}
`)
	becomesReady(t, c)
	change(t, c, func(spec map[string]any) {
		streamOf(spec)["mappings"] = map[string]any{"properties": map[string]any{"page": map[string]any{"type": "long"}}}
	})
	eventually(t, "a field that would change its type is the developer's to set back", func() string {
		get(t, c)
		for _, r := range status(t, c).Resources {
			if r.Name == "retype-dev.events" && r.Reason == "ImmutableMapping" && r.WhoFixes == platform.FixerDeveloper {
				return ""
			}
		}
		return status(t, c).Summary
	})
	remove(t, c)
}

// TestTooLongRetention asks for more than the Blueprint gives, once there is data.
func TestTooLongRetention(t *testing.T) {
	c := commit(t, `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: hoard-dev, namespace: payments}
spec:
  service: hoard
  environment: dev
  search: {streams: [{name: events, retention: 14d, replicas: 0}]}
`)
	becomesReady(t, c)
	change(t, c, func(spec map[string]any) { streamOf(spec)["retention"] = "31d" })
	eventually(t, "a retention above the Blueprint's most is refused with the number", func() string {
		get(t, c)
		if s := c.GetCondition("Accepted"); s.Reason != "InvalidClaim" || !strings.Contains(s.Message, "must be at most 30d") {
			return string(s.Reason) + ": " + s.Message
		}
		return ""
	})
	if got := dataStream(t, "hoard-dev.events")["lifecycle"].(map[string]any)["data_retention"]; got != "14d" {
		t.Errorf("a refused claim changes nothing, got %v", got)
	}
	remove(t, c)
}

// streamOf returns the first data stream of a claim.
func streamOf(spec map[string]any) map[string]any {
	return spec["search"].(map[string]any)["streams"].([]any)[0].(map[string]any)
}

// dataStream returns a data stream, or nil if there is none.
func dataStream(t *testing.T, name string) map[string]any {
	t.Helper()
	code, answer := elasticsearch().do(t, http.MethodGet, "/_data_stream/"+name, nil)
	if code == http.StatusNotFound {
		return nil
	}
	return answer["data_streams"].([]any)[0].(map[string]any)
}

// metaOf returns the _meta of an index, or of the oldest one behind a data stream.
func metaOf(t *testing.T, name string) map[string]any {
	t.Helper()
	_, answer := elasticsearch().do(t, http.MethodGet, "/"+name+"/_mapping", nil)
	for _, shown := range answer {
		meta, _ := shown.(map[string]any)["mappings"].(map[string]any)["_meta"].(map[string]any)
		return meta
	}
	return nil
}
