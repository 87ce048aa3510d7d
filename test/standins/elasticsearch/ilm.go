package elasticsearch

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A policy of the lifecycle of indices.
type policy struct {
	body     object
	version  int64
	modified time.Time
}

// phaseActions are the actions that each phase takes. See "Index lifecycle actions".
func phaseActions() map[string][]string {
	return map[string][]string{
		"hot":    {"set_priority", "unfollow", "rollover", "readonly", "downsample", "shrink", "forcemerge", "searchable_snapshot"},
		"warm":   {"set_priority", "unfollow", "readonly", "downsample", "allocate", "migrate", "shrink", "forcemerge"},
		"cold":   {"set_priority", "unfollow", "readonly", "downsample", "searchable_snapshot", "allocate", "migrate"},
		"frozen": {"unfollow", "searchable_snapshot"},
		"delete": {"wait_for_snapshot", "delete"},
	}
}

func (s *Server) putPolicy(r *request) (answer, error) {
	name := r.params["name"]
	if strings.HasPrefix(name, "_") || strings.ContainsAny(name, ", ") || len(name) > 255 {
		return answer{}, illegal("invalid policy name [%s]: must not start with '_', contain ',' or ' ', or be longer than 255 bytes", name)
	}
	body, err := r.required()
	if err != nil {
		return answer{}, err
	}
	given, isObject := body["policy"].(object)
	if !isObject || len(body) != 1 {
		return answer{}, badMapping("a request to put a lifecycle policy holds [policy] alone")
	}
	shown, err := parsePolicy(given)
	if err != nil {
		return answer{}, err
	}
	next := &policy{body: shown, version: 1, modified: s.options.Now()}
	if before, exists := s.policies[name]; exists {
		next.version = before.version + 1
	}
	s.policies[name] = next
	return acknowledged(), nil
}

// parsePolicy brings a policy into the form that Elasticsearch shows.
func parsePolicy(in object) (object, error) {
	out := object{}
	for k, v := range in {
		if !slices.Contains([]string{"phases", "_meta", "deprecated"}, k) {
			return nil, badMapping("[lifecycle_policy] unknown field [%s]", k)
		}
		out[k] = v
	}
	given, isObject := in["phases"].(object)
	if !isObject {
		return nil, badMapping("[lifecycle_policy] required field [phases] is missing")
	}
	phases := object{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		phase, isObject := given[name].(object)
		takes, known := phaseActions()[name]
		if !isObject || !known {
			return nil, illegal("Timeseries lifecycle does not support phase [%s]", name)
		}
		shown, err := parsePhase(name, phase, takes)
		if err != nil {
			return nil, err
		}
		phases[name] = shown
	}
	out["phases"] = phases
	return out, nil
}

func parsePhase(name string, in object, takes []string) (object, error) {
	out := object{"min_age": "0ms", "actions": object{}}
	for k, v := range in {
		if k != "min_age" && k != "actions" {
			return nil, badMapping("[phase] unknown field [%s]", k)
		}
		out[k] = v
	}
	given, isObject := out["actions"].(object)
	if !isObject {
		return nil, badMapping("[phase] [actions] is no object")
	}
	actions := object{}
	for _, kind := range slices.Sorted(maps.Keys(given)) {
		action, isObject := given[kind].(object)
		switch {
		case !isObject:
			return nil, badMapping("[%s] is no object", kind)
		case !slices.Contains(takes, kind):
			return nil, illegal("invalid action [%s] defined in phase [%s]", kind, name)
		case kind == "rollover" && len(action) == 0:
			return nil, illegal("At least one max_* rollover condition must be set when using min_* conditions")
		}
		shown := maps.Clone(action)
		if _, told := shown["delete_searchable_snapshot"]; kind == "delete" && !told {
			shown["delete_searchable_snapshot"] = true
		}
		actions[kind] = shown
	}
	if _, takesSnapshot := actions["searchable_snapshot"]; name == "frozen" && !takesSnapshot {
		return nil, illegal("policy specifies phase [frozen] without action [searchable_snapshot]")
	}
	out["actions"] = actions
	return out, nil
}

func (s *Server) getPolicies(r *request) (answer, error) {
	names, some := r.params["name"]
	out := map[string]object{}
	for name, p := range s.policies {
		if !some || slices.ContainsFunc(strings.Split(names, ","), func(n string) bool { return fits(n, name) }) {
			out[name] = object{"version": p.version, "modified_date": p.modified.UTC().Format("2006-01-02T15:04:05.000Z"), "policy": p.body, "in_use_by": s.inUseBy(name)}
		}
	}
	if some && len(out) == 0 && !strings.Contains(names, "*") {
		return answer{}, noSuchPolicy(names)
	}
	return ok(out), nil
}

// inUseBy is what follows a policy.
func (s *Server) inUseBy(name string) object {
	indices, streams, templates := s.policyUsers(name)
	return object{
		"indices": append([]string{}, indices...), "data_streams": append([]string{}, streams...), "composable_templates": append([]string{}, templates...),
	}
}

func (s *Server) deletePolicy(r *request) (answer, error) {
	name := r.params["name"]
	if _, exists := s.policies[name]; !exists {
		return answer{}, noSuchPolicy(name)
	}
	users := s.inUseBy(name)
	if indices, _ := users["indices"].([]string); len(indices) > 0 {
		return answer{}, illegal("Cannot delete policy [%s]. It is in use by one or more indices: [%s]", name, strings.Join(indices, ", "))
	}
	if templates, _ := users["composable_templates"].([]string); len(templates) > 0 {
		return answer{}, illegal("Cannot delete policy [%s]. It is in use by one or more templates: [%s]", name, strings.Join(templates, ", "))
	}
	delete(s.policies, name)
	return acknowledged(), nil
}

func noSuchPolicy(name string) error {
	return &fault{status: http.StatusNotFound, kind: "resource_not_found_exception", reason: fmt.Sprintf("Lifecycle policy not found: %s", name)}
}
