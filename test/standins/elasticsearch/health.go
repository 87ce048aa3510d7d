package elasticsearch

import (
	"slices"
	"time"
)

// healthTimeout is how long a request waits that does not say.
const healthTimeout = 30 * time.Second

// health waits for the indices that it names, and for the status that it asks for.
// When time runs out it says so, and is no error: from version 8 on the answer's
// status is 200.
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
			return ok(h.body(r, true)), nil
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
		return health{}, true, nil
	}
	return health{indices: found}, false, err
}

// statuses from the best to the worst.
var statuses = []string{"green", "yellow", "red"}

// A health is that of some indices.
type health struct {
	indices []*index
	missing bool
}

// shards returns how many primary shards and copies an index has. One node holds
// no copy of its own shards.
func (i *index) shards() (primaries, copies int) {
	primaries = i.settings.number("index.number_of_shards")
	return primaries, primaries * i.settings.number("index.number_of_replicas")
}

func (h health) status() string {
	if h.missing {
		return "red"
	}
	for _, i := range h.indices {
		if _, copies := i.shards(); copies > 0 {
			return "yellow"
		}
	}
	return "green"
}

func (h health) body(r *request, timedOut bool) object {
	active, unassigned := 0, 0
	for _, i := range h.indices {
		primaries, copies := i.shards()
		active += primaries
		unassigned += copies
	}
	percent := 100.0
	if active+unassigned > 0 {
		percent *= float64(active) / float64(active+unassigned)
	}
	out := object{
		"cluster_name": clusterName, "status": h.status(), "timed_out": timedOut, "number_of_nodes": 1, "number_of_data_nodes": 1,
		"active_primary_shards": active, "active_shards": active, "relocating_shards": 0, "initializing_shards": 0,
		"unassigned_shards": unassigned, "unassigned_primary_shards": 0, "delayed_unassigned_shards": 0, "number_of_pending_tasks": 0,
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
		primaries, copies := i.shards()
		out[i.name] = object{
			"status":           health{indices: []*index{i}}.status(),
			"number_of_shards": primaries, "number_of_replicas": i.settings.number("index.number_of_replicas"),
			"active_primary_shards": primaries, "active_shards": primaries, "relocating_shards": 0, "initializing_shards": 0,
			"unassigned_shards": copies, "unassigned_primary_shards": 0,
		}
	}
	return out
}
