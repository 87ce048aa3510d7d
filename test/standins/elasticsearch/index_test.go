package elasticsearch

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestCreateIndex(t *testing.T) {
	tell(t, map[string]story{
		"Create": {
			reason: "Create index API: settings may be nested, flat, with or without index., and come back as texts with Elasticsearch's own beside them.",
			steps: []step{
				{"PUT", "/orders", `{"settings":{"number_of_shards":2,"index":{"refresh_interval":"5s"},"index.hidden":false}}`, 200,
					`{"acknowledged":true,"shards_acknowledged":true,"index":"orders"}`},
				{"GET", "/orders?flat_settings=true", "", 200, `{"orders":{"aliases":{},"mappings":{},"settings":{"index.number_of_shards":"2",
					"index.number_of_replicas":"1","index.refresh_interval":"5s","index.hidden":"false","index.provided_name":"orders",
					"index.routing.allocation.include._tier_preference":"data_content","index.version.created":"8019000"}}}`},
				{"GET", "/orders", "", 200, `{"orders":{"settings":{"index":{"number_of_shards":"2","routing":{"allocation":{"include":{"_tier_preference":"data_content"}}}}}}}`},
				{"GET", "/orders?features=aliases", "", 200, `{"orders":{"aliases":{},"settings":null,"mappings":null}}`},
				{"HEAD", "/orders", "", 200, ""},
			},
		},
		"Twice": {
			reason: "Create index API: a name is taken once.",
			steps: []step{
				{"PUT", "/orders", "", 200, ""},
				{"PUT", "/orders", "", 400, `{"error":{"type":"resource_already_exists_exception","index":"orders"},"status":400}`},
			},
		},
		"UnknownKey": {
			reason: "Create index API, request body: there are settings, mappings and aliases.",
			steps: []step{{"PUT", "/orders", `{"number_of_shards":1}`, 400,
				refused("parse_exception", "unknown key [number_of_shards] for create index")}},
		},
		"WrongMapping": {
			reason: "Create index API: an index is made whole or not at all.",
			steps: []step{
				{"PUT", "/orders", `{"mappings":{"properties":{"a":{"type":"nonsense"}}}}`, 400, `{"error":{"type":"mapper_parsing_exception",
					"reason":"Failed to parse mapping: The mapper type [nonsense] declared on field [a] does not exist. It might have been created within a future version or requires a plugin to be installed. Check the documentation.",
					"caused_by":{"type":"mapper_parsing_exception"}}}`},
				{"HEAD", "/orders", "", 404, ""},
			},
		},
	})
}

func TestIndexNames(t *testing.T) {
	cases := map[string]struct{ reason, path, want string }{
		"Upper":     {"lowercase only", "/Orders", "Invalid index name [Orders], must be lowercase"},
		"Start":     {"cannot start with -, _, +", "/-orders", "Invalid index name [-orders], must not start with '_', '-', or '+'"},
		"Space":     {"cannot include a space", "/a%20b", `Invalid index name [a b], must not contain the following characters [' ','"','*',',','/','<','>','?','\','|']`},
		"Slash":     {"cannot include /", "/a%2Fb", `Invalid index name [a/b], must not contain the following characters [' ','"','*',',','/','<','>','?','\','|']`},
		"Hash":      {"cannot include #", "/a%23b", "Invalid index name [a#b], must not contain '#'"},
		"Colon":     {"no : since version 7", "/a:b", "Invalid index name [a:b], must not contain ':'"},
		"Dots":      {"cannot be . or ..", "/..", "Invalid index name [..], must not be '.' or '..'"},
		"TooLong":   {"at most 255 bytes", "/" + strings.Repeat("a", 256), "Invalid index name [" + strings.Repeat("a", 256) + "], index name is too long, (256 > 255)"},
		"LongBytes": {"bytes, not letters", "/" + strings.Repeat("%C3%A4", 128), "Invalid index name [" + strings.Repeat("ä", 128) + "], index name is too long, (256 > 255)"},
	}
	for name, tc := range cases {
		tell(t, map[string]story{name: {
			reason: "Create index API, path parameters: " + tc.reason + ".",
			steps:  []step{{"PUT", tc.path, "", 400, refused("invalid_index_name_exception", tc.want)}},
		}})
	}
	tell(t, map[string]story{"Longest": {
		reason: "Create index API, path parameters: 255 bytes are a name.",
		steps:  []step{{"PUT", "/" + strings.Repeat("a", 255), "", 200, ""}},
	}})
}

