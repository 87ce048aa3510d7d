// Package overlay lays what a user wants of an index over what Elasticsearch says of
// it. What the user left out keeps the value that Elasticsearch, a template or a
// document chose, and is never drift.
//
// All kinds that have settings and a mapping compare them here: an index compares
// itself, a data stream the index that is written to.
package overlay

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// Parameters are a user's opinions on an index.
type Parameters struct {
	Shards   *int32
	Replicas *int32
	Settings map[string]string // With or without "index." in front.
	Mappings *apiextensionsv1.JSON
}

// Desired is what is desired of an index: the user's opinions and the owner marker,
// no more.
type Desired struct {
	Settings map[string]string // Flat, without "index.".
	Mappings map[string]any
}

// Desire returns what is desired of an index.
func Desire(p Parameters, marker owner.Marker) (Desired, error) {
	d := Desired{Settings: map[string]string{}, Mappings: map[string]any{}}
	for k, v := range p.Settings {
		d.Settings[strings.TrimPrefix(k, "index.")] = v
	}
	if p.Shards != nil {
		d.Settings["number_of_shards"] = strconv.Itoa(int(*p.Shards))
	}
	if p.Replicas != nil {
		d.Settings["number_of_replicas"] = strconv.Itoa(int(*p.Replicas))
	}
	if p.Mappings != nil && len(p.Mappings.Raw) > 0 {
		if err := json.Unmarshal(p.Mappings.Raw, &d.Mappings); err != nil || d.Mappings == nil {
			return Desired{}, errors.New("spec.forProvider.mappings is not a JSON object")
		}
	}
	meta := maps.Clone(object(d.Mappings["_meta"]))
	meta[owner.Key] = string(marker)
	d.Mappings["_meta"] = meta
	return d, nil
}

// MarkerOf returns the owner marker in the _meta of a mapping, or in another object's.
func MarkerOf(holder map[string]any) owner.Marker {
	marker, _ := object(holder["_meta"])[owner.Key].(string)
	return owner.Marker(marker)
}

// Drift is what separates an index from what is desired of it.
type Drift struct {
	Settings map[string]string // To put.
	Mapping  map[string]any    // To merge.

	// What Elasticsearch never changes, in words.
	Fixed   []string // Settings.
	Retyped []string // Fields.
}

// None reports whether the index is as desired.
func (d *Drift) None() bool {
	return len(d.Settings)+len(d.Mapping)+len(d.Fixed)+len(d.Retyped) == 0
}

// String tells the drift to people who debug; it is empty if there is none.
func (d *Drift) String() string {
	if d.None() {
		return ""
	}
	return fmt.Sprintf("settings to put %v, mapping to merge %v, fixed %v", d.Settings, d.Mapping, slices.Concat(d.Fixed, d.Retyped))
}

// Compare lays what is desired over what there is.
func Compare(got elasticsearch.Index, want Desired) Drift {
	d := Drift{Settings: map[string]string{}}
	for _, k := range slices.Sorted(maps.Keys(want.Settings)) {
		g, w := got.Settings[k], want.Settings[k]
		switch {
		case g == w:
		case isFixed(k):
			d.Fixed = append(d.Fixed, fmt.Sprintf("%s is %q and cannot become %q", k, g, w))
		default:
			d.Settings[k] = w
		}
	}
	d.Mapping = d.object("", got.Mappings, want.Mappings)
	return d
}

// Fingerprint tells apart what is desired of an index and what there is of it, as
// far as the one has to do with the other. What else matters to the caller goes along.
func Fingerprint(got elasticsearch.Index, want Desired, more ...any) string {
	settings := map[string]string{}
	for k := range want.Settings {
		settings[k] = got.Settings[k]
	}
	b, err := json.Marshal(append([]any{want.Settings, want.Mappings, settings, got.Mappings}, more...))
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
func (d *Drift) object(path string, got, want map[string]any) map[string]any {
	send := map[string]any{}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		switch k {
		case "properties":
			if fields := d.fields(path, object(got[k]), object(want[k])); len(fields) > 0 {
				send[k] = fields
			}
		case "_meta":
			if meta, differs := Meta(object(got[k]), object(want[k])); differs {
				send[k] = meta
			}
		default:
			if !Same(got[k], want[k]) {
				send[k] = want[k]
			}
		}
	}
	return send
}

// Meta returns the _meta that holds what is wanted, and whether that is another than
// there is. Elasticsearch replaces _meta as a whole and changes nothing in it, so what
// others put there goes along, and a value of ours is exactly what we want.
func Meta(got, want map[string]any) (map[string]any, bool) {
	meta, differs := maps.Clone(got), false
	for k, w := range want {
		differs = differs || !reflect.DeepEqual(got[k], w)
		meta[k] = w
	}
	return meta, differs
}

// fields returns what to merge into properties or multi-fields.
func (d *Drift) fields(path string, got, want map[string]any) map[string]any {
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
func (d *Drift) field(path string, got, want map[string]any) map[string]any {
	if g, w := typeOf(got), typeOf(want); g != w {
		d.Retyped = append(d.Retyped, fmt.Sprintf("field %q has type %q and cannot have type %q", path, g, w))
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
			if !Same(got[k], w) {
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

// Same reports whether Elasticsearch says what the user said, in the forms that
// it brings values into: booleans and numbers as strings, one value for a list
// of one, and defaults added to objects.
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
			return len(w) == 1 && Same(got, w[0])
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

// object returns v as an object; an empty one if it is none.
func object(v any) map[string]any {
	if m, ok := v.(map[string]any); ok && m != nil {
		return m
	}
	return map[string]any{}
}
