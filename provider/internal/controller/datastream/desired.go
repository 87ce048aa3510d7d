package datastream

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/overlay"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// defaultPriority goes before the templates that Elasticsearch brings along.
const defaultPriority = 500

// A desired data stream: the user's opinions and the owner marker, no more.
type desired struct {
	index    overlay.Desired // The index that is written to.
	template elasticsearch.Template
	policy   bool // An ILM policy is in charge, so that a lifecycle of its own is too much.
}

// desire returns what is desired of a data stream of a name.
func desire(name string, p v1alpha1.DataStreamParameters, mark owner.Mark) (desired, error) {
	settings := maps.Clone(p.Settings)
	if p.LifecyclePolicyName != nil {
		if settings == nil {
			settings = map[string]string{}
		}
		settings["lifecycle.name"] = *p.LifecyclePolicyName
	}
	index, err := overlay.Desire(overlay.Parameters{
		Shards: p.NumberOfShards, Replicas: p.NumberOfReplicas, Settings: settings, Mappings: p.Mappings,
	}, mark)
	if err != nil {
		return desired{}, err
	}
	// The stream takes over the template's own _meta, backing indices that of the
	// mapping: both say the same.
	meta, _ := index.Mappings["_meta"].(map[string]any)
	d := desired{index: index, policy: p.LifecyclePolicyName != nil, template: elasticsearch.Template{
		Patterns: []string{name}, Priority: defaultPriority, Meta: meta, Settings: index.Settings, Mappings: index.Mappings,
	}}
	if p.Priority != nil {
		d.template.Priority = *p.Priority
	}
	if p.Lifecycle != nil {
		d.template.Lifecycle = &elasticsearch.Lifecycle{}
		if p.Lifecycle.DataRetention != nil {
			d.template.Lifecycle.DataRetention = *p.Lifecycle.DataRetention
		}
	}
	return d, nil
}

// A drift is what separates a data stream from what is desired of it.
type drift struct {
	overlay.Drift // Of the index that is written to.

	template  bool // To put, as a whole.
	lifecycle bool // To put, or to delete where none is desired.

	parts []custody.Difference // Of these two.
}

// all lists the fields in which the stream is not as desired. A template that differs
// alone has no field of its own.
func (d *drift) all() []custody.Difference {
	all := d.Differences
	if d.lifecycle {
		all = append(all, custody.Difference{Field: "lifecycle"})
	}
	if d.template && len(all) == 0 {
		all = append(all, custody.Difference{Field: ".", Found: "another index template"})
	}
	return all
}

// settle drops what Elasticsearch made of what it was told and acknowledged; see
// overlay.Drift.Settle.
func (d *drift) settle(settled []string) {
	d.Settle(settled)
	has := func(part string) bool {
		i := slices.IndexFunc(d.parts, func(p custody.Difference) bool { return p.Field == part })
		return i >= 0 && slices.Contains(settled, overlay.FingerprintOf(d.parts[i]))
	}
	d.template = d.template && !has("template")
	d.lifecycle = d.lifecycle && !has("lifecycle")
}

// fingerprints tell all differences apart, for settle.
func (d *drift) fingerprints() []string {
	out := d.Fingerprints()
	for _, p := range d.parts {
		out = append(out, overlay.FingerprintOf(p))
	}
	return out
}

func (d *drift) none() bool { return d.None() && !d.template && !d.lifecycle }

// String tells the drift to people who debug; it is empty if there is none.
func (d *drift) String() string {
	if d.none() {
		return ""
	}
	return fmt.Sprintf("template differs %t, lifecycle differs %t, %s", d.template, d.lifecycle, d.Drift.String())
}

// compare looks at the index that is written to, and at no older one: ILM and the data
// stream lifecycle change those as they age, and must have their way.
func compare(got found, want desired, ignores func(field string) bool) drift {
	d := drift{Drift: overlay.Compare(got.index, want.index, ignores)}
	d.template = got.template == nil || templateDiffers(*got.template, want.template)
	switch wanted, has := want.template.Lifecycle, got.stream.Lifecycle; {
	case ignores("lifecycle"):
	case wanted != nil:
		d.lifecycle = has == nil || has.DataRetention != wanted.DataRetention
	case want.policy:
		d.lifecycle = has != nil
	}
	if d.template {
		d.parts = append(d.parts, custody.Difference{Field: "template", Found: asJSON(got.template), Desired: asJSON(want.template)})
	}
	if d.lifecycle {
		d.parts = append(d.parts, custody.Difference{Field: "lifecycle", Found: asJSON(got.stream.Lifecycle), Desired: asJSON(want.template.Lifecycle)})
	}
	return d
}

// asJSON tells parts apart.
func asJSON(part any) string {
	b, err := json.Marshal(part)
	if err != nil { // What JSON decoded, JSON encodes.
		return ""
	}
	return string(b)
}

// templateDiffers compares exactly: all of a template is ours, but for what others put
// into its _meta.
func templateDiffers(got, want elasticsearch.Template) bool {
	_, meta := overlay.Meta(got.Meta, want.Meta)
	return meta || got.Plain || got.Priority != want.Priority || !slices.Equal(got.Patterns, want.Patterns) ||
		!maps.Equal(got.Settings, want.Settings) ||
		!overlay.Same(got.Mappings, want.Mappings) || !overlay.Same(want.Mappings, got.Mappings) ||
		(got.Lifecycle == nil) != (want.Lifecycle == nil) ||
		want.Lifecycle != nil && got.Lifecycle.DataRetention != want.Lifecycle.DataRetention
}
