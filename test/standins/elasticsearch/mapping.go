package elasticsearch

import (
	"encoding/json"
	"maps"
	"slices"
)

// merge merges a mapping into another as Elasticsearch does: fields are added and
// their parameters replaced, no field changes its type, and _meta and the other
// parameters of the root are replaced as a whole. It changes neither.
func merge(into, from map[string]any, path string) (map[string]any, error) {
	out := maps.Clone(into)
	if out == nil {
		out = map[string]any{}
	}
	for _, key := range slices.Sorted(maps.Keys(from)) {
		if key != "properties" && key != "fields" {
			out[key] = from[key]
			continue
		}
		fields, err := mergeFields(out[key], from[key], path)
		if err != nil {
			return nil, err
		}
		out[key] = fields
	}
	return out, nil
}

func mergeFields(into, from any, path string) (map[string]any, error) {
	out := map[string]any{}
	if existing, ok := into.(map[string]any); ok {
		maps.Copy(out, existing)
	}
	added, ok := from.(map[string]any)
	if !ok {
		return nil, &apiError{400, "mapper_parsing_exception", "Expected map for property [properties] on field [" + path + "]", ""}
	}
	for _, name := range slices.Sorted(maps.Keys(added)) {
		field, ok := added[name].(map[string]any)
		if !ok {
			return nil, &apiError{400, "mapper_parsing_exception", "Expected map for property [fields] on field [" + path + name + "]", ""}
		}
		if err := checkField(field, path+name); err != nil {
			return nil, err
		}
		old, exists := out[name].(map[string]any)
		if exists && typeOf(old) != typeOf(field) {
			return nil, illegal("mapper [%s] cannot be changed from type [%s] to [%s]", path+name, typeOf(old), typeOf(field))
		}
		merged, err := merge(old, field, path+name+".")
		if err != nil {
			return nil, err
		}
		out[name] = merged
	}
	return out, nil
}

// types are those of Elasticsearch's basic licence.
var types = []string{
	"object", "nested", "text", "match_only_text", "keyword", "constant_keyword", "wildcard", "long", "integer", "short", "byte", "double",
	"float", "half_float", "scaled_float", "unsigned_long", "date", "date_nanos", "boolean", "binary", "ip", "version", "geo_point",
	"geo_shape", "point", "shape", "integer_range", "float_range", "long_range", "double_range", "date_range", "ip_range", "flattened",
	"join", "alias", "completion", "search_as_you_type", "token_count", "percolator", "rank_feature", "rank_features", "dense_vector",
	"sparse_vector", "histogram", "aggregate_metric_double", "annotated-text", "murmur3", "semantic_text", "passthrough",
}

func checkField(field map[string]any, path string) error {
	if kind := typeOf(field); !slices.Contains(types, kind) {
		return &apiError{400, "mapper_parsing_exception", "Failed to parse mapping: No handler for type [" + kind + "] declared on field [" + path + "]", ""}
	}
	return nil
}

// typeOf is object where a field names no type.
func typeOf(field map[string]any) string {
	if kind, ok := field["type"].(string); ok {
		return kind
	}
	return "object"
}

// deepCopy keeps what is stored apart from what is answered.
func deepCopy(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	b, err := json.Marshal(m)
	if err != nil {
		return map[string]any{}
	}
	out := map[string]any{}
	_ = json.Unmarshal(b, &out) // What JSON encoded, JSON decodes.
	return out
}
