package elasticsearch

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// settings of an index by their full flat name: texts and lists of texts, as
// Elasticsearch keeps them. In a change, nil resets one.
type settings map[string]any

func (s settings) text(name string) string {
	v, _ := s[name].(string)
	return v
}

func (s settings) number(name string) int {
	n, err := strconv.Atoi(s.text(name))
	if err != nil {
		if known, found := lookUp(name); found && s[name] == nil {
			n, _ = strconv.Atoi(known.fallback)
		}
	}
	return n
}

// flatten returns settings by their full flat name. Clients may nest them, and
// leave out the "index." in front.
func flatten(in object) (settings, error) {
	out := settings{}
	if err := flattenInto(out, "", in); err != nil {
		return nil, err
	}
	return out, nil
}

func flattenInto(out settings, prefix string, in object) error {
	for _, k := range slices.Sorted(maps.Keys(in)) {
		name := prefix + k
		if nested, ok := in[k].(object); ok {
			if err := flattenInto(out, name+".", nested); err != nil {
				return err
			}
			continue
		}
		if !strings.HasPrefix(name, "index.") {
			name = "index." + name
		}
		v, err := settingValue(name, in[k])
		if err != nil {
			return err
		}
		out[name] = v
	}
	return nil
}

// settingValue returns what Elasticsearch makes of a value: a text, or a list of texts.
func settingValue(name string, v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil //nolint:nilnil // A setting without a value is reset.
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case json.Number:
		return v.String(), nil
	case []any:
		out := make([]any, len(v))
		for n := range v {
			var err error
			if out[n], err = settingValue(name, v[n]); err != nil || out[n] == nil {
				return nil, illegal("array element in setting [%s] must be a value", name)
			}
		}
		return out, nil
	}
	return nil, illegal("unexpected value for setting [%s]", name)
}

// check refuses settings that no index has, those that are Elasticsearch's own,
// and wrong values.
func (s settings) check(creating bool) error {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		known, found := lookUp(name)
		switch {
		case !found && strings.Contains(name, "*") && !creating && s[name] == nil: // Resets all that fit.
		case !found:
			return illegal("unknown setting [%s] please check that any required plugins are installed, "+
				"or check the breaking changes documentation for removed settings", name)
		case known.scope == private && creating:
			return &fault{status: 400, kind: "validation_exception",
				reason: fmt.Sprintf("Validation Failed: 1: private index setting [%s] can not be set explicitly;", name)}
		case known.scope == private:
			return illegal("can not update private setting [%s]; this setting is managed by Elasticsearch", name)
		case s[name] != nil:
			if err := known.checkValue(name, s[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (k setting) checkValue(name string, v any) error {
	text, single := v.(string)
	if !single {
		return nil
	}
	wrong := k.check(text)
	if wrong == "" {
		return nil
	}
	return illegal("Failed to parse value [%s]%s", text, strings.ReplaceAll(wrong, "%s", name))
}

// checkChange refuses what an index cannot change, now or ever.
func (i *index) checkChange(changes settings) error {
	var fixed []string
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		known, found := lookUp(name)
		switch {
		case !found || known.scope == dynamic:
		case !i.closed:
			fixed = append(fixed, name)
		case known.scope == final:
			return illegal("final %s setting [%s], not updateable", i.name, name)
		}
	}
	if len(fixed) == 0 {
		return nil
	}
	return illegal("Can't update non dynamic settings [[%s]] for open indices [%s]", strings.Join(fixed, ", "), i)
}

// changed returns the settings of an index on so many nodes with changes made.
func (s settings) changed(changes settings, preserve bool, nodes int) settings {
	out := maps.Clone(s)
	for name, v := range changes {
		switch {
		case v == nil:
			maps.DeleteFunc(out, func(k string, _ any) bool {
				known, found := lookUp(k)
				return k == name || strings.Contains(name, "*") && fits(name, k) && found && known.scope == dynamic
			})
		case preserve && out[name] != nil:
		default:
			out[name] = v
		}
	}
	// An index always says how many replicas it has.
	if out["index.number_of_replicas"] == nil {
		out["index.number_of_replicas"] = "1"
	}
	out.expandReplicas(nodes)
	return out
}

// expandReplicas does what index.auto_expand_replicas says: as many replicas as the
// nodes have room for, within bounds.
func (s settings) expandReplicas(nodes int) {
	low, high, is := strings.Cut(s.text("index.auto_expand_replicas"), "-")
	if !is {
		return
	}
	least, _ := strconv.Atoi(low) // It was checked; see setting.go.
	most, err := strconv.Atoi(high)
	if err != nil { // all
		most = nodes - 1
	}
	s["index.number_of_replicas"] = strconv.Itoa(max(least, min(most, nodes-1)))
}

// shown returns the settings that fit a pattern as a request wants them: flat, or
// nested; with defaults, or without.
func (s settings) shown(r *request, pattern string) (object, error) {
	flat, err := r.flag("flat_settings", false)
	if err != nil {
		return nil, err
	}
	all, err := r.flag("include_defaults", false)
	if err != nil {
		return nil, err
	}
	out := object{"settings": s.chosen(pattern).form(flat)}
	if all {
		defaults := settings{}
		for _, k := range known {
			if _, set := s[k.name]; !set && k.fallback != "" {
				defaults[k.name] = k.fallback
			}
		}
		out["defaults"] = defaults.chosen(pattern).form(flat)
	}
	return out, nil
}

func (s settings) chosen(pattern string) settings {
	out := maps.Clone(s)
	if pattern == "" || pattern == "_all" {
		return out
	}
	maps.DeleteFunc(out, func(name string, _ any) bool {
		return !slices.ContainsFunc(strings.Split(pattern, ","), func(p string) bool { return fits(p, name) })
	})
	return out
}

func (s settings) form(flat bool) object {
	if flat {
		return object(s)
	}
	out := object{}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		at, parts := out, strings.Split(name, ".")
		for n, part := range parts[:len(parts)-1] {
			next, ok := at[part].(object)
			if at[part] != nil && !ok { // A setting whose name another's begins with keeps the rest of the name flat.
				parts = append(parts[:n], strings.Join(parts[n:], "."))
				break
			}
			if !ok {
				next = object{}
				at[part] = next
			}
			at = next
		}
		at[parts[len(parts)-1]] = s[name]
	}
	return out
}
