package index

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

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// A desired index: the user's opinions and the owner marker, no more.
type desired struct {
	settings map[string]string
	mappings map[string]any
}

// desire returns what is desired of an index.
func desire(p v1alpha1.IndexParameters, marker owner.Marker) (desired, error) {
	d := desired{settings: map[string]string{}, mappings: map[string]any{}}
	for k, v := range p.Settings {
		d.settings[strings.TrimPrefix(k, "index.")] = v
	}
	if p.NumberOfShards != nil {
		d.settings["number_of_shards"] = strconv.Itoa(int(*p.NumberOfShards))
	}
	if p.NumberOfReplicas != nil {
		d.settings["number_of_replicas"] = strconv.Itoa(int(*p.NumberOfReplicas))
	}
	if p.Mappings != nil && len(p.Mappings.Raw) > 0 {
		if err := json.Unmarshal(p.Mappings.Raw, &d.mappings); err != nil || d.mappings == nil {
			return desired{}, errors.New("spec.forProvider.mappings is not a JSON object")
		}
	}
	meta := maps.Clone(object(d.mappings["_meta"]))
	meta[owner.Key] = string(marker)
	d.mappings["_meta"] = meta
	return d, nil
}

// A drift is what separates an index from what is desired of it.
type drift struct {
	settings map[string]string // To put.
	mapping  map[string]any    // To merge.
	fixed    []string          // What Elasticsearch never changes, in words.
}

// none reports whether the index is as desired.
func (d *drift) none() bool { return len(d.settings) == 0 && len(d.mapping) == 0 && len(d.fixed) == 0 }

// String tells the drift to people who debug; it is empty if there is none.
func (d *drift) String() string {
	if d.none() {
		return ""
	}
	return fmt.Sprintf("settings to put %v, mapping to merge %v, fixed %v", d.settings, d.mapping, d.fixed)
}

// compare lays what is desired over what there is. What the user left out keeps
// the value that Elasticsearch, a template or a document chose.
func compare(got elasticsearch.Index, want desired) drift {
	d := drift{settings: map[string]string{}}
	for _, k := range slices.Sorted(maps.Keys(want.settings)) {
		g, w := got.Settings[k], want.settings[k]
		switch {
		case g == w:
		case isFixed(k):
			d.fixed = append(d.fixed, fmt.Sprintf("%s is %q and cannot become %q", k, g, w))
		default:
			d.settings[k] = w
		}
	}
	d.mapping = d.object("", got.Mappings, want.mappings)
	return d
}

// fingerprint tells apart what is desired of an index and what there is of it, as
// far as the one has to do with the other.
func fingerprint(got elasticsearch.Index, want desired) string {
	settings := map[string]string{}
	for k := range want.settings {
		settings[k] = got.Settings[k]
	}
	b, err := json.Marshal([]any{want.settings, want.mappings, settings, got.Mappings})
	if err != nil { // What JSON decoded, JSON encodes.
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// isFixed reports whether Elasticsearch fixes a setting when it creates the
// index, or changes it on a closed index only.
func isFixed(setting string) bool {
	switch setting {
	case "number_of_shards", "number_of_routing_shards", "routing_partition_size", "routing_path", "codec", "mode",
		"soft_deletes.enabled", "load_fixed_bitset_filters_eagerly", "shard.check_on_startup", "store.type", "store.preload":
		return true
	}
	for _, group := range []string{"sort.", "analysis.", "similarity.", "time_series."} {
		if strings.HasPrefix(setting, group) {
			return true
		}
	}
	return false
}

// object returns what to merge into a mapping, or into a field of type object.
func (d *drift) object(path string, got, want map[string]any) map[string]any {
	send := map[string]any{}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		switch k {
		case "properties":
			if fields := d.fields(path, object(got[k]), object(want[k])); len(fields) > 0 {
				send[k] = fields
			}
		case "_meta": // Replaced as a whole, so what others put there goes along.
			if !same(got[k], want[k]) {
				meta := maps.Clone(object(got[k]))
				maps.Copy(meta, object(want[k]))
				send[k] = meta
			}
		default:
			if !same(got[k], want[k]) {
				send[k] = want[k]
			}
		}
	}
	return send
}

// fields returns what to merge into properties or multi-fields.
func (d *drift) fields(path string, got, want map[string]any) map[string]any {
	send := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		w := object(want[name])
		g, exists := got[name]
		if !exists {
			send[name] = w
			continue
		}
		if f := d.field(path+name, object(g), w); len(f) > 0 {
			send[name] = f
		}
	}
	return send
}

// field returns what to merge into a field that exists. Elasticsearch wants the
// whole definition again if any of it changes.
func (d *drift) field(path string, got, want map[string]any) map[string]any {
	if g, w := typeOf(got), typeOf(want); g != w {
		d.fixed = append(d.fixed, fmt.Sprintf("field %q has type %q and cannot have type %q", path, g, w))
		return nil
	}
	changed := map[string]any{}
	for k, w := range want {
		switch k {
		case "type":
		case "properties", "fields":
			if sub := d.fields(path+".", object(got[k]), object(w)); len(sub) > 0 {
				changed[k] = sub
			}
		default:
			if !same(got[k], w) {
				changed[k] = w
			}
		}
	}
	if len(changed) == 0 {
		return nil
	}
	send := maps.Clone(got)
	delete(send, "properties")
	delete(send, "fields")
	maps.Copy(send, changed)
	return send
}

// typeOf returns the type of a field, which Elasticsearch leaves out of objects.
func typeOf(field map[string]any) string {
	if t, ok := field["type"].(string); ok {
		return t
	}
	return "object"
}

// same reports whether Elasticsearch says what the user said, in the forms that
// it brings values into: booleans and numbers as strings, one value for a list
// of one, and defaults added to objects.
func same(got, want any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for k := range w {
			ok = ok && same(g[k], w[k])
		}
		return ok
	case []any:
		g, ok := got.([]any)
		if !ok {
			return len(w) == 1 && same(got, w[0])
		}
		return slices.EqualFunc(g, w, same)
	case nil: // null in YAML says nothing, as leaving it out does.
		return true
	}
	if g, ok := got.([]any); ok {
		return len(g) == 1 && same(g[0], want)
	}
	return got != nil && scalar(got) == scalar(want)
}

func scalar(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// object returns v as an object; an empty one if it is none.
func object(v any) map[string]any {
	if m, ok := v.(map[string]any); ok && m != nil {
		return m
	}
	return map[string]any{}
}
