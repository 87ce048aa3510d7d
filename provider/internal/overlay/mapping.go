package overlay

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// object returns what to merge into a mapping.
func (d *Drift) object(at string, got, want map[string]any) map[string]any {
	send := map[string]any{}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		here := at + "." + k
		switch k {
		case "properties":
			if fields := d.fields(here, object(got[k]), object(want[k])); len(fields) > 0 {
				send[k] = fields
			}
		case "_meta":
			if meta := d.meta(here, object(got[k]), object(want[k])); len(meta) > 0 {
				send[k] = meta
			}
		default:
			if !Same(got[k], want[k]) && d.differ(here, got[k], want[k]) {
				send[k] = want[k]
			}
		}
	}
	return send
}

// meta returns the _meta to put. The mark is there whatever is ignored.
func (d *Drift) meta(at string, got, want map[string]any) map[string]any {
	ours := map[string]any{}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		switch {
		case reflect.DeepEqual(got[k], want[k]):
			continue
		case k == owner.Key:
			d.unmarked = true
		case !d.differ(at+"."+k, got[k], want[k]):
			continue
		}
		ours[k] = want[k]
	}
	meta, differs := Meta(got, ours)
	if !differs {
		return nil
	}
	return meta
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
func (d *Drift) fields(at string, got, want map[string]any) map[string]any {
	send := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		w, here := object(want[name]), at+"."+name
		g, exists := got[name]
		if !exists {
			if d.differ(here, nil, w) {
				send[name] = w
			}
			continue
		}
		if f := d.field(here, object(g), w); len(f) > 0 {
			send[name] = f
		}
	}
	return send
}

// field returns what to merge into a field that exists. Elasticsearch wants the
// whole definition again if any of it changes.
func (d *Drift) field(at string, got, want map[string]any) map[string]any {
	if g, w := typeOf(got), typeOf(want); g != w {
		if d.differ(at+".type", g, w) {
			d.Retyped = append(d.Retyped, fmt.Sprintf("field %q has type %q and cannot have type %q", nameOf(at), g, w))
		}
		return nil
	}
	changed := map[string]any{}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		w, here := want[k], at+"."+k
		switch k {
		case "type":
		case "properties", "fields":
			if sub := d.fields(here, object(got[k]), object(w)); len(sub) > 0 {
				changed[k] = sub
			}
		default:
			if !Same(got[k], w) && d.differ(here, got[k], w) {
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

// nameOf returns the name of a field as documents spell it.
func nameOf(at string) string {
	return strings.NewReplacer(".properties.", ".", ".fields.", ".").Replace(strings.TrimPrefix(at, "mappings.properties."))
}
