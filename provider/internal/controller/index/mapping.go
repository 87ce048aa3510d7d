package index

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// object returns what to merge into a mapping.
func (d *drift) object(at string, got, want map[string]any) map[string]any {
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
			if !same(got[k], want[k]) && d.differ(here, got[k], want[k]) {
				send[k] = want[k]
			}
		}
	}
	return send
}

// meta returns the _meta to put. It is replaced as a whole, so what others put
// there goes along. The mark is there whatever is ignored.
func (d *drift) meta(at string, got, want map[string]any) map[string]any {
	meta, changed := maps.Clone(got), false
	for _, k := range slices.Sorted(maps.Keys(want)) {
		switch {
		case same(got[k], want[k]):
			continue
		case k == owner.Key:
			d.marked = false
		case !d.differ(at+"."+k, got[k], want[k]):
			continue
		}
		meta[k], changed = want[k], true
	}
	if !changed {
		return nil
	}
	return meta
}

// fields returns what to merge into properties or multi-fields.
func (d *drift) fields(at string, got, want map[string]any) map[string]any {
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
func (d *drift) field(at string, got, want map[string]any) map[string]any {
	if g, w := typeOf(got), typeOf(want); g != w {
		if d.differ(at+".type", g, w) {
			d.fixed = append(d.fixed, fmt.Sprintf("field %q has type %q and cannot have type %q", nameOf(at), g, w))
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
			if !same(got[k], w) && d.differ(here, got[k], w) {
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
