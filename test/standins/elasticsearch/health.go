package elasticsearch

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// health is yellow where there are replicas: one node holds no copy of its own
// shards. The health of an index that does not exist is red, after the time that
// the request allows for it to appear, which the stand-in does not wait.
func (s *Server) health(r *http.Request) (any, error) {
	found := slices.Collect(maps.Values(s.indices))
	missing := false
	if r.PathValue("target") != "" {
		var err error
		if found, err = s.resolve(r); err != nil {
			missing = true
		}
	}
	status := "green"
	active, unassigned := 0, 0
	for _, i := range found {
		shards, replicas := number(i.settings["index.number_of_shards"]), number(i.settings["index.number_of_replicas"])
		active += shards
		unassigned += shards * replicas
	}
	switch {
	case missing:
		status = "red"
	case unassigned > 0:
		status = "yellow"
	}
	out := map[string]any{
		"cluster_name": "standin", "status": status, "timed_out": missing, "number_of_nodes": 1, "number_of_data_nodes": 1,
		"active_primary_shards": active, "active_shards": active, "relocating_shards": 0, "initializing_shards": 0,
		"unassigned_shards": unassigned, "delayed_unassigned_shards": 0, "number_of_pending_tasks": 0,
		"number_of_in_flight_fetch": 0, "task_max_waiting_in_queue_millis": 0, "active_shards_percent_as_number": 100.0,
	}
	if missing {
		return timedOut(out), nil
	}
	return out, nil
}

func number(v any) int {
	s, _ := v.(string)
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
