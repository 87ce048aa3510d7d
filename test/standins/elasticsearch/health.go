package elasticsearch

import (
	"net/http"
	"slices"
	"time"
)

// healthTimeout is how long a request waits that does not say.
const healthTimeout = 30 * time.Second

// health waits for the indices that it names, and for the status that it asks for.
// When time runs out it says so, with the status of a request that timed out, and as
// no error.
func (s *Server) health(r *request) (answer, error) {
	wanted := r.query.Get("wait_for_status")
	if wanted != "" && !slices.Contains(statuses, wanted) {
		return answer{}, illegal("unknown cluster health status [%s]", wanted)
	}
	timeout := healthTimeout
	if r.query.Has("timeout") {
		var err error
		if timeout, err = time.ParseDuration(r.query.Get("timeout")); err != nil {
			return answer{}, illegal("failed to parse setting [timeout] with value [%s] as a time value: unit is missing or unrecognized", r.query.Get("timeout"))
		}
	}
	late := time.After(timeout)
	for {
		h, missing, err := s.look(r)
		if err != nil {
			return answer{}, err
		}
		if !missing && (wanted == "" || slices.Index(statuses, h.status()) <= slices.Index(statuses, wanted)) {
			return ok(h.body(r, false)), nil
		}
		if !s.wait(r, late) {
			h.missing = missing
			return answer{status: http.StatusRequestTimeout, body: h.body(r, true)}, nil
		}
	}
}

// wait lets others change the cluster. It tells whether there is time to look again.
func (s *Server) wait(r *request, late <-chan time.Time) bool {
	changed := s.changed
	s.mu.Unlock()
	defer s.mu.Lock()
	select {
	case <-changed:
		return true
	case <-late:
		return false
	case <-r.ctx.Done():
		return false
	}
}

// look returns the health of the indices of a request, or that one is missing.
func (s *Server) look(r *request) (h health, missing bool, err error) {
	found, err := s.resolve(r)
	if f, ok := err.(*fault); ok && f.kind == "index_not_found_exception" { //nolint:errorlint // resolve wraps nothing.
		return health{nodes: s.options.DataNodes}, true, nil
	}
	return health{nodes: s.options.DataNodes, indices: found}, false, err
}

// statuses from the best to the worst.
var statuses = []string{"green", "yellow", "red"}

// A health is that of some indices.
type health struct {
	nodes   int
	indices []*index
	missing bool
}

// replicas returns how many an index has of each shard, and how many of them are on
// a node: none holds two copies of a shard.
func (i *index) replicas() (wanted, held int) {
	wanted = i.settings.number("index.number_of_replicas")
	return wanted, min(wanted, i.nodes-1)
}

// shards returns how many primary shards an index has, and how many shards, copies
// included, are on a node and on none.
func (i *index) shards() (primaries, active, unassigned int) {
	primaries = i.settings.number("index.number_of_shards")
	wanted, held := i.replicas()
	if i.lost {
		return primaries, 0, primaries * (1 + wanted)
	}
	return primaries, primaries * (1 + held), primaries * (wanted - held)
}

func (h health) status() string {
	if h.missing {
		return "red"
	}
	worst := "green"
	for _, i := range h.indices {
		_, _, unassigned := i.shards()
		switch {
		case i.lost:
			return "red"
		case unassigned > 0:
			worst = "yellow"
		}
	}
	return worst
}

func (h health) body(r *request, timedOut bool) object {
	primaries, active, unassigned, lost := 0, 0, 0, 0
	for _, i := range h.indices {
		own, held, missing := i.shards()
		if i.lost {
			lost, own = lost+own, 0
		}
		primaries += own
		active += held
		unassigned += missing
	}
	percent := 100.0
	if active+unassigned > 0 {
		percent *= float64(active) / float64(active+unassigned)
	}
	out := object{
		"cluster_name": clusterName, "status": h.status(), "timed_out": timedOut, "number_of_nodes": h.nodes, "number_of_data_nodes": h.nodes,
		"active_primary_shards": primaries, "active_shards": active, "relocating_shards": 0, "initializing_shards": 0,
		"unassigned_shards": unassigned, "unassigned_primary_shards": lost, "delayed_unassigned_shards": 0, "number_of_pending_tasks": 0,
		"number_of_in_flight_fetch": 0, "task_max_waiting_in_queue_millis": 0, "active_shards_percent_as_number": percent,
	}
	if level := r.query.Get("level"); level == "indices" {
		out["indices"] = h.each()
	}
	return out
}

func (h health) each() object {
	out := object{}
	for _, i := range h.indices {
		primaries, active, unassigned := i.shards()
		held, lost := primaries, 0
		if i.lost {
			held, lost = 0, primaries
		}
		out[i.name] = object{
			"status":           health{indices: []*index{i}}.status(),
			"number_of_shards": primaries, "number_of_replicas": i.settings.number("index.number_of_replicas"),
			"active_primary_shards": held, "active_shards": active, "relocating_shards": 0, "initializing_shards": 0,
			"unassigned_shards": unassigned, "unassigned_primary_shards": lost,
		}
	}
	return out
}
