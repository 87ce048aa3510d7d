package environment

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func rawJSON(text string) *apiextensionsv1.JSON { return &apiextensionsv1.JSON{Raw: []byte(text)} }

func searching(s v1alpha1.Search) func(*Claim) {
	return func(c *Claim) { c.Spec.Search = &s }
}

func TestParseSearch(t *testing.T) {
	type indices = []v1alpha1.Index
	type streams = []v1alpha1.Stream
	type settings = map[string]v1alpha1.Setting
	writer := func(name string) v1alpha1.Alias { return v1alpha1.Alias{Name: name, IsWriteIndex: new(true)} }
	many := make(indices, 21)
	for i := range many {
		many[i].Name = fmt.Sprint("i", i)
	}
	big := rawJSON(`{"_meta":{"x":"` + strings.Repeat("x", 60<<10) + `"}}`)
	cases := map[string]struct {
		reason string
		search v1alpha1.Search
		want   []string
	}{
		"Right": {
			reason: "What the Blueprint allows is accepted.",
			search: v1alpha1.Search{
				Indices: indices{{Name: "a", Shards: new(int32(10)), Replicas: new(int32(2)), Settings: settings{"refresh_interval": "5s"}, Mappings: rawJSON(`{"_meta":{"team":"x"}}`), Aliases: []v1alpha1.Alias{writer("all")}},
					{Name: "b", Aliases: []v1alpha1.Alias{{Name: "all"}}}},
				Streams: streams{{Name: "s", Retention: "365d"}, {Name: "t", Retention: "8760h"}, {Name: "u", Shards: new(int32(1))}},
			},
		},
		"EveryMistakeAtOnce": {
			reason: "A developer learns every mistake in one round, each at its field.",
			search: v1alpha1.Search{
				Indices: indices{
					{Name: "a", Shards: new(int32(11)), Replicas: new(int32(3)), Settings: settings{"number_of_shards": "1", "refresh_interval": ""}, Mappings: rawJSON(`{"_meta":{"plumbline.dev/owner":"me"}}`)},
					{Name: "b", Mappings: rawJSON(`[]`), Aliases: []v1alpha1.Alias{writer("all"), {Name: "s"}, {Name: "a"}, {Name: "all"}, {Name: "*"}}},
					{Name: "c", Mappings: rawJSON(`{"_meta":5}`), Aliases: []v1alpha1.Alias{writer("all")}},
				},
				Streams: streams{
					{Name: "a", Retention: "366d", Shards: new(int32(0)), Replicas: new(int32(101))},
					{Name: "s", Retention: "soon", Settings: settings{"blocks.write": "true"}, Mappings: rawJSON(`null`)},
				},
			},
			want: []string{
				"FieldValueInvalid spec.search.indices[0].shards", "FieldValueInvalid spec.search.indices[0].replicas",
				"FieldValueForbidden spec.search.indices[0].mappings._meta[plumbline.dev/owner]",
				"FieldValueForbidden spec.search.indices[0].settings[number_of_shards]", "FieldValueRequired spec.search.indices[0].settings[refresh_interval]",
				"FieldValueInvalid spec.search.indices[1].mappings", "FieldValueInvalid spec.search.indices[2].mappings._meta",
				"FieldValueDuplicate spec.search.streams[0].name", "FieldValueInvalid spec.search.streams[0].retention",
				"FieldValueInvalid spec.search.streams[0].shards", "FieldValueInvalid spec.search.streams[0].replicas",
				"FieldValueInvalid spec.search.streams[1].retention", "FieldValueInvalid spec.search.streams[1].mappings",
				"FieldValueForbidden spec.search.streams[1].settings[blocks.write]",
				"FieldValueInvalid spec.search.indices[1].aliases[1].name", "FieldValueInvalid spec.search.indices[1].aliases[2].name",
				"FieldValueDuplicate spec.search.indices[1].aliases[3].name", "FieldValueInvalid spec.search.indices[1].aliases[4].name",
				"FieldValueInvalid spec.search.indices[2].aliases[0].isWriteIndex",
			},
		},
		"TooMany": {
			reason: "The Blueprint bounds how many there are.",
			search: v1alpha1.Search{Indices: many},
			want:   []string{"FieldValueInvalid spec.search"},
		},
		"TooLarge": {
			reason: "A mapping is bounded, as are all of them together.",
			search: v1alpha1.Search{Indices: indices{{Name: "a", Mappings: rawJSON(`{"_meta":{"x":"` + strings.Repeat("x", 64<<10) + `"}}`)},
				{Name: "b", Mappings: big}, {Name: "c", Mappings: big}, {Name: "d", Mappings: big}, {Name: "e", Mappings: big}}},
			want: []string{"FieldValueTooLong spec.search.indices[0].mappings", "FieldValueTooLong spec.search"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := Parse(checkout(searching(tc.search)), builtIn(t))
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\nParse(...): -want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}

// TestRefusalsOfSearch holds that what the Blueprint does not allow is refused with
// its number, and with who can change that.
func TestRefusalsOfSearch(t *testing.T) {
	_, errs := Parse(checkout(searching(v1alpha1.Search{Streams: []v1alpha1.Stream{
		{Name: "a", Retention: "400d", Shards: new(int32(11)), Settings: map[string]v1alpha1.Setting{"codec": "best_compression"}},
	}})), builtIn(t))
	for _, want := range []string{
		`must be at most 365d in environment "prod"; ask the platform team for environments[prod].retention.max`,
		`must be at most 10; ask the platform team for search.limits.maxShards`,
		`the Blueprint lets a claim set refresh_interval, max_result_window,`, `ask the platform team for search.allowedSettings`,
	} {
		if got := errs.ToAggregate().Error(); !strings.Contains(got, want) {
			t.Errorf("\nA refusal names the number and the remedy.\nwant %q, got: %s", want, got)
		}
	}
}

func TestResolveSearch(t *testing.T) {
	b := builtIn(t)
	class := b.Environments["prod"]
	class.Retention = v1alpha1.RetentionBounds{Default: "90d", Max: "400d"}
	b.Environments["prod"] = class
	s, errs := Parse(checkout(func(c *Claim) {
		c.Spec.Tags, c.Spec.Description = map[string]v1alpha1.TagValue{"costCenter": "4711"}, "Sells"
		c.Spec.Search = &v1alpha1.Search{
			Indices: []v1alpha1.Index{{Name: "orders", Mappings: rawJSON(`{"dynamic":false,"_meta":{"theirs":1}}`), Aliases: []v1alpha1.Alias{{Name: "all"}}}},
			Streams: []v1alpha1.Stream{{Name: "events"}, {Name: "audit", Retention: "400d"}},
		}
	}), b)
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	p := Resolve(s)
	ours := map[string]any{"plumbline.dev/tags": map[string]any{"costCenter": "4711"}, "plumbline.dev/description": "Sells"}
	theirs := map[string]any{"plumbline.dev/tags": map[string]any{"costCenter": "4711"}, "plumbline.dev/description": "Sells", "theirs": 1.0}
	want := []Index{{
		Key: "orders", Resource: "checkout-prod.orders", Name: "checkout-prod.orders", Mappings: map[string]any{"dynamic": false, "_meta": theirs},
		Aliases: []Alias{{Name: "checkout-prod.all"}}, ProviderConfig: "default", Policy: v1alpha1.DeletionRetain,
	}}
	if diff := cmp.Diff(want, p.Indices); diff != "" {
		t.Errorf("\nTags and description stand beside what the claim puts into _meta; an alias begins with the environment.\n-want, +got:\n%s", diff)
	}
	stream := Stream{Key: "events", Resource: "checkout-prod.events", Name: "checkout-prod.events", Retention: "90d", Mappings: map[string]any{"_meta": ours},
		ProviderConfig: "default", Policy: v1alpha1.DeletionRetain}
	other := stream
	other.Key, other.Resource, other.Name, other.Retention = "audit", "checkout-prod.audit", "checkout-prod.audit", "400d"
	if diff := cmp.Diff([]Stream{stream, other}, p.Streams); diff != "" {
		t.Errorf("\nA data stream that names no retention has the environment's.\n-want, +got:\n%s", diff)
	}

	s, _ = Parse(checkout(searching(v1alpha1.Search{Indices: []v1alpha1.Index{{Name: "a"}}})), b)
	none := map[string]any{"_meta": map[string]any{"plumbline.dev/tags": map[string]any{}, "plumbline.dev/description": ""}}
	if diff := cmp.Diff(none, Resolve(s).Indices[0].Mappings); diff != "" {
		t.Errorf("\nThat there are no tags is said, so that the last one goes.\n-want, +got:\n%s", diff)
	}
}

func TestBlueprintSearch(t *testing.T) {
	type object = map[string]any
	cases := map[string]struct {
		reason string
		edit   func(object)
		want   []string
	}{
		"Allowed": {
			reason: "A Blueprint may allow nothing.",
			edit: func(b object) {
				b["search"] = object{"providerConfig": "default", "allowedSettings": []any{}, "limits": object{"maxShards": 1, "maxReplicas": 0, "maxIndices": 0}}
			},
		},
		"ShortMax": {
			reason: "A default that is left out is not above the most.",
			edit:   func(b object) { prod(b)["retention"] = object{"max": "12h"} },
		},
		"EveryMistakeAtOnce": {
			reason: "A platform team learns every mistake in one round.",
			edit: func(b object) {
				b["search"] = object{"providerConfig": "default", "allowedSettings": []any{"index.refresh_interval", "number_of_shards", "*"},
					"limits": object{"maxShards": 1025, "maxReplicas": -1, "maxIndices": 101}}
				prod(b)["retention"] = object{"default": "60d", "max": "30d"}
			},
			want: []string{
				"FieldValueInvalid data.environments[prod].retention.default",
				"FieldValueInvalid data.search.allowedSettings[0]", "FieldValueForbidden data.search.allowedSettings[1]", "FieldValueInvalid data.search.allowedSettings[2]",
				"FieldValueInvalid data.search.limits.maxShards", "FieldValueInvalid data.search.limits.maxReplicas", "FieldValueInvalid data.search.limits.maxIndices",
			},
		},
		"NoRetention": {
			reason: "A retention is a number of days or hours.",
			edit:   func(b object) { prod(b)["retention"] = object{"default": "1w", "max": "forever"} },
			want:   []string{"FieldValueInvalid data.environments[prod].retention.default", "FieldValueInvalid data.environments[prod].retention.max", "FieldValueTooLong data.environments[prod].retention.max"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := ParseBlueprint(blueprintWith(t, tc.edit))
			got := mistakes(errs)
			if diff := cmp.Diff(tc.want, got, cmpopts.SortSlices(strings.Compare)); diff != "" {
				t.Errorf("\n%s\nParseBlueprint(...): -want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}

func prod(b map[string]any) map[string]any {
	return b["environments"].(map[string]any)["prod"].(map[string]any)
}
