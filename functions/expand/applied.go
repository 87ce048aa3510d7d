package expand

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/plumbline-dev/plumbline/functions/internal/compose"
)

// appliedBy begins the name under which Crossplane applies composed resources.
const appliedBy = "apiextensions.crossplane.io/composed/"

// Applied returns what Crossplane last applied of an observed resource, as the API
// server has recorded it in metadata.managedFields. To desire it again changes
// nothing, whatever claim and Blueprint say by now. It is false where nothing was
// recorded.
//
// A field that somebody else has changed since is theirs and not returned: it stays
// as they left it, until there is a plan again.
func Applied(o compose.Object) (compose.Object, bool) {
	metadata, _ := o["metadata"].(map[string]any)
	records, _ := metadata["managedFields"].([]any)
	var last map[string]any
	for _, r := range records {
		record := mapOf(r)
		manager, _ := record["manager"].(string)
		if !strings.HasPrefix(manager, appliedBy) || record["operation"] != "Apply" || len(mapOf(record["fieldsV1"])) == 0 {
			continue
		}
		if last == nil || textOf(record["time"]) > textOf(last["time"]) {
			last = record // A claim that handed the object over has left one behind.
		}
	}
	if last == nil {
		return nil, false
	}
	out := ownedOf(map[string]any(o), mapOf(last["fieldsV1"])).(map[string]any) //nolint:forcetypeassert // What is owned of an object is one.
	return identified(out, o), true
}

// identified adds what no field manager owns, and leaves out what Crossplane writes
// itself.
func identified(out map[string]any, o compose.Object) compose.Object {
	out["apiVersion"], out["kind"] = o["apiVersion"], o["kind"]
	from, _ := o["metadata"].(map[string]any)
	metadata, _ := out["metadata"].(map[string]any)
	if metadata == nil {
		metadata = map[string]any{}
	}
	delete(metadata, "ownerReferences")
	for _, key := range []string{"name", "namespace"} {
		if v, ok := from[key]; ok {
			metadata[key] = v
		}
	}
	out["metadata"] = metadata
	return out
}

// ownedOf returns the part of a value that fields name, in the form of FieldsV1: f: is
// a field of an object, k: an item of a list by its keys, v: one by its value; no
// fields at all is the whole value.
func ownedOf(value any, fields map[string]any) any {
	if len(fields) == 0 {
		return value
	}
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, sub := range fields {
			name, isField := strings.CutPrefix(key, "f:")
			if child, there := v[name]; isField && there {
				out[name] = ownedOf(child, mapOf(sub))
			}
		}
		return out
	case []any:
		out := []any{}
		for _, item := range v {
			if sub, ok := fieldsOf(item, fields); ok {
				out = append(out, ownedOf(item, sub))
			}
		}
		return out
	default:
		return value
	}
}

// fieldsOf returns what fields say about an item of a list, if anything.
func fieldsOf(item any, fields map[string]any) (map[string]any, bool) {
	for key, sub := range fields {
		var want any
		selector, encoded, _ := strings.Cut(key, ":")
		if json.Unmarshal([]byte(encoded), &want) != nil {
			continue
		}
		if (selector == "v" && reflect.DeepEqual(item, want)) || (selector == "k" && hasKeys(item, want)) {
			return mapOf(sub), true
		}
	}
	return nil, false
}

// hasKeys says whether an item has all the keys of a selector.
func hasKeys(item, keys any) bool {
	for key, want := range mapOf(keys) {
		if !reflect.DeepEqual(mapOf(item)[key], want) {
			return false
		}
	}
	return true
}

func mapOf(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}
