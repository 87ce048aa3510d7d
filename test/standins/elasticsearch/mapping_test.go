package elasticsearch

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mapped is a story of an index with a mapping, a change to it, and what follows.
func mapped(reason, mapping string, steps ...step) story {
	return story{reason, append([]step{{"PUT", "/orders", `{"mappings":` + mapping + `}`, 200, ""}}, steps...)}
}

// change is a step that puts a mapping; kind and words are those of its refusal.
func change(mapping, kind, words string) step {
	if kind == "" {
		return step{"PUT", "/orders/_mapping", mapping, 200, `{"acknowledged":true}`}
	}
	return step{"PUT", "/orders/_mapping", mapping, 400, refused(kind, words)}
}

func shows(mapping string) step {
	return step{"GET", "/orders/_mapping", "", 200, `{"orders":{"mappings":` + mapping + `}}`}
}

func TestMergeMapping(t *testing.T) {
	const illegal = "illegal_argument_exception"
	tell(t, map[string]story{
		"AddField": mapped("Update mapping API: fields are added, also within objects; the others stay.",
			`{"properties":{"id":{"type":"keyword"},"customer":{"properties":{"name":{"type":"text"}}}}}`,
			change(`{"properties":{"at":{"type":"date"},"customer":{"properties":{"id":{"type":"long"}}}}}`, "", ""),
			shows(`{"properties":{"id":{"type":"keyword"},"at":{"type":"date"},"customer":{"type":null,"properties":{"id":{"type":"long"},"name":{"type":"text"}}}}}`)),
		"Retype": mapped("Update mapping API: a field keeps its type, and a change that is refused changes nothing.",
			`{"properties":{"id":{"type":"keyword"}}}`,
			change(`{"_meta":{"x":1},"properties":{"a":{"type":"long"},"id":{"type":"long"}}}`, illegal, "mapper [id] cannot be changed from type [keyword] to [long]"),
			shows(`{"_meta":null,"properties":{"id":{"type":"keyword"},"a":null}}`)),
		"RetypeWithin": mapped("Update mapping API: the message names the whole path of a field.",
			`{"properties":{"customer":{"properties":{"id":{"type":"keyword"}}}}}`,
			change(`{"properties":{"customer":{"properties":{"id":{"type":"long"}}}}}`, illegal, "mapper [customer.id] cannot be changed from type [keyword] to [long]")),
		"ObjectForLeaf": mapped("Update mapping API: a field becomes no object.", `{"properties":{"id":{"type":"keyword"}}}`,
			change(`{"properties":{"id":{"properties":{"x":{"type":"long"}}}}}`, illegal, "can't merge a non object mapping [id] with an object mapping")),
		"LeafForObject": mapped("Update mapping API: an object becomes no field.", `{"properties":{"id":{"properties":{}}}}`,
			change(`{"properties":{"id":{"type":"keyword"}}}`, illegal, "can't merge a non object mapping [id] with an object mapping")),
		"Nested": mapped("Update mapping API: an object does not become nested.", `{"properties":{"id":{"type":"object"}}}`,
			change(`{"properties":{"id":{"type":"nested"}}}`, illegal, "can't merge a nested mapping [id] with a non-nested mapping")),
		"MultiField": mapped("Update mapping API: a multi-field is added to those there are.",
			`{"properties":{"name":{"type":"text","fields":{"raw":{"type":"keyword"}}}}}`,
			change(`{"properties":{"name":{"type":"text","fields":{"words":{"type":"token_count","analyzer":"standard"}}}}}`, "", ""),
			shows(`{"properties":{"name":{"fields":{"raw":{"type":"keyword"},"words":{"type":"token_count","analyzer":"standard"}}}}}`)),
		"UpdatableParameter": mapped("Mapping parameters, ignore_above: it can be updated.", `{"properties":{"id":{"type":"keyword","ignore_above":20}}}`,
			change(`{"properties":{"id":{"type":"keyword","ignore_above":100}}}`, "", ""), shows(`{"properties":{"id":{"ignore_above":100}}}`)),
		"FixedParameter": mapped("Mapping parameters: most cannot be updated.", `{"properties":{"t":{"type":"text"}}}`,
			change(`{"properties":{"t":{"type":"text","analyzer":"english"}}}`, illegal,
				"Mapper for [t] conflicts with existing mapper:\n\tCannot update parameter [analyzer] from [default] to [english]")),
		"ParameterLeftOut": mapped("Mapping parameters: one that is left out goes back to its default, which is a change.",
			`{"properties":{"t":{"type":"text","analyzer":"english"}}}`,
			change(`{"properties":{"t":{"type":"text","fields":{"raw":{"type":"keyword"}}}}}`, illegal,
				"Mapper for [t] conflicts with existing mapper:\n\tCannot update parameter [analyzer] from [english] to [default]")),
		"Norms": mapped("Mapping parameters, norms: they can be given up, and not had back.", `{"properties":{"t":{"type":"text"}}}`,
			change(`{"properties":{"t":{"type":"text","norms":false}}}`, "", ""),
			change(`{"properties":{"t":{"type":"text","norms":true}}}`, illegal,
				"Mapper for [t] conflicts with existing mapper:\n\tCannot update parameter [norms] from [false] to [true]")),
		"Meta": mapped("Metadata, _meta: it is replaced as a whole, if the mapping holds it.", `{"_meta":{"a":{"b":1},"c":2}}`,
			change(`{"dynamic":"strict"}`, "", ""), shows(`{"_meta":{"a":{"b":1},"c":2}}`),
			change(`{"_meta":{"a":{"d":1}}}`, "", ""), shows(`{"_meta":{"a":{"d":1,"b":null},"c":null},"dynamic":"strict"}`)),
		"DynamicTemplates": mapped("Dynamic templates: they are replaced as a whole.", `{"dynamic_templates":[{"a":{"mapping":{"type":"long"}}}]}`,
			change(`{"dynamic_templates":[{"b":{"mapping":{"type":"long"}}}]}`, "", ""), shows(`{"dynamic_templates":[{"a":null,"b":{"mapping":{"type":"long"}}}]}`)),
		"Source": mapped("Metadata, _source: it can be given up, and not had back.", `{}`,
			change(`{"_source":{"enabled":false}}`, "", ""), shows(`{"_source":{"enabled":false}}`),
			change(`{"_source":{}}`, illegal, "Mapper for [_source] conflicts with existing mapper:\n\tCannot update parameter [enabled] from [false] to [true]"),
			shows(`{"_source":{"enabled":false}}`)),
		"SourceParts": mapped("Metadata, _source: what it leaves out does not change.", `{"_source":{"includes":["a.*"]}}`,
			change(`{"_source":{"excludes":["x"]}}`, illegal, "Mapper for [_source] conflicts with existing mapper:\n"+
				"\tCannot update parameter [includes] from [[a.*]] to [[]]\n\tCannot update parameter [excludes] from [[]] to [[x]]"),
			change(`{"_source":{"enabled":true}}`, illegal,
				"Mapper for [_source] conflicts with existing mapper:\n\tCannot update parameter [includes] from [[a.*]] to [[]]"),
			change(`{"_source":{"includes":["a.*"]}}`, "", "")),
		"Routing": mapped("Metadata, _routing: it is required from the beginning, or never.", `{"_routing":{"required":false}}`,
			shows(`{"_routing":null}`),
			change(`{"_routing":{"required":true}}`, illegal, "Mapper for [_routing] conflicts with existing mapper:\n\tCannot update parameter [required] from [false] to [true]")),
		"Runtime": mapped("Runtime fields: they are put and removed one by one.", `{"runtime":{"a":{"type":"long"},"b":{"type":"date"}}}`,
			change(`{"runtime":{"a":null,"c":{"type":"keyword"}}}`, "", ""),
			shows(`{"runtime":{"a":null,"b":{"type":"date"},"c":{"type":"keyword"}}}`)),
		"FieldLimit": {
			reason: "Mapping limit settings: the number of fields is limited.",
			steps: []step{
				{"PUT", "/orders", `{"settings":{"mapping.total_fields.limit":2},"mappings":{"properties":{"a":{"type":"text","fields":{"b":{"type":"keyword"}}}}}}`, 200, ""},
				change(`{"properties":{"c":{"type":"long"}}}`, illegal, "Limit of total fields [2] has been exceeded"),
				{"PUT", "/orders/_settings", `{"mapping.total_fields.limit":3}`, 200, ""},
				change(`{"properties":{"c":{"type":"long"}}}`, "", ""),
			},
		},
		"DepthLimit": {
			reason: "Mapping limit settings: the depth of objects is limited.",
			steps: []step{{"PUT", "/orders", `{"settings":{"mapping.depth.limit":2},"mappings":{"properties":{"a.b.c":{"type":"long"}}}}`, 400,
				refused(illegal, "Limit of mapping depth [2] has been exceeded due to object field")}},
		},
		"Missing": {
			reason: "Update mapping API: an index that is missing has no mapping.",
			steps:  []step{{"PUT", "/none/_mapping", `{}`, 404, ""}, {"GET", "/none/_mapping", "", 404, ""}},
		},
	})
}

