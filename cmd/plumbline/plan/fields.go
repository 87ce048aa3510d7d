package plan

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/plumbline-dev/plumbline/functions/expand"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

// known is said of a value that a backend chooses.
const known = "(known after apply)"

// machinery are labels and annotations that Crossplane adds to what is desired.
var machinery = []string{
	"metadata.labels[crossplane.io/composite]", "metadata.labels[crossplane.io/claim-name]",
	"metadata.labels[crossplane.io/claim-namespace]", "metadata.annotations[" + annotationPart + "]",
	"metadata.generateName",
}

// quantities are fields whose values can be written in more than one way.
var quantities = regexp.MustCompile(`\.(hard|limits|requests|min|max|default|defaultRequest|capacity)\b`)

// changed returns the fields that differ between what Crossplane last applied of an
// object and what it would apply now. A field that nobody applied is compared with what
// it is: others may have set it, and then it would be taken from them.
func changed(object, desired map[string]any) []Field {
	applied, _ := expand.Applied(object)
	fields := compare("", map[string]any(applied), desired, object)
	return slices.DeleteFunc(fields, func(f Field) bool { return slices.Contains(machinery, f.Path) })
}

func compare(path string, from, to, is any) []Field {
	if from == nil {
		from = is
	}
	before, wasObject := from.(map[string]any)
	after, willBeObject := to.(map[string]any)
	if (wasObject || from == nil) && (willBeObject || to == nil) && (wasObject || willBeObject) {
		return compareObjects(path, before, after, is, from == nil || to == nil)
	}
	old, wasList := from.([]any)
	items, willBeList := to.([]any)
	if wasList && willBeList && len(old) == len(items) && allObjects(old) && allObjects(items) {
		var fields []Field
		for i := range items {
			fields = append(fields, compare(path+"["+strconv.Itoa(i)+"]", old[i], items[i], old[i])...)
		}
		return fields
	}
	if same(path, from, to) {
		return nil
	}
	return []Field{{Path: path, From: from, To: told(to)}}
}

// compareObjects looks at the keys of both. An empty object that appears or vanishes is
// a field of its own: an empty selector selects all.
func compareObjects(path string, from, to map[string]any, is any, onlyOne bool) []Field {
	if len(from)+len(to) == 0 && onlyOne && path != "" {
		return []Field{{Path: path, From: from, To: to}}
	}
	found, _ := is.(map[string]any)
	keys := map[string]bool{}
	for key := range from {
		keys[key] = true
	}
	for key := range to {
		keys[key] = true
	}
	var fields []Field
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if _, wanted := to[key]; !wanted {
			fields = append(fields, compare(below(path, key), from[key], nil, nil)...)
			continue
		}
		fields = append(fields, compare(below(path, key), from[key], to[key], found[key])...)
	}
	return fields
}

func allObjects(list []any) bool {
	return !slices.ContainsFunc(list, func(v any) bool { _, object := v.(map[string]any); return !object })
}

// same compares values as JSON, in which a number has no type.
func same(path string, a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	if errX == nil && errY == nil && string(x) == string(y) {
		return true
	}
	s, isText := a.(string)
	t, toText := b.(string)
	if !isText || !toText || !quantities.MatchString(path) {
		return false
	}
	p, errP := resource.ParseQuantity(s)
	q, errQ := resource.ParseQuantity(t)
	return errP == nil && errQ == nil && p.Cmp(q) == 0
}

// told returns a value, but for one that stands for what a backend will choose.
func told(v any) any {
	if s, ok := v.(string); ok && strings.Contains(s, rehearsal.UnknownGroupID) {
		return known
	}
	return v
}

// below extends a path. A key that is no plain name stands in brackets.
func below(path, key string) string {
	switch {
	case strings.ContainsAny(key, "./"):
		return path + "[" + key + "]"
	case path == "":
		return key
	default:
		return path + "." + key
	}
}
