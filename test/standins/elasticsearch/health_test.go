package elasticsearch

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHealth(t *testing.T) {
	tell(t, map[string]story{
		"Colours": {
			reason: "Cluster health API: yellow where a copy is not allocated, and one node holds none; the worst index decides.",
			steps: []step{
				{"GET", "/_cluster/health", "", 200, `{"status":"green","timed_out":false,"active_shards_percent_as_number":100}`},
				{"PUT", "/a", `{"settings":{"number_of_replicas":0,"number_of_shards":2}}`, 200, ""},
				{"GET", "/_cluster/health/a", "", 200, `{"status":"green","active_primary_shards":2,"active_shards":2,"unassigned_shards":0,"number_of_nodes":1}`},
				{"PUT", "/b", "", 200, ""},
				{"GET", "/_cluster/health/b", "", 200, `{"status":"yellow","active_shards":1,"unassigned_shards":1,"unassigned_primary_shards":0,"active_shards_percent_as_number":50}`},
				{"GET", "/_cluster/health?level=indices", "", 200, `{"status":"yellow","active_shards":3,"indices":{"a":{"status":"green"},"b":{"status":"yellow"}}}`},
				{"PUT", "/b/_settings", `{"number_of_replicas":0}`, 200, ""},
				{"GET", "/_cluster/health", "", 200, `{"status":"green"}`},
			},
		},
		"Missing": {
			reason: "Cluster health API: a request that runs out of time says so, with status 408, as a node of 8.18 does; what is missing is red.",
			steps:  []step{{"GET", "/_cluster/health/none?timeout=1ms", "", 408, `{"status":"red","timed_out":true,"active_shards":0}`}},
		},
		"NotReached": {
			reason: "Cluster health API, wait_for_status: a status that is not reached in time is said.",
			steps: []step{
				{"PUT", "/a", "", 200, ""},
				{"GET", "/_cluster/health/a?wait_for_status=green&timeout=1ms", "", 408, `{"status":"yellow","timed_out":true}`},
				{"GET", "/_cluster/health/a?wait_for_status=yellow", "", 200, `{"status":"yellow","timed_out":false}`},
			},
		},
		"Wrong": {
			reason: "Cluster health API: parameters have their values.",
			steps:  []step{{"GET", "/_cluster/health?wait_for_status=blue", "", 400, ""}, {"GET", "/_cluster/health/none?timeout=soon", "", 400, ""}},
		},
	})
}

func TestDataNodes(t *testing.T) {
	s := New(Options{Username: "u", Password: "p", DataNodes: 2})
	reason := "Cluster health API: two nodes hold a shard and one copy; a second copy is unassigned."
	for _, st := range []step{
		{"PUT", "/a", `{"settings":{"number_of_shards":3}}`, 200, ""},
		{"GET", "/_cluster/health/a", "", 200, `{"status":"green","number_of_nodes":2,"number_of_data_nodes":2,"active_primary_shards":3,"active_shards":6,"unassigned_shards":0}`},
		{"POST", "/a/_doc", `{"x":1}`, 201, `{"_shards":{"total":2,"successful":2}}`},
		{"POST", "/a/_refresh", "", 200, `{"_shards":{"total":6,"successful":6}}`},
		{"PUT", "/a/_settings", `{"number_of_replicas":2}`, 200, ""},
		{"GET", "/_cluster/health/a?level=indices", "", 200, `{"status":"yellow","active_shards":6,"unassigned_shards":3,
			"indices":{"a":{"status":"yellow","active_primary_shards":3,"active_shards":6,"unassigned_shards":3}}}`},
		{"POST", "/a/_doc", `{"x":1}`, 201, `{"_shards":{"total":3,"successful":2}}`},
		{"GET", "/_cluster/health/none?timeout=1ms", "", 408, `{"status":"red","number_of_data_nodes":2}`},
	} {
		expect(t, s, reason, st, superuserOf)
	}
	reason = "Index settings, auto_expand_replicas: as many as the nodes have room for, within bounds."
	for bounds, replicas := range map[string]string{"0-all": "1", "0-5": "1", "0-0": "0", "2-all": "2", "2-3": "2", "false": "2"} {
		for _, st := range []step{
			{"PUT", "/" + bounds, `{"settings":{"number_of_replicas":2,"auto_expand_replicas":"` + bounds + `"}}`, 200, ""},
			{"GET", "/" + bounds + "/_settings?flat_settings=true", "", 200, `{"` + bounds + `":{"settings":{"index.number_of_replicas":"` + replicas + `"}}}`},
		} {
			expect(t, s, reason, st, superuserOf)
		}
	}
}