func TestNormalisedMapping(t *testing.T) {
	tell(t, map[string]story{
		"Defaults": mapped("Get mapping API: a parameter that has its default is not shown, though it was given.",
			`{"properties":{"id":{"type":"keyword","index":true,"doc_values":"true","ignore_above":2147483647,"norms":false},
				"at":{"type":"date","format":"strict_date_optional_time||epoch_millis"}}}`,
			shows(`{"properties":{"id":{"type":"keyword","index":null,"doc_values":null,"ignore_above":null,"norms":null},"at":{"type":"date","format":null}}}`)),
		"Forms": mapped("Get mapping API: numbers, booleans and lists are shown as such, however they were given.",
			`{"dynamic":false,"date_detection":"false","properties":{"id":{"type":"keyword","ignore_above":"20","store":"true","copy_to":"all"},"all":{"type":"text"}}}`,
			shows(`{"dynamic":"false","date_detection":false,"properties":{"id":{"ignore_above":20,"store":true,"copy_to":["all"]}}}`)),
		"Dots": mapped("Field names: dots in a name stand for objects.", `{"properties":{"a.b":{"type":"long"},"a":{"properties":{"c":{"type":"long"}}}}}`,
			shows(`{"properties":{"a.b":null,"a":{"properties":{"b":{"type":"long"},"c":{"type":"long"}}}}}`)),
		"Source": mapped("Metadata, _source: it is shown if any of it is not the default.", `{"_source":{"enabled":"true","excludes":["b"],"includes":[]}}`,
			shows(`{"_source":{"enabled":true,"excludes":["b"],"includes":null}}`)),
		"DefaultSource": mapped("Metadata, _source: of one that is as by default nothing is shown.", `{"_source":{"enabled":true,"includes":[]}}`, shows(`{"_source":null}`)),
		"Empty": mapped("Get mapping API: of what is empty nothing is shown, but for _meta and the lists of dynamic mappings.",
			`{"_meta":{},"dynamic_templates":[],"dynamic_date_formats":[],"runtime":{},"properties":{"a":{"type":"keyword","copy_to":[],"meta":{},"fields":[]},"b":{"properties":[]}}}`,
			shows(`{"_meta":{},"dynamic_templates":[],"dynamic_date_formats":[],"runtime":null,"properties":{"a":{"type":"keyword","copy_to":null,"meta":null,"fields":null},"b":{"type":"object","properties":null}}}`)),
		"Object": mapped("Object field type: the type of an object that has fields is not shown.",
			`{"properties":{"a":{"type":"object"},"b":{"type":"object","properties":{"c":{"type":"long"}}},"d":{"enabled":false},"e":{"type":"nested"}}}`,
			shows(`{"properties":{"a":{"type":"object"},"b":{"type":null},"d":{"type":"object","enabled":false},"e":{"type":"nested"}}}`)),
	})
}

