package elasticsearch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// metaFields are the parts of a mapping's root that are fields of Elasticsearch's own,
// with their parameters. See "Metadata fields".
var metaFields = map[string][]parameter{
	"_source": {
		{"enabled", flag, true, false}, {"mode", text, nil, false},
		{"includes", texts, []any{}, false}, {"excludes", texts, []any{}, false},
	},
	"_routing": {{"required", flag, false, false}},
}

// metaField brings a field of Elasticsearch's own into the form that it shows: nothing,
// if all its parameters have their defaults. A flag that was given is shown beside others
// that have not.
func metaField(name string, v any) (object, error) {
	given, ok := v.(object)
	if !ok {
		return nil, parsing("[%s] config must be an object", name)
	}
	out, defaults := object{}, true
	for _, k := range slices.Sorted(maps.Keys(given)) {
		i := slices.IndexFunc(metaFields[name], func(p parameter) bool { return p.name == k })
		if i < 0 {
			return nil, parsing("unknown parameter [%s] on metadata field [%s]", k, name)
		}
		p := metaFields[name][i]
		value, fits := p.value(given[k])
		if _, single := given[k].(string); !fits || single && p.takes == texts {
			return nil, parsing("Failed to parse value [%v] of parameter [%s] on metadata field [%s]", given[k], k, name)
		}
		isDefault := same(value, p.fallback)
		defaults = defaults && isDefault
		if !isDefault || p.takes == flag {
			out[k] = value
		}
	}
	if defaults {
		return nil, nil //nolint:nilnil // Nothing is shown of it.
	}
	return out, nil
}

// mergeMetaField refuses what such a field does not change. A parameter that is left out
// goes back to its default, which is a change.
func mergeMetaField(name string, was, becomes any) error {
	old, _ := was.(object)
	added, _ := becomes.(object)
	var conflicts []string
	for _, p := range metaFields[name] {
		from, to := p.of(old), p.of(added)
		// A source can be given up, and not had back.
		if same(from, to) || p.name == "enabled" && to == false {
			continue
		}
		conflicts = append(conflicts, fmt.Sprintf("Cannot update parameter [%s] from [%s] to [%s]", p.name, java(from), java(to)))
	}
	if len(conflicts) == 0 {
		return nil
	}
	return illegal("Mapper for [%s] conflicts with existing mapper:\n\t%s", name, strings.Join(conflicts, "\n\t"))
}

// of returns the value of a parameter, which is its default where none is given.
func (p parameter) of(given object) any {
	if v := given[p.name]; v != nil {
		return v
	}
	return p.fallback
}

// keepsSource reports whether documents can be read again.
func (m *mapping) keepsSource() bool {
	source, _ := m.others["_source"].(object)
	return source["enabled"] != false && source["mode"] != "disabled"
}