// A patient context tells when somebody begins to wait for it.
type patient struct {
	context.Context //nolint:containedctx // It is one.

	waits func()
}

func (p patient) Done() <-chan struct{} {
	p.waits()
	return p.Context.Done()
}

func TestHealthWaits(t *testing.T) {
	s := New(Options{Username: "u", Password: "p"})
	reason := "Cluster health API: a request waits for an index to appear, and lets others work meanwhile."
	waiting, answered := make(chan struct{}), make(chan step)
	ctx := patient{t.Context(), sync.OnceFunc(func() { close(waiting) })}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/_cluster/health/orders?wait_for_status=green", nil).WithContext(ctx)
	superuserOf(r)
	go func() {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		answered <- step{status: w.Code, want: w.Body.String()}
	}()
	<-waiting
	expect(t, s, reason, step{"PUT", "/orders", "", 200, ""}, superuserOf)
	expect(t, s, reason, step{"PUT", "/orders/_settings", `{"number_of_replicas":0}`, 200, ""}, superuserOf)
	got := <-answered
	want := decoded(t, `{"status":"green","timed_out":false}`)
	if diff := cmp.Diff(want, project(decoded(t, got.want), want)); diff != "" || got.status != http.StatusOK {
		t.Errorf("\n%s\nstatus %d: -want, +got:\n%s", reason, got.status, diff)
	}
}

func TestHealthEndsWithItsCaller(t *testing.T) {
	s := New(Options{Username: "u", Password: "p"})
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	expect(t, s, "A caller that gives up is not waited for.", step{"GET", "/_cluster/health/none", "", 408, `{"timed_out":true}`}, func(r *http.Request) {
		superuserOf(r)
		*r = *r.WithContext(ctx)
	})
}

func TestLost(t *testing.T) {
	tell(t, map[string]story{
		"Red": {
			reason: "Cluster health API: an index whose primary shards no node holds is red. Its documents cannot be written, read or counted; what is known of the index can.",
			steps: []step{
				{"PUT", "/a", `{"settings":{"number_of_replicas":0,"number_of_shards":2}}`, 200, ""},
				{"PUT", "/b", `{"settings":{"number_of_replicas":0}}`, 200, ""},
				{"PUT", "/a/_doc/1", `{"x":1}`, 201, ""},
				{"PUT", "/_standin/lost", `["a*"]`, 204, ""},
				{"GET", "/_cluster/health?level=indices", "", 200, `{"status":"red","active_primary_shards":1,"unassigned_shards":2,"unassigned_primary_shards":2,
					"indices":{"a":{"status":"red","active_primary_shards":0,"unassigned_primary_shards":2},"b":{"status":"green"}}}`},
				{"PUT", "/a/_doc/2", `{"x":1}`, 503, `{"error":{"type":"unavailable_shards_exception"}}`},
				{"GET", "/a/_doc/1", "", 503, `{"error":{"type":"no_shard_available_action_exception"}}`},
				{"GET", "/a/_count", "", 503, `{"error":{"type":"search_phase_execution_exception"}}`},
				{"GET", "/a/_stats/docs", "", 200, `{"_shards":{"total":2,"successful":0,"failed":0},"_all":{"primaries":{"docs":null}}}`},
				{"GET", "/a", "", 200, ""},
				{"PUT", "/_standin/lost", `[]`, 204, ""},
				{"GET", "/a/_count", "", 200, `{"count":1}`},
				{"GET", "/_cluster/health/a", "", 200, `{"status":"green"}`},
			},
		},
	})
}
