package elasticsearch

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Settings that can be set only when an index is created, or while it is closed.
// See "Index modules" in Elasticsearch's documentation.
var static = []string{
	"index.number_of_shards", "index.number_of_routing_shards", "index.codec", "index.mode", "index.routing_partition_size",
	"index.soft_deletes.enabled", "index.load_fixed_bitset_filters_eagerly", "index.shard.check_on_startup", "index.store.type",
}

// Settings that Elasticsearch sets itself, which nobody else may.
var private = []string{"index.uuid", "index.creation_date", "index.provided_name", "index.version.created"}

// known are the beginnings of the names of all settings that an index may have.
var known = append([]string{
	"index.number_of_replicas", "index.auto_expand_replicas", "index.refresh_interval", "index.max_", "index.blocks.", "index.hidden",
	"index.priority", "index.analysis.", "index.analyze.", "index.sort.", "index.mapping.", "index.routing.", "index.lifecycle.",
	"index.search.", "index.indexing.", "index.translog.", "index.merge.", "index.similarity.", "index.default_pipeline",
	"index.final_pipeline", "index.unassigned.", "index.query.", "index.gc_deletes", "index.highlight.", "index.write.",
}, static...)

// flatten returns settings by their full flat name. Clients may nest them, and
// leave out the "index." in front.
func flatten(prefix string, in map[string]any, out map[string]any) {
	for k, v := range in {
		name := prefix + k
		if nested, ok := v.(map[string]any); ok {
			flatten(name+".", nested, out)
			continue
		}
		if !strings.HasPrefix(name, "index.") {
			name = "index." + name
		}
		out[name] = value(v)
	}
}

// value returns what Elasticsearch makes of a value: text, or a list of texts. A
// null stays, as it resets a setting.
func value(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = value(v[i])
		}
		return out
	case string:
		return v
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(b)
	}
}

// checkSettings refuses settings that no index may have.
func checkSettings(settings map[string]any) error {
	for name := range settings {
		if slices.Contains(private, name) {
			return illegal("private index setting [%s] can not be set explicitly", name)
		}
		if !slices.ContainsFunc(known, func(k string) bool {
			return name == k || strings.HasSuffix(k, ".") && strings.HasPrefix(name, k) || strings.HasSuffix(k, "_") && strings.HasPrefix(name, k)
		}) {
			return illegal("unknown setting [%s] please check that any required plugins are installed, or check the breaking changes documentation for removed settings", name)
		}
	}
	return nil
}

// checkDynamic refuses settings that an open index cannot change.
func checkDynamic(i *index, settings map[string]any) error {
	var fixed []string
	for name := range settings {
		if slices.Contains(static, name) {
			fixed = append(fixed, name)
		}
	}
	if len(fixed) == 0 {
		return nil
	}
	slices.Sort(fixed)
	return &apiError{http.StatusBadRequest, "illegal_argument_exception", fmt.Sprintf(
		"Can't update non dynamic settings [%v] for open indices [[%s/%s]]", fixed, i.name, i.settings["index.uuid"]), ""}
}

// shown returns settings as a request wants them: flat, or nested.
func shown(settings map[string]any, r *http.Request) map[string]any {
	if flat := r.URL.Query(); flat.Has("flat_settings") && flat.Get("flat_settings") != "false" {
		return settings
	}
	out := map[string]any{}
	for name, v := range settings {
		parts := strings.Split(name, ".")
		at := out
		for _, part := range parts[:len(parts)-1] {
			next, ok := at[part].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[part] = next
			}
			at = next
		}
		at[parts[len(parts)-1]] = v
	}
	return out
}
