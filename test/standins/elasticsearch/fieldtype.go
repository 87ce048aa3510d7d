package elasticsearch

import (
	"encoding/json"
	"slices"
	"strconv"
)

// A kind of value that a parameter takes.
type kind int

const (
	text kind = iota
	flag
	number
	texts // A list, or one.
	anything
)

// A parameter of a field of some type. See "Mapping parameters".
type parameter struct {
	name     string
	takes    kind
	fallback any // The default. Elasticsearch does not show a parameter that has it.
	update   bool
}

// A fieldType says what a field of it takes.
type fieldType struct {
	parameters []parameter
	needs      string // A parameter without which there is no field.
	single     bool   // It takes no multi-fields.
}

var (
	indexed     = parameter{"index", flag, true, false}
	docValues   = parameter{"doc_values", flag, true, false}
	store       = parameter{"store", flag, false, false}
	nullValue   = parameter{"null_value", anything, nil, false}
	copyTo      = parameter{"copy_to", texts, []any{}, true}
	metaOf      = parameter{"meta", anything, object{}, true}
	malformed   = parameter{"ignore_malformed", flag, false, true}
	coerce      = parameter{"coerce", flag, true, true}
	ignoreAbove = parameter{"ignore_above", number, json.Number("2147483647"), true}
	ordinals    = parameter{"eager_global_ordinals", flag, false, true}
	norms       = parameter{"norms", flag, true, true}
	fewNorms    = parameter{"norms", flag, false, true} // Of a keyword.
	similarity  = parameter{"similarity", text, nil, false}
	boost       = parameter{"boost", number, json.Number("1"), true}
	script      = parameter{"script", anything, nil, false}
	scriptError = parameter{"on_script_error", text, nil, false}
	dimension   = parameter{"time_series_dimension", flag, false, false}
	metric      = parameter{"time_series_metric", text, nil, true}
	analyzer    = parameter{"analyzer", text, "default", false}
	searchWith  = parameter{"search_analyzer", text, nil, true}
	quoteWith   = parameter{"search_quote_analyzer", text, nil, true}
	vectors     = parameter{"term_vector", text, "no", false}
	zValue      = parameter{"ignore_z_value", flag, true, true}
)

func takes(p ...parameter) fieldType { return fieldType{parameters: append(p, copyTo, metaOf)} }

