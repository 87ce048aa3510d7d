package elasticsearch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// mergeFields returns the fields of both, as Elasticsearch merges them.
func mergeFields(old, added map[string]*field, path string) (map[string]*field, error) {
	out := maps.Clone(old)
	if out == nil {
		out = map[string]*field{}
	}
	for _, name := range slices.Sorted(maps.Keys(added)) {
		merged, err := mergeField(out[name], added[name], path+name)
		if err != nil {
			return nil, err
		}
		out[name] = merged
	}
	return out, nil
}

// mergeField returns a field with another definition merged in: no field changes
// its type, and of its parameters only some change.
func mergeField(old, added *field, path string) (*field, error) {
	switch {
	case old == nil:
		return added, nil
	case old.isObject() != added.isObject():
		return nil, illegal("can't merge a non object mapping [%s] with an object mapping", path)
	case old.isObject() && old.kind != added.kind:
		return nil, illegal("can't merge a nested mapping [%s] with a non-nested mapping", path)
	case old.isObject():
		return mergeObject(old, added, path)
	case old.kind != added.kind:
		return nil, illegal("mapper [%s] cannot be changed from type [%s] to [%s]", path, old.kind, added.kind)
	}
	if err := checkUpdates(old, added, path); err != nil {
		return nil, err
	}
	out := &field{kind: old.kind, parameters: added.parameters}
	var err error
	out.fields, err = mergeFields(old.fields, added.fields, path+".")
	return out, err
}

func mergeObject(old, added *field, path string) (*field, error) {
	out := &field{kind: old.kind, parameters: maps.Clone(old.parameters)}
	for name, v := range added.parameters {
		if name != "dynamic" && !same(old.parameters[name], v) {
			return nil, &fault{status: http.StatusInternalServerError, kind: "mapper_exception",
				reason: fmt.Sprintf("the [%s] parameter can't be updated for the object mapping [%s]", name, path)}
		}
		out.parameters[name] = v
	}
	var err error
	out.properties, err = mergeFields(old.properties, added.properties, path+".")
	return out, err
}

// checkUpdates refuses parameters that cannot change. One that is left out goes
// back to its default, which is a change as well.
func checkUpdates(old, added *field, path string) error {
	var conflicts []string
	for _, p := range fieldTypes[old.kind].parameters {
		was, becomes := old.parameters[p.name], added.parameters[p.name]
		if was == nil {
			was = p.fallback
		}
		if becomes == nil {
			becomes = p.fallback
		}
		// Norms can be given up, and not had back.
		if same(was, becomes) || p.update && (p.name != norms.name || becomes == false) {
			continue
		}
		conflicts = append(conflicts, fmt.Sprintf("Cannot update parameter [%s] from [%s] to [%s]", p.name, java(was), java(becomes)))
	}
	if len(conflicts) == 0 {
		return nil
	}
	return illegal("Mapper for [%s] conflicts with existing mapper:\n\t%s", path, strings.Join(conflicts, "\n\t"))
}

// java is how Java prints a value.
func java(v any) string {
	if v == nil {
		return "null"
	}
	return fmt.Sprint(v)
}

// same compares values as JSON.
func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
