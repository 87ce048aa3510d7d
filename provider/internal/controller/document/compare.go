package document

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
)

// Metadata returns what a resource asks to be kept with its document, or says
// which field is no object.
func Metadata(field string, j *apiextensionsv1.JSON) (map[string]any, error) {
	metadata := map[string]any{}
	if j == nil || len(j.Raw) == 0 {
		return metadata, nil
	}
	if err := json.Unmarshal(j.Raw, &metadata); err != nil || metadata == nil {
		return nil, errors.Errorf("%s is not a JSON object", field)
	}
	return metadata, nil
}

// Compare returns in which fields Elasticsearch has something else than what is
// wanted, in the sense of Kind.Desire.
func Compare(got, want map[string]any) []custody.Difference { return compare("", got, want) }

// compare goes down the path that it is at. What nobody named is not compared, and
// what is wanted as null must be empty.
func compare(path string, got, want any) []custody.Difference {
	w, ok := want.(map[string]any)
	if !ok {
		if alike(got, want) {
			return nil
		}
		return []custody.Difference{difference(path, got, want)}
	}
	g, ok := got.(map[string]any)
	if !ok {
		return []custody.Difference{difference(path, got, want)}
	}
	var differ []custody.Difference
	for _, k := range slices.Sorted(maps.Keys(w)) {
		at := fieldOf(k)
		if path != "" {
			at = path + "." + at
		}
		differ = append(differ, compare(at, g[k], w[k])...)
	}
	return differ
}

// difference tells values as Elasticsearch has them; none of them is a secret.
func difference(path string, got, want any) custody.Difference {
	return custody.Difference{Field: path, Found: words(got), Desired: words(want)}
}

func words(v any) string {
	if v == nil {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil { // What JSON decoded, JSON encodes.
		return ""
	}
	return string(text)
}

// fieldOf is what a resource calls a field of Elasticsearch: runAs for run_as. Its
// leading underscore has no counterpart.
func fieldOf(key string) string {
	first, rest, _ := strings.Cut(strings.TrimPrefix(key, "_"), "_")
	for word := range strings.SplitSeq(rest, "_") {
		if word != "" {
			first += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return first
}

// alike reports whether Elasticsearch says what is wanted, in the forms that it
// brings values into: numbers as texts, one value for a list of one, and lists in
// an order of its own, which means nothing in any document.
func alike(got, want any) bool {
	switch w := want.(type) {
	case nil:
		return empty(got)
	case map[string]any:
		return len(compare("", got, w)) == 0
	case []any:
		g, ok := got.([]any)
		if !ok && got != nil {
			g = []any{got}
		}
		return sameItems(g, w)
	}
	if g, ok := got.([]any); ok {
		return len(g) == 1 && alike(g[0], want)
	}
	return got != nil && scalar(got) == scalar(want)
}

func sameItems(got, want []any) bool {
	if len(got) != len(want) {
		return false
	}
	left := slices.Clone(got)
	for _, w := range want {
		i := slices.IndexFunc(left, func(g any) bool { return alike(g, w) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return v == "" || v == false
}

func scalar(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// WithoutNulls is what is sent.
func WithoutNulls(d elasticsearch.Document) elasticsearch.Document {
	out := elasticsearch.Document{}
	for k, v := range d {
		switch v := v.(type) {
		case nil:
		case map[string]any:
			out[k] = WithoutNulls(v)
		case []any:
			items := make([]any, len(v))
			for i, item := range v {
				if o, ok := item.(map[string]any); ok {
					item = WithoutNulls(o)
				}
				items[i] = item
			}
			out[k] = items
		default:
			out[k] = v
		}
	}
	return out
}

// Fingerprint tells apart what is wanted and what there is of it. It leaves out of
// a document what nobody asked for, such as when it was last changed.
func Fingerprint(got, want elasticsearch.Document) string {
	part := elasticsearch.Document{}
	for k := range want {
		part[k] = got[k]
	}
	b, err := json.Marshal([]any{want, part})
	if err != nil { // What JSON decoded, JSON encodes.
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
