package overlay

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

const marker = "local/payments/checkout-prod.orders"

// parsed returns the object that a JSON text stands for.
func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// none of the fields is left to others.
func none(string) bool { return false }

func mappings(text string) *apiextensionsv1.JSON { return &apiextensionsv1.JSON{Raw: []byte(text)} }

func TestCompare(t *testing.T) {
	const owned = `"_meta":{"plumbline.dev/owner":"` + marker + `"}`
	cases := map[string]struct {
		reason   string
		settings map[string]string
		mappings string
		want     Parameters
		drift    Drift
	}{
		"Nothing": {
			reason:   "A user without an opinion never sees drift, whatever Elasticsearch chose.",
			settings: map[string]string{"number_of_shards": "1", "uuid": "u", "refresh_interval": "1s"},
			mappings: `{` + owned + `,"dynamic":"strict","properties":{"a":{"type":"text"}}}`,
		},
		"Dynamic": {
			reason:   "A dynamic setting is put, alone.",
			settings: map[string]string{"refresh_interval": "1s", "number_of_replicas": "1"}, mappings: `{` + owned + `}`,
			want:  Parameters{Replicas: new(int32(1)), Settings: map[string]string{"index.refresh_interval": "30s"}},
			drift: Drift{Settings: map[string]string{"refresh_interval": "30s"}},
		},
		"Fixed": {
			reason:   "What Elasticsearch fixes is named and not put.",
			settings: map[string]string{"number_of_shards": "1", "codec": "default"}, mappings: `{` + owned + `}`,
			want:  Parameters{Shards: new(int32(3)), Settings: map[string]string{"codec": "best_compression"}},
			drift: Drift{Fixed: []string{`codec is "default" and cannot become "best_compression"`, `number_of_shards is "1" and cannot become "3"`}},
		},
		"MarkerAmongMeta": {
			reason:   "The marker is written beside what others put into _meta, which is replaced as a whole.",
			mappings: `{"_meta":{"team":"x"}}`,
			drift:    Drift{Mapping: map[string]any{"_meta": map[string]any{"team": "x", "plumbline.dev/owner": marker}}},
		},
		"TagRemoved": {
			reason:   "A value of ours in _meta is exactly what we want, as what is left of an old one would say what is not so any more.",
			mappings: `{"_meta":{"plumbline.dev/owner":"` + marker + `","team":"x","tags":{"a":"1","b":"2"}}}`,
			want:     Parameters{Mappings: mappings(`{"_meta":{"tags":{"a":"1"}}}`)},
			drift: Drift{Mapping: map[string]any{"_meta": map[string]any{
				"plumbline.dev/owner": marker, "team": "x", "tags": map[string]any{"a": "1"},
			}}},
		},
		"NewField": {
			reason:   "A field that is missing is added; one that documents brought is left alone.",
			mappings: `{` + owned + `,"properties":{"seen":{"type":"long"},"customer":{"properties":{"id":{"type":"keyword"}}}}}`,
			want: Parameters{Mappings: mappings(`{"properties":{"total":{"type":"long"},
				"customer":{"type":"object","properties":{"id":{"type":"keyword"},"name":{"type":"text"}}}}}`)},
			drift: Drift{Mapping: map[string]any{"properties": map[string]any{
				"total":    map[string]any{"type": "long"},
				"customer": map[string]any{"properties": map[string]any{"name": map[string]any{"type": "text"}}},
			}}},
		},
		"MultiField": {
			reason:   "A multi-field is added with the whole definition of its field, which Elasticsearch asks for.",
			mappings: `{` + owned + `,"properties":{"name":{"type":"text","analyzer":"english","fields":{"raw":{"type":"keyword"}}}}}`,
			want: Parameters{Mappings: mappings(`{"properties":{"name":{"type":"text","fields":{
				"raw":{"type":"keyword"},"suggest":{"type":"completion"}}}}}`)},
			drift: Drift{Mapping: map[string]any{"properties": map[string]any{"name": map[string]any{
				"type": "text", "analyzer": "english", "fields": map[string]any{"suggest": map[string]any{"type": "completion"}},
			}}}},
		},
		"Retyped": {
			reason:   "A type that differs is named by its path, and does not hold up the rest.",
			mappings: `{` + owned + `,"properties":{"customer":{"properties":{"id":{"type":"keyword"}}}}}`,
			want: Parameters{Mappings: mappings(`{"properties":{"total":{"type":"long"},
				"customer":{"properties":{"id":{"type":"long"}}}}}`)},
			drift: Drift{
				Mapping: map[string]any{"properties": map[string]any{"total": map[string]any{"type": "long"}}},
				Retyped: []string{`field "customer.id" has type "keyword" and cannot have type "long"`},
			},
		},
		"OtherForms": {
			reason: "A value in the form that Elasticsearch brings it into is the same value.",
			mappings: `{` + owned + `,"dynamic":"false","date_detection":false,"dynamic_templates":[{"s":{"mapping":{"type":"keyword","ignore_above":256}}}],
				"properties":{"id":{"type":"keyword","ignore_above":256},"t":{"type":"text","copy_to":["all"]}}}`,
			want: Parameters{Mappings: mappings(`{"dynamic":false,"date_detection":"false",
				"dynamic_templates":[{"s":{"mapping":{"type":"keyword","ignore_above":"256"}}}],
				"properties":{"id":{"type":"keyword","ignore_above":"256"},"t":{"type":"text","copy_to":"all"}}}`)},
		},
		"EmptyList": {
			reason: "Of a list that is empty Elasticsearch shows nothing, and one that others filled is emptied.",
			mappings: `{` + owned + `,"_source":{"excludes":["b"]},"dynamic_templates":[{"s":{"mapping":{"type":"keyword"}}}],
				"properties":{"id":{"type":"keyword"},"t":{"type":"text","copy_to":["all"]}}}`,
			want: Parameters{Mappings: mappings(`{"_source":{"includes":[],"excludes":["b"]},"dynamic_templates":[],
				"properties":{"id":{"type":"keyword","copy_to":[]},"t":{"type":"text","copy_to":[]}}}`)},
			drift: Drift{Mapping: map[string]any{"dynamic_templates": []any{}, "properties": map[string]any{
				"t": map[string]any{"type": "text", "copy_to": []any{}},
			}}},
		},
		"ChangedParameter": {
			reason:   "A parameter that differs is sent with the field's definition.",
			mappings: `{` + owned + `,"properties":{"id":{"type":"keyword","ignore_above":256}}}`,
			want:     Parameters{Mappings: mappings(`{"properties":{"id":{"type":"keyword","ignore_above":512}}}`)},
			drift: Drift{Mapping: map[string]any{"properties": map[string]any{
				"id": map[string]any{"type": "keyword", "ignore_above": 512.0},
			}}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.mappings == "" {
				tc.mappings = `{}`
			}
			want, err := Desire(tc.want, owner.Parse(marker))
			if err != nil {
				t.Fatal(err)
			}
			got := Compare(elasticsearch.Index{Settings: tc.settings, Mappings: parsed(t, tc.mappings)}, want, none)
			if tc.drift.Settings == nil {
				tc.drift.Settings = map[string]string{}
			}
			if tc.drift.Mapping == nil {
				tc.drift.Mapping = map[string]any{}
			}
			if diff := cmp.Diff(tc.drift, got, cmpopts.IgnoreUnexported(Drift{}), cmpopts.IgnoreFields(Drift{}, "Differences")); diff != "" {
				t.Errorf("\n%s\nCompare(...): -want, +got:\n%s", tc.reason, diff)
			}
			if got.None() != (got.String() == "") {
				t.Errorf("\nA drift has words, and none has none.\nString(): %q", got.String())
			}
		})
	}
}