func TestWrongMapping(t *testing.T) {
	const parsing = "mapper_parsing_exception"
	cases := map[string]struct{ reason, mapping, kind, words string }{
		"Type": {"a type exists", `{"properties":{"a":{"type":"nonsense"}}}`, parsing,
			"The mapper type [nonsense] declared on field [a] does not exist. It might have been created within a future version or requires a plugin to be installed. Check the documentation."},
		"NoType":      {"a field has a type", `{"properties":{"a":{"index":false}}}`, parsing, "No type specified for field [a]"},
		"Parameter":   {"a type has its parameters", `{"properties":{"a":{"type":"long","analyzer":"x"}}}`, parsing, "unknown parameter [analyzer] on mapper [a] of type [long]"},
		"WrongValue":  {"a flag is one", `{"properties":{"a":{"type":"long","index":"maybe"}}}`, parsing, "Failed to parse value [maybe] of parameter [index] on mapper [a] of type [long]"},
		"Required":    {"some parameters are required", `{"properties":{"a":{"type":"scaled_float"}}}`, parsing, "Field [a] misses required parameter [scaling_factor]"},
		"NotAnObject": {"properties are an object", `{"properties":["a"]}`, parsing, "Expected map for property [properties] on field [] but got a class java.util.ArrayList"},
		"FieldText":   {"a field is an object", `{"properties":{"a":"long"}}`, parsing, "Expected map for property [fields] on field [a] but got a class java.lang.String"},
		"Root":        {"the root has its parameters", `{"nonsense":1}`, parsing, "Root mapping definition has unsupported parameters:  [nonsense : 1]"},
		"Source":      {"_source is an object", `{"_source":null}`, parsing, "[_source] config must be an object"},
		"SourceField": {"_source has its parameters", `{"_source":{"compress":true}}`, parsing, "unknown parameter [compress] on metadata field [_source]"},
		"SourceList":  {"its lists are lists", `{"_source":{"includes":"a"}}`, parsing, "Failed to parse value [a] of parameter [includes] on metadata field [_source]"},
		"Dynamic":     {"dynamic takes four words", `{"dynamic":"maybe"}`, "illegal_argument_exception", "No enum constant for dynamic [maybe]"},
		"EmptyName":   {"a name has no empty parts", `{"properties":{"a..b":{"type":"long"}}}`, parsing, "field name cannot be an empty string"},
		"Object":      {"an object has its parameters", `{"properties":{"a":{"type":"object","index":false}}}`, parsing, "Mapping definition for [a] has unsupported parameters:  [index : false]"},
	}
	for name, tc := range cases {
		if tc.kind == parsing {
			tc.words = "Failed to parse mapping: " + tc.words
		}
		tell(t, map[string]story{name: mapped("Mapping: "+tc.reason+".", `{}`, change(tc.mapping, tc.kind, tc.words), shows(`{"properties":null}`))})
	}
}