func TestTargets(t *testing.T) {
	made := slices.Clip([]step{
		{"PUT", "/orders-1", `{"aliases":{"orders":{}}}`, 200, ""}, {"PUT", "/orders-2", "", 200, ""},
		{"PUT", "/.secret", `{"settings":{"hidden":true}}`, 200, ""}, {"PUT", "/shut", "", 200, ""}, {"POST", "/shut/_close", "", 200, ""},
	})
	cases := map[string]struct {
		reason, path string
		want         []string
	}{
		"Several":           {"Names are joined by commas.", "/orders-1,orders-2", []string{"orders-1", "orders-2"}},
		"IgnoreUnavailable": {"ignore_unavailable lets names be missing.", "/orders-1,none?ignore_unavailable=true", []string{"orders-1"}},
		"Wildcard":          {"A wildcard leads to open indices that are not hidden.", "/*", []string{"orders-1", "orders-2"}},
		"Middle":            {"A wildcard may stand anywhere.", "/o*ers*1", []string{"orders-1"}},
		"All":               {"_all is a wildcard.", "/_all", []string{"orders-1", "orders-2"}},
		"Exclusion":         {"A minus sign excludes, behind a wildcard.", "/orders*,-*2", []string{"orders-1"}},
		"ExpandClosed":      {"expand_wildcards=closed shows closed indices.", "/*?expand_wildcards=closed", []string{"shut"}},
		"ExpandAll":         {"expand_wildcards=all shows closed and hidden ones too.", "/*?expand_wildcards=all", []string{".secret", "orders-1", "orders-2", "shut"}},
		"DotPattern":        {"A wildcard that begins with a dot shows hidden indices that do.", "/.s*", []string{".secret"}},
		"HiddenByName":      {"A hidden or closed index is there for who knows its name.", "/.secret,shut", []string{".secret", "shut"}},
		"NoMatch":           {"A wildcard may lead nowhere.", "/none*", []string{}},
		"Alias":             {"An alias leads to its index, under the index's name.", "/orders", []string{"orders-1"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := New(Options{Username: "u", Password: "p"})
			for _, st := range made {
				expect(t, s, tc.reason, st, superuserOf)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, tc.path, nil)
			superuserOf(r)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			found, _ := decoded(t, w.Body.String()).(map[string]any)
			if diff := cmp.Diff(tc.want, slices.Sorted(maps.Keys(found)), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("\nMulti-target syntax: %s\nGET %s: -want, +got:\n%s", tc.reason, tc.path, diff)
			}
		})
	}
	missing := `{"error":{"type":"index_not_found_exception","reason":"no such index [none]","resource.type":"index_or_alias","resource.id":"none",
		"index":"none","index_uuid":"_na_","root_cause":[{"type":"index_not_found_exception","resource.type":"index_or_alias"}]},"status":404}`
	tell(t, map[string]story{
		"Missing":    {"Get index API: what is missing is named, as an index or an alias.", append(made, step{"GET", "/none", "", 404, missing})},
		"OneMissing": {"Multi-target syntax: one that is missing fails the request.", append(made, step{"GET", "/orders-1,none", "", 404, missing})},
		"ExpandNone": {"Multi-target syntax: expand_wildcards=none takes a wildcard for a name.", append(made, step{"GET", "/orders*?expand_wildcards=none", "", 404, ""})},
		"ExpandWrong": {"Multi-target syntax: expand_wildcards takes a few words.",
			append(made, step{"GET", "/*?expand_wildcards=some", "", 400, `{"error":{"type":"illegal_argument_exception"}}`})},
		"AllowNoIndices": {"Multi-target syntax: allow_no_indices=false wants a wildcard to lead somewhere.",
			append(made, step{"GET", "/none*?allow_no_indices=false", "", 404, ""})},
		"Underscore": {"Create index API, path parameters: what begins with an underscore is no index.",
			append(made, step{"GET", "/_nonsense", "", 400, `{"error":{"type":"invalid_index_name_exception"}}`})},
	})
}