func TestDesire(t *testing.T) {
	for _, text := range []string{`[]`, `"x"`, `null`, `{`} {
		if _, err := Desire(Parameters{Mappings: mappings(text)}, owner.Parse(marker)); err == nil {
			t.Errorf("\nA mapping that is no object is a mistake.\nDesire(%s): want error", text)
		}
	}
}

// FuzzCompareSettles checks that one merge is enough: whatever the index has and
// the user wants, after the drift is merged as Elasticsearch merges, there is no
// drift left but what cannot change, and that stays the same.
func FuzzCompareSettles(f *testing.F) {
	f.Add(`{"properties":{"a":{"type":"text"}}}`, `{"properties":{"a":{"type":"text","fields":{"b":{"type":"long"}}}}}`)
	f.Add(`{"_meta":{"x":1},"dynamic":"true"}`, `{"_meta":{"y":[1,"2"]},"dynamic":false}`)
	f.Add(`{"properties":{"o":{"properties":{"i":{"type":"long"}}}}}`, `{"properties":{"o":{"type":"nested"},"p":{"properties":{}}}}`)
	f.Fuzz(func(t *testing.T, has, wants string) {
		var got, want map[string]any
		if json.Unmarshal([]byte(has), &got) != nil || json.Unmarshal([]byte(wants), &want) != nil || got == nil || want == nil {
			t.Skip("not two objects")
		}
		first := Compare(elasticsearch.Index{Mappings: got}, Desired{Mappings: want}, none)
		merge(got, first.Mapping)
		second := Compare(elasticsearch.Index{Mappings: got}, Desired{Mappings: want}, none)
		if len(second.Mapping) > 0 {
			t.Errorf("a second merge is wanted: %v", second.Mapping)
		}
		if diff := cmp.Diff(first.Retyped, second.Retyped); diff != "" {
			t.Errorf("what cannot change is not the same: %s", diff)
		}
	})
}

// merge does what Elasticsearch does with a put mapping request.
func merge(into, from map[string]any) {
	for k, v := range from {
		if k != "properties" && k != "fields" {
			into[k] = v
			continue
		}
		merged := maps.Clone(object(into[k]))
		for name, field := range object(v) {
			f := maps.Clone(object(merged[name]))
			merge(f, object(field))
			merged[name] = f
		}
		into[k] = merged
	}
}