// FuzzMappingSettles checks that what the stand-in shows of a mapping is a fixed
// point: an index made from it shows the same, and putting it changes nothing.
func FuzzMappingSettles(f *testing.F) {
	f.Add(`{"properties":{"a.b":{"type":"keyword","index":true,"ignore_above":"7"},"o":{"enabled":false},"n":{"type":"nested","properties":{}}}}`)
	f.Add(`{"_meta":{"x":[1]},"dynamic":false,"date_detection":"true","runtime":{"r":{"type":"long"}},"dynamic_templates":[]}`)
	f.Add(`{"properties":{"t":{"type":"text","norms":false,"analyzer":"english","fields":{"raw":{"type":"keyword"}},"copy_to":"a.b"}},"_routing":{"required":true}}`)
	f.Fuzz(func(t *testing.T, text string) {
		given, ok := numbered(text)
		if !ok {
			t.Skip("no object")
		}
		made, err := newMapping().merge(given, settings{})
		if err != nil {
			t.Skip("refused")
		}
		shown, _ := numbered(asJSON(t, made.shown()))
		again, err := newMapping().merge(shown, settings{})
		if err != nil {
			t.Fatalf("what is shown is refused: %v\nshown: %s", err, asJSON(t, shown))
		}
		if diff := cmp.Diff(asJSON(t, made.shown()), asJSON(t, again.shown())); diff != "" {
			t.Errorf("what is shown shows something else: %s", diff)
		}
		put, err := made.merge(shown, settings{})
		if err != nil {
			t.Fatalf("what is shown cannot be put: %v\nshown: %s", err, asJSON(t, shown))
		}
		if diff := cmp.Diff(asJSON(t, made.shown()), asJSON(t, put.shown())); diff != "" {
			t.Errorf("putting what is shown changes it: %s", diff)
		}
	})
}

// numbered decodes an object as the stand-in does.
func numbered(text string) (object, bool) {
	r := request{body: []byte(text)}
	out, err := r.object()
	return out, err == nil && strings.TrimSpace(text) != ""
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