// fieldTypes are those that a mapping may name, but for objects.
var fieldTypes = func() map[string]fieldType {
	numeric := takes(indexed, docValues, store, nullValue, coerce, malformed, script, scriptError, dimension, metric)
	scaled := takes(append(slices.Clone(numeric.parameters), parameter{"scaling_factor", number, nil, false})...)
	scaled.needs = "scaling_factor"
	ranges := takes(indexed, docValues, store, coerce)
	date := takes(indexed, docValues, store, nullValue, malformed, script, scriptError,
		parameter{"format", text, "strict_date_optional_time||epoch_millis", false}, parameter{"locale", text, nil, false})
	shape := takes(indexed, docValues, store, coerce, malformed, zValue, parameter{"orientation", text, "right", true})
	out := map[string]fieldType{
		"keyword": takes(indexed, docValues, store, nullValue, ignoreAbove, ordinals, fewNorms, similarity, script, scriptError, dimension,
			parameter{"index_options", text, "docs", false}, parameter{"normalizer", text, nil, false}, parameter{"split_queries_on_whitespace", flag, false, true}),
		"constant_keyword": takes(parameter{"value", anything, nil, false}),
		"wildcard":         takes(nullValue, ignoreAbove),
		"text": takes(indexed, store, analyzer, searchWith, quoteWith, norms, similarity, vectors, ordinals, boost,
			parameter{"index_options", text, "positions", false}, parameter{"fielddata", flag, false, true}, parameter{"index_phrases", flag, false, false},
			parameter{"fielddata_frequency_filter", anything, nil, true}, parameter{"index_prefixes", anything, nil, false},
			parameter{"position_increment_gap", number, json.Number("100"), false}),
		"match_only_text": takes(),
		"search_as_you_type": takes(indexed, store, analyzer, searchWith, quoteWith, norms, similarity, vectors,
			parameter{"max_shingle_size", number, json.Number("3"), false}, parameter{"index_options", text, "positions", false}),
		"completion": takes(analyzer, searchWith, parameter{"preserve_separators", flag, true, false}, parameter{"contexts", anything, nil, false},
			parameter{"preserve_position_increments", flag, true, false}, parameter{"max_input_length", number, json.Number("50"), true}),
		"token_count": takes(indexed, docValues, store, nullValue, analyzer, parameter{"enable_position_increments", flag, true, false}),
		"boolean":     takes(indexed, docValues, store, nullValue, malformed, script, scriptError, dimension),
		"binary":      takes(parameter{"doc_values", flag, false, false}, store),
		"ip":          takes(indexed, docValues, store, nullValue, malformed, script, scriptError, dimension),
		"version":     takes(), "percolator": takes(), "rank_features": takes(parameter{"positive_score_impact", flag, true, false}),
		"rank_feature": takes(parameter{"positive_score_impact", flag, true, false}, nullValue),
		"geo_point":    takes(indexed, docValues, store, malformed, zValue, nullValue, script, scriptError, metric),
		"point":        takes(malformed, zValue, nullValue), "geo_shape": shape, "shape": shape,
		"flattened": takes(indexed, docValues, nullValue, ignoreAbove, ordinals, similarity, parameter{"depth_limit", number, json.Number("20"), true},
			parameter{"index_options", text, "docs", false}, parameter{"split_queries_on_whitespace", flag, false, true}),
		"dense_vector": takes(indexed, similarity, parameter{"dims", number, nil, false}, parameter{"element_type", text, "float", false},
			parameter{"index_options", anything, nil, true}),
		"sparse_vector": takes(store, parameter{"index_options", anything, nil, true}),
		"semantic_text": takes(parameter{"inference_id", text, nil, true}, parameter{"search_inference_id", text, nil, true}),
		"histogram":     takes(malformed, coerce, metric),
		"join":          takes(ordinals, parameter{"relations", anything, nil, true}),
		"alias":         {parameters: []parameter{{"path", text, nil, true}, metaOf}, needs: "path", single: true},
		"aggregate_metric_double": takes(metric, malformed, parameter{"metrics", texts, nil, false},
			parameter{"default_metric", text, nil, true}),
		"scaled_float": scaled, "date": date, "date_nanos": date,
	}
	for _, name := range []string{"long", "integer", "short", "byte", "double", "float", "half_float", "unsigned_long"} {
		out[name] = numeric
	}
	for _, name := range []string{"integer_range", "long_range", "float_range", "double_range", "ip_range"} {
		out[name] = ranges
	}
	out["date_range"] = takes(indexed, docValues, store, coerce, parameter{"format", text, "strict_date_optional_time||epoch_millis", false})
	return out
}()

// parameter returns the one of a name.
func (t fieldType) parameter(name string) (parameter, bool) {
	i := slices.IndexFunc(t.parameters, func(p parameter) bool { return p.name == name })
	if i < 0 {
		return parameter{}, false
	}
	return t.parameters[i], true
}

// value brings a value into the form that Elasticsearch shows, or fails.
func (p parameter) value(v any) (any, bool) {
	switch p.takes {
	case flag:
		switch v {
		case true, "true":
			return true, true
		case false, "false", "":
			return false, true
		}
		return nil, false
	case number:
		switch v := v.(type) {
		case json.Number:
			return v, true
		case string:
			_, err := strconv.ParseFloat(v, 64)
			return json.Number(v), err == nil
		}
		return nil, false
	case text:
		s, ok := v.(string)
		return s, ok
	case texts:
		if s, ok := v.(string); ok {
			return []any{s}, true
		}
		_, ok := v.([]any)
		return v, ok
	case anything:
	}
	return v, true
}
