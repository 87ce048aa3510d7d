package elasticsearch

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// When a setting can be given.
type scope int

const (
	dynamic scope = iota // At any time.
	static               // When the index is created, and while it is closed.
	final                // When the index is created.
	private              // Never: Elasticsearch sets it.
)

// A setting is one that an index may have. See "Index settings" and the pages
// below it.
type setting struct {
	name  string // One that ends in an asterisk stands for all that begin so.
	scope scope
	check func(string) string // What is wrong with a value, to follow it in a message; nothing, if it is right.

	fallback string // The default, where it is a value of its own.
}

// known lists the settings of an index.
var known = []setting{
	{"index.uuid", private, anyText, ""}, {"index.creation_date", private, anyText, ""}, {"index.provided_name", private, anyText, ""},
	{"index.version.*", private, anyText, ""}, {"index.resize.*", private, anyText, ""},

	{"index.number_of_shards", final, between(1, 1024), "1"},
	{"index.number_of_routing_shards", final, between(1, 1<<30), ""},
	{"index.routing_partition_size", final, between(1, 1<<30), "1"},
	{"index.mode", final, oneOf("standard", "time_series", "logsdb", "lookup"), "standard"},
	{"index.soft_deletes.enabled", final, boolean, "true"},
	{"index.sort.*", final, anyText, ""},
	{"index.routing_path", final, anyText, ""},
	{"index.time_series.*", dynamic, anyText, ""},

	{"index.codec", static, oneOf("default", "best_compression", "legacy_default", "legacy_best_compression"), "default"},
	{"index.load_fixed_bitset_filters_eagerly", static, boolean, "true"},
	{"index.shard.check_on_startup", static, oneOf("false", "checksum", "true"), "false"},
	{"index.store.*", static, anyText, ""},
	{"index.analysis.*", static, anyText, ""},
	{"index.similarity.*", static, anyText, ""},
	{"index.mapping.coerce", static, boolean, "false"},
	{"index.mapping.ignore_malformed", static, boolean, "false"},

	{"index.number_of_replicas", dynamic, between(0, 1<<30), "1"},
	{"index.auto_expand_replicas", dynamic, matching(`false|\d+-(\d+|all)`), "false"},
	{"index.refresh_interval", dynamic, duration, "1s"},
	{"index.hidden", dynamic, boolean, "false"},
	{"index.priority", dynamic, between(0, 1<<30), "1"},
	{"index.blocks.read_only", dynamic, boolean, "false"},
	{"index.blocks.read_only_allow_delete", dynamic, boolean, "false"},
	{"index.blocks.read", dynamic, boolean, "false"},
	{"index.blocks.write", dynamic, boolean, "false"},
	{"index.blocks.metadata", dynamic, boolean, "false"},
	{"index.max_result_window", dynamic, between(1, 1<<30), "10000"},
	{"index.max_inner_result_window", dynamic, between(1, 1<<30), "100"},
	{"index.max_rescore_window", dynamic, between(1, 1<<30), "10000"},
	{"index.max_docvalue_fields_search", dynamic, between(0, 1<<30), "100"},
	{"index.max_script_fields", dynamic, between(0, 1<<30), "32"},
	{"index.max_ngram_diff", dynamic, between(0, 1<<30), "1"},
	{"index.max_shingle_diff", dynamic, between(0, 1<<30), "3"},
	{"index.max_refresh_listeners", dynamic, between(0, 1<<30), "1000"},
	{"index.max_slices_per_scroll", dynamic, between(1, 1<<30), "1024"},
	{"index.max_terms_count", dynamic, between(1, 1<<30), "65536"},
	{"index.max_regex_length", dynamic, between(1, 1<<30), "1000"},
	{"index.analyze.max_token_count", dynamic, between(1, 1<<30), "10000"},
	{"index.highlight.max_analyzed_offset", dynamic, between(-1, 1<<30), "1000000"},
	{"index.query.*", dynamic, anyText, ""},
	{"index.gc_deletes", dynamic, duration, "60s"},
	{"index.default_pipeline", dynamic, anyText, "_none"},
	{"index.final_pipeline", dynamic, anyText, "_none"},
	{"index.write.wait_for_active_shards", dynamic, matching(`all|\d+`), "1"},
	{"index.unassigned.node_left.delayed_timeout", dynamic, duration, "1m"},
	{"index.mapping.total_fields.limit", dynamic, between(1, 1<<30), "1000"},
	{"index.mapping.total_fields.ignore_dynamic_beyond_limit", dynamic, boolean, "false"},
	{"index.mapping.depth.limit", dynamic, between(1, 1<<30), "20"},
	{"index.mapping.nested_fields.limit", dynamic, between(0, 1<<30), "100"},
	{"index.mapping.nested_objects.limit", dynamic, between(0, 1<<30), "10000"},
	{"index.mapping.field_name_length.limit", dynamic, between(1, 1<<62), "9223372036854775807"},
	{"index.mapping.dimension_fields.limit", dynamic, between(0, 1<<30), "32768"},
	{"index.lifecycle.*", dynamic, anyText, ""},
	{"index.routing.*", dynamic, anyText, ""},
	{"index.search.*", dynamic, anyText, ""},
	{"index.indexing.*", dynamic, anyText, ""},
	{"index.translog.*", dynamic, anyText, ""},
	{"index.merge.*", dynamic, anyText, ""},
}

// lookUp returns the setting of a name.
func lookUp(name string) (setting, bool) {
	i := slices.IndexFunc(known, func(k setting) bool {
		prefix, isGroup := strings.CutSuffix(k.name, "*")
		return name == k.name || isGroup && strings.HasPrefix(name, prefix) && name != prefix
	})
	if i < 0 {
		return setting{}, false
	}
	return known[i], true
}

func anyText(string) string { return "" }

func boolean(v string) string {
	if v == "true" || v == "false" {
		return ""
	}
	return " as only [true] or [false] are allowed."
}

func between(low, high int) func(string) string {
	return func(v string) string {
		n, err := strconv.Atoi(v)
		switch {
		case err != nil:
			return " for setting [%s]"
		case n < low:
			return fmt.Sprintf(" for setting [%%s] must be >= %d", low)
		case n > high:
			return fmt.Sprintf(" for setting [%%s] must be <= %d", high)
		}
		return ""
	}
}

func oneOf(values ...string) func(string) string {
	return func(v string) string {
		if slices.Contains(values, v) {
			return ""
		}
		return " for setting [%s] must be one of [" + strings.Join(values, ", ") + "]"
	}
}

func matching(pattern string) func(string) string {
	whole := regexp.MustCompile("^(" + pattern + ")$")
	return func(v string) string {
		if whole.MatchString(v) {
			return ""
		}
		return " for setting [%s]"
	}
}

var units = regexp.MustCompile(`^(-1|0|\d+(nanos|micros|ms|s|m|h|d))$`)

func duration(v string) string {
	if units.MatchString(v) {
		return ""
	}
	return " for setting [%s] as a time value: unit is missing or unrecognized"
}
