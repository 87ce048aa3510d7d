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

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// A desired index: the user's opinions and the mark, no more.
type desired struct {
	settings map[string]string
	mappings map[string]any
	fields   map[string]string // Of the resource, for settings that have one of their own.
}

// desire returns what is desired of an index.
func desire(p v1alpha1.IndexParameters, mark owner.Mark) (desired, error) {
	d := desired{settings: map[string]string{}, mappings: map[string]any{}, fields: map[string]string{}}
	for k, v := range p.Settings {
		d.settings[strings.TrimPrefix(k, "index.")] = v
	}
	if p.NumberOfShards != nil {
		d.settings["number_of_shards"], d.fields["number_of_shards"] = strconv.Itoa(int(*p.NumberOfShards)), "numberOfShards"
	}
	if p.NumberOfReplicas != nil {
		d.settings["number_of_replicas"], d.fields["number_of_replicas"] = strconv.Itoa(int(*p.NumberOfReplicas)), "numberOfReplicas"
	}
	if p.Mappings != nil && len(p.Mappings.Raw) > 0 {
		if err := json.Unmarshal(p.Mappings.Raw, &d.mappings); err != nil || d.mappings == nil {
			return desired{}, errors.New("spec.forProvider.mappings is not a JSON object")
		}
	}
	meta := maps.Clone(object(d.mappings["_meta"]))
	meta[owner.Key] = mark.String()
	d.mappings["_meta"] = meta
	return d, nil
}

// field returns the path of a setting below spec.forProvider.
func (d desired) field(setting string) string {
	if f, ok := d.fields[setting]; ok {
		return f
	}
	return "settings." + setting
}

// A drift is what separates an index from what is desired of it.
type drift struct {
	settings map[string]string // To put.
	mapping  map[string]any    // To merge.
	fixed    []string          // What Elasticsearch never changes, in words.

	marked      bool // The index carries its mark.
	differences []custody.Difference
	ignores     func(field string) bool
}

// none reports whether the index is as desired.
func (d *drift) none() bool { return d.marked && len(d.differences) == 0 }

// String tells the drift to people who debug; it is empty if there is none.
func (d *drift) String() string {
	if d.none() {
		return ""
	}
	return fmt.Sprintf("settings to put %v, mapping to merge %v, fixed %v", d.settings, d.mapping, d.fixed)
}

// differ notes that a field differs and reports whether it is ours to change.
func (d *drift) differ(field string, got, want any) bool {
	if d.ignores != nil && d.ignores(field) {
		return false
	}
	d.differences = append(d.differences, custody.Difference{Field: field, Found: text(got), Desired: text(want)})
	return true
}

// compare lays what is desired over what there is. What the user left out keeps
// the value that Elasticsearch, a template or a document chose.
func compare(got elasticsearch.Index, want desired, ignores func(field string) bool) drift {
	d := drift{settings: map[string]string{}, marked: true, ignores: ignores}
	for _, k := range slices.Sorted(maps.Keys(want.settings)) {
		g, w := got.Settings[k], want.settings[k]
		switch {
		case g == w:
		case !d.differ(want.field(k), g, w):
		case isFixed(k):
			d.fixed = append(d.fixed, fmt.Sprintf("%s is %q and cannot become %q", k, g, w))
		default:
			d.settings[k] = w
		}
	}
	d.mapping = d.object("mappings", got.Mappings, want.mappings)
	return d
}

// settle drops the differences that Elasticsearch made of what it was told and
// acknowledged: it leaves out parameters that state their default, and spells
// others in its own way. Told the same again it would do the same again.
func (d *drift) settle(settled []string) {
	d.differences = slices.DeleteFunc(d.differences, func(x custody.Difference) bool {
		return slices.Contains(settled, fingerprint(x))
	})
}

// fingerprint tells differences apart.
func fingerprint(d custody.Difference) string {
	sum := sha256.Sum256([]byte(d.Field + "\x00" + d.Found + "\x00" + d.Desired))
	return hex.EncodeToString(sum[:6])
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
