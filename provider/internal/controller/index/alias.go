package index

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/overlay"
)

// Aliases to put, and names of those to remove. An alias that a resource names is all
// its own; it removes one that it named once and does not any more, and leaves alone
// all others.
type aliasDrift struct {
	put    map[string]map[string]any
	remove []string

	differences []custody.Difference
}

// differ notes that an alias differs and reports whether it is ours to change.
func (d *aliasDrift) differ(name, found, desired string, ignores func(string) bool) bool {
	field := "aliases." + name
	if ignores(field) {
		return false
	}
	d.differences = append(d.differences, custody.Difference{Field: field, Found: found, Desired: desired})
	return true
}

func (d *aliasDrift) none() bool { return len(d.put) == 0 && len(d.remove) == 0 }

func (d *aliasDrift) String() string {
	if d.none() {
		return ""
	}
	return fmt.Sprintf(" aliases to put %v, to remove %v", slices.Sorted(maps.Keys(d.put)), d.remove)
}

// compareAliases compares those that there are with those that are desired, and named
// once.
func compareAliases(got map[string]map[string]any, p map[string]v1alpha1.Alias, named []string, ignores func(string) bool) (aliasDrift, error) {
	d := aliasDrift{put: map[string]map[string]any{}}
	for _, name := range slices.Sorted(maps.Keys(p)) {
		want, err := desireAlias(p[name])
		if err != nil {
			return aliasDrift{}, errors.Wrapf(err, "spec.forProvider.aliases[%s]", name)
		}
		has, exists := got[name]
		if exists && overlay.Same(has, want) && overlay.Same(want, has) {
			continue
		}
		if d.differ(name, text(has), text(want), ignores) {
			d.put[name] = want
		}
	}
	for _, name := range named {
		_, wanted := p[name]
		if has, exists := got[name]; exists && !wanted && d.differ(name, text(has), "", ignores) {
			d.remove = append(d.remove, name)
		}
	}
	return d, nil
}

// text returns an alias for people to read; nothing for none.
func text(alias map[string]any) string {
	if alias == nil {
		return ""
	}
	b, err := json.Marshal(alias)
	if err != nil { // What JSON decoded, JSON encodes.
		return ""
	}
	return string(b)
}

// desireAlias returns an alias as Elasticsearch shows it.
func desireAlias(a v1alpha1.Alias) (map[string]any, error) {
	out := map[string]any{}
	if a.IsWriteIndex != nil {
		out["is_write_index"] = *a.IsWriteIndex
	}
	if a.Filter != nil {
		var filter map[string]any
		if err := json.Unmarshal(a.Filter.Raw, &filter); err != nil || filter == nil {
			return nil, errors.New("filter is not a JSON object")
		}
		out["filter"] = filter
	}
	return out, nil
}

// namedAliases are the aliases that a resource names, and those of its index that it
// named once. A name is kept before its alias is made, so that one which is taken back
// at once is not forgotten.
func namedAliases(got map[string]map[string]any, p map[string]v1alpha1.Alias, named []string) []string {
	out := slices.Collect(maps.Keys(p))
	for _, name := range named {
		_, wanted := p[name]
		if _, exists := got[name]; exists && !wanted {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
