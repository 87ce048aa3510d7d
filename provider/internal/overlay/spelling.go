package overlay

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// typeOf returns the type of a field, which Elasticsearch leaves out of objects.
func typeOf(field map[string]any) string {
	if t, ok := field["type"].(string); ok {
		return t
	}
	return "object"
}

// Same reports whether Elasticsearch says what the user said, in the forms that
// it brings values into: booleans and numbers as strings, one value for a list
// of one, nothing for a list of none, and defaults added to objects.
func Same(got, want any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for k := range w {
			ok = ok && Same(g[k], w[k])
		}
		return ok
	case []any:
		g, ok := got.([]any)
		if !ok {
			return len(w) == 0 && got == nil || len(w) == 1 && Same(got, w[0])
		}
		return slices.EqualFunc(g, w, Same)
	case nil: // null in YAML says nothing, as leaving it out does.
		return true
	}
	if g, ok := got.([]any); ok {
		return len(g) == 1 && Same(g[0], want)
	}
	return got != nil && scalar(got) == scalar(want)
}

func scalar(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// text returns a value for people to read.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil { // What JSON decoded, JSON encodes.
		return fmt.Sprint(v)
	}
	return string(b)
}

// object returns v as an object; an empty one if it is none.
func object(v any) map[string]any {
	if m, ok := v.(map[string]any); ok && m != nil {
		return m
	}
	return map[string]any{}
}
