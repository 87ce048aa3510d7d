package elasticsearch

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// learn returns the mapping with the fields that a document brings. See "Dynamic
// field mapping".
func (m *mapping) learn(document object, limits settings) (*mapping, error) {
	mode, _ := m.others["dynamic"].(string)
	dates := m.others["date_detection"] != false
	found, err := learnFields(m.root.properties, document, mode, dates, "")
	if err != nil || len(found) == 0 {
		return m, err
	}
	return m.merge(object{"properties": found}, limits)
}

// learnFields returns definitions of the fields of a document that there are none of.
func learnFields(known map[string]*field, document object, mode string, dates bool, path string) (object, error) {
	out := object{}
	for _, name := range slices.Sorted(maps.Keys(document)) {
		v := first(document[name])
		inner, isObject := v.(object)
		f, exists := known[name]
		switch {
		case v == nil || exists && !isObject || strings.Contains(name, "."):
			continue
		case !exists && mode == "strict":
			return nil, &fault{status: http.StatusBadRequest, kind: "strict_dynamic_mapping_exception",
				reason: fmt.Sprintf("[1:1] mapping set to strict, dynamic introduction of [%s] within [%s] is not allowed", name, within(path))}
		case !exists && (mode == "false" || mode == "runtime"):
			continue
		case !isObject:
			out[name] = guess(v, dates)
			continue
		case exists && (!f.isObject() || f.parameters["enabled"] == false):
			continue
		}
		if !exists {
			f = &field{kind: "object"}
		}
		deeper := mode
		if own, set := f.parameters["dynamic"].(string); set {
			deeper = own
		}
		fields, err := learnFields(f.properties, inner, deeper, dates, path+name+".")
		if err != nil {
			return nil, err
		}
		if len(fields) > 0 || !exists {
			out[name] = object{"type": f.kind, "properties": fields}
		}
	}
	return out, nil
}

func within(path string) string {
	if path == "" {
		return "_doc"
	}
	return strings.TrimSuffix(path, ".")
}

// first is the value that decides on the type of a list.
func first(v any) any {
	for {
		list, ok := v.([]any)
		if !ok {
			return v
		}
		if len(list) == 0 {
			return nil
		}
		v = list[0]
	}
}

// dateTexts are texts that date_detection takes for dates, by default.
var dateTexts = regexp.MustCompile(`^\d{4}([-/]\d{2}[-/]\d{2})([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$`)

// guess returns the definition of a field by its first value.
func guess(v any, dates bool) object {
	switch v := v.(type) {
	case bool:
		return object{"type": "boolean"}
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return object{"type": "float"}
		}
		return object{"type": "long"}
	case string:
		if dates && dateTexts.MatchString(v) {
			return object{"type": "date"}
		}
	}
	return object{"type": "text", "fields": object{"keyword": object{"type": "keyword", "ignore_above": json.Number("256")}}}
}