func TestDeleteIndex(t *testing.T) {
	tell(t, map[string]story{
		"Name": {
			reason: "Delete index API: what is deleted is gone.",
			steps: []step{
				{"PUT", "/a", "", 200, ""}, {"PUT", "/b", "", 200, ""},
				{"DELETE", "/a,b", "", 200, `{"acknowledged":true}`},
				{"GET", "/a", "", 404, ""}, {"GET", "/b", "", 404, ""}, {"DELETE", "/a", "", 404, `{"error":{"type":"index_not_found_exception"}}`},
			},
		},
		"Wildcard": {
			reason: "Delete index API: action.destructive_requires_name is true by default.",
			steps: []step{
				{"PUT", "/a", "", 200, ""},
				{"DELETE", "/*", "", 400, refused("illegal_argument_exception", "Wildcard expressions or all indices are not allowed")},
				{"DELETE", "/_all", "", 400, ""}, {"HEAD", "/a", "", 200, ""},
			},
		},
		"LiteralWildcard": {
			reason: "Delete index API: with expand_wildcards=none a wildcard is a name that no index has.",
			steps: []step{
				{"PUT", "/a", "", 200, ""},
				{"DELETE", "/*?expand_wildcards=none&allow_no_indices=false", "", 404, ""}, {"HEAD", "/a", "", 200, ""},
			},
		},
		"Alias": {
			reason: "Delete index API: an alias deletes nothing.",
			steps: []step{
				{"PUT", "/a", `{"aliases":{"b":{}}}`, 200, ""},
				{"DELETE", "/b", "", 400, refused("illegal_argument_exception", "The provided expression [b] matches an alias, specify the corresponding concrete indices instead.")},
				{"HEAD", "/a", "", 200, ""},
			},
		},
		"OneMissing": {
			reason: "Delete index API: of several names, all exist or nothing is deleted.",
			steps:  []step{{"PUT", "/a", "", 200, ""}, {"DELETE", "/a,none", "", 404, ""}, {"HEAD", "/a", "", 200, ""}},
		},
	})
}

func TestAliases(t *testing.T) {
	tell(t, map[string]story{
		"Life": {
			reason: "Aliases: one leads to its indices until it is deleted.",
			steps: []step{
				{"PUT", "/a", "", 200, ""}, {"PUT", "/a/_alias/x", `{"is_write_index":true}`, 200, `{"acknowledged":true}`},
				{"GET", "/x/_alias", "", 200, `{"a":{"aliases":{"x":{"is_write_index":true}}}}`},
				{"PUT", "/x", "", 400, refused("invalid_index_name_exception", "Invalid index name [x], already exists as alias")},
				{"DELETE", "/a/_alias/x", "", 200, ""}, {"GET", "/x", "", 404, ""},
				{"DELETE", "/a/_alias/x", "", 404, `{"error":{"type":"aliases_not_found_exception"}}`},
			},
		},
		"WriteIndex": {
			reason: "Aliases: of several indices one is written to, and that one is never two.",
			steps: []step{
				{"PUT", "/a", "", 200, ""}, {"PUT", "/b", "", 200, ""},
				{"POST", "/_aliases", `{"actions":[{"add":{"index":"a","alias":"x","is_write_index":true}},{"add":{"indices":["b"],"alias":"x","filter":{"term":{"id":1}},"routing":"r"}}]}`, 200, `{"acknowledged":true}`},
				{"GET", "/_alias/x", "", 200, `{"a":{"aliases":{"x":{"is_write_index":true}}},"b":{"aliases":{"x":{"filter":{"term":{"id":1}},"index_routing":"r","search_routing":"r"}}}}`},
				{"POST", "/x/_doc", `{}`, 201, `{"_index":"a"}`},
				{"PUT", "/b/_alias/x", `{"is_write_index":true}`, 500, `{"error":{"type":"illegal_state_exception","reason":"alias [x] has more than one write index [a,b]"}}`},
				{"POST", "/_aliases", `{"actions":[{"remove":{"index":"a","alias":"x"}},{"add":{"index":"none","alias":"x"}}]}`, 404, ""},
				{"HEAD", "/a/_alias/x", "", 200, ""},
				{"POST", "/_aliases", `{"actions":[{"add":{"index":"b","alias":"x","is_write_index":true}},{"add":{"index":"a","alias":"x"}}]}`, 200, ""},
				{"POST", "/x/_doc", `{}`, 201, `{"_index":"b"}`},
				{"POST", "/_aliases", `{"actions":[{"remove":{"index":"b","alias":"none"}}]}`, 404, `{"error":{"type":"aliases_not_found_exception"}}`},
				{"GET", "/_alias/none", "", 404, `{"error":"alias [none] missing","status":404}`},
				{"PUT", "/a/_alias/y", `{"is_write_index":false}`, 200, ""}, {"POST", "/y/_doc", `{}`, 400, ""},
				{"PUT", "/a/_alias/y", `{"filter":5}`, 400, ""}, {"PUT", "/a/_alias/y", `{"nonsense":5}`, 400, ""},
			},
		},
		"Taken": {
			reason: "Aliases: an index has its name to itself.",
			steps: []step{
				{"PUT", "/a", "", 200, ""}, {"PUT", "/b", "", 200, ""},
				{"PUT", "/a/_alias/b", "", 400, `{"error":{"type":"invalid_alias_name_exception"}}`},
			},
		},
	})
}
