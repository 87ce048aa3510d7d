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
	"slices"
	"strconv"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
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

// Desired is what is desired of an index: the user's opinions and the mark, no more.
type Desired struct {
	Settings map[string]string // Flat, without "index.".
	Mappings map[string]any

	fields map[string]string // Of the resource, for settings that have one of their own.
}

// Desire returns what is desired of an index.
func Desire(p Parameters, mark owner.Mark) (Desired, error) {
	d := Desired{Settings: map[string]string{}, Mappings: map[string]any{}, fields: map[string]string{}}
	for k, v := range p.Settings {
		d.Settings[strings.TrimPrefix(k, "index.")] = v
	}
	if p.Shards != nil {
		d.Settings["number_of_shards"], d.fields["number_of_shards"] = strconv.Itoa(int(*p.Shards)), "numberOfShards"
	}
	if p.Replicas != nil {
		d.Settings["number_of_replicas"], d.fields["number_of_replicas"] = strconv.Itoa(int(*p.Replicas)), "numberOfReplicas"
	}
	if p.Mappings != nil && len(p.Mappings.Raw) > 0 {
		if err := json.Unmarshal(p.Mappings.Raw, &d.Mappings); err != nil || d.Mappings == nil {
			return Desired{}, errors.New("spec.forProvider.mappings is not a JSON object")
		}
	}
	meta := maps.Clone(object(d.Mappings["_meta"]))
	meta[owner.Key] = mark.String()
	d.Mappings["_meta"] = meta
	return d, nil
}

// field returns the path of a setting below spec.forProvider.
func (d Desired) field(setting string) string {
	if f, ok := d.fields[setting]; ok {
		return f
	}
	return "settings." + setting
}

// MarkOf returns the mark in the _meta of a mapping, or in another object's.
func MarkOf(holder map[string]any) owner.Mark {
	mark, _ := object(holder["_meta"])[owner.Key].(string)
	return owner.Parse(mark)
}

// Unmarked returns the _meta of a mapping without a mark.
func Unmarked(holder map[string]any) map[string]any {
	meta := maps.Clone(object(holder["_meta"]))
	delete(meta, owner.Key)
	return meta
}

// Drift is what separates an index from what is desired of it.
type Drift struct {
	Settings map[string]string // To put.
	Mapping  map[string]any    // To merge.

	// What Elasticsearch never changes, in words.
	Fixed   []string // Settings.
	Retyped []string // Fields.

	// Differences are the fields of the resource in which the index is not as desired.
	Differences []custody.Difference

	unmarked bool // The index has another mark.
	ignores  func(field string) bool
}

// None reports whether the index is as desired.
func (d *Drift) None() bool { return !d.unmarked && len(d.Differences) == 0 }

// String tells the drift to people who debug; it is empty if there is none.
func (d *Drift) String() string {
	if d.None() {
		return ""
	}
	return fmt.Sprintf("settings to put %v, mapping to merge %v, fixed %v", d.Settings, d.Mapping, slices.Concat(d.Fixed, d.Retyped))
}

// differ notes that a field differs and reports whether it is ours to change.
func (d *Drift) differ(field string, got, want any) bool {
	if d.ignores(field) {
		return false
	}
	d.Differences = append(d.Differences, custody.Difference{Field: field, Found: text(got), Desired: text(want)})
	return true
}

// Compare lays what is desired over what there is, but for fields that the resource
// leaves to others.
func Compare(got elasticsearch.Index, want Desired, ignores func(field string) bool) Drift {
	d := Drift{Settings: map[string]string{}, ignores: ignores}
	for _, k := range slices.Sorted(maps.Keys(want.Settings)) {
		g, w := got.Settings[k], want.Settings[k]
		switch {
		case g == w:
		case !d.differ(want.field(k), g, w):
		case isFixed(k):
			d.Fixed = append(d.Fixed, fmt.Sprintf("%s is %q and cannot become %q", k, g, w))
		default:
			d.Settings[k] = w
		}
	}
	d.Mapping = d.object("mappings", got.Mappings, want.Mappings)
	return d
}

// Settle drops the differences that Elasticsearch made of what it was told and
// acknowledged, by their fingerprints: it leaves out parameters that state their
// default, and spells others in its own way. Told the same again it would do the same
// again.
func (d *Drift) Settle(settled []string) {
	d.Differences = slices.DeleteFunc(d.Differences, func(x custody.Difference) bool {
		return slices.Contains(settled, FingerprintOf(x))
	})
}

// Fingerprints tell differences apart, for Settle.
func (d *Drift) Fingerprints() []string {
	var out []string
	for _, x := range d.Differences {
		out = append(out, FingerprintOf(x))
	}
	return out
}

// FingerprintOf tells a difference apart from all others, in its field or its values.
func FingerprintOf(d custody.Difference) string {
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
