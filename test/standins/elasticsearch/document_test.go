package elasticsearch

import (
	"testing"
	"time"
)

func TestDocuments(t *testing.T) {
	tell(t, map[string]story{
		"Life": {
			reason: "Document APIs: a document is made, changed, read, counted and deleted.",
			steps: []step{
				{"PUT", "/orders", `{"settings":{"number_of_shards":2}}`, 200, ""},
				{"PUT", "/orders/_doc/1", `{"total":1}`, 201, `{"_index":"orders","_id":"1","_version":1,"result":"created","_seq_no":0,"_primary_term":1,"_shards":{"total":2,"successful":1,"failed":0}}`},
				{"PUT", "/orders/_doc/1", `{"total":2}`, 200, `{"_version":2,"result":"updated","_seq_no":1}`},
				{"PUT", "/orders/_doc/1?op_type=create", `{"total":3}`, 409, `{"error":{"type":"version_conflict_engine_exception"}}`},
				{"GET", "/orders/_doc/1", "", 200, `{"found":true,"_version":2,"_source":{"total":2}}`},
				{"POST", "/orders/_doc", `{"total":4}`, 201, ""},
				{"GET", "/orders/_count", "", 200, `{"count":0}`},
				{"GET", "/orders/_refresh", "", 200, `{"_shards":{"total":4,"successful":2,"failed":0}}`},
				{"GET", "/orders/_count", "", 200, `{"count":2,"_shards":{"total":2,"successful":2,"skipped":0,"failed":0}}`},
				{"POST", "/orders/_count", `{"query":{"match_all":{}}}`, 200, `{"count":2}`},
				{"GET", "/orders/_stats/docs", "", 200, `{"_shards":{"total":4,"successful":2,"failed":0},"_all":{"primaries":{"docs":{"count":2}},"total":{"docs":{"count":2}}}}`},
				{"DELETE", "/orders/_doc/1", "", 200, `{"result":"deleted","_version":3}`},
				{"DELETE", "/orders/_doc/1", "", 404, `{"result":"not_found"}`},
				{"GET", "/orders/_doc/1", "", 404, `{"_index":"orders","_id":"1","found":false,"error":null}`},
				{"POST", "/orders/_refresh", "", 200, `{"_shards":{"total":4,"successful":2,"failed":0}}`},
			},
		},
		"Unseen": {
			reason: "Near real-time search: counts and statistics show a change after a refresh, and who gets the document has it at once.",
			steps: []step{
				{"PUT", "/orders", `{"settings":{"refresh_interval":-1}}`, 200, ""},
				{"PUT", "/orders/_doc/1", `{}`, 201, `{"forced_refresh":null}`}, {"GET", "/orders/_doc/1", "", 200, `{"found":true}`},
				{"GET", "/orders/_count", "", 200, `{"count":0}`}, {"GET", "/orders/_stats/docs", "", 200, `{"_all":{"primaries":{"docs":{"count":0}}}}`},
				{"PUT", "/orders/_doc/2?refresh=false", `{}`, 201, ""}, {"GET", "/orders/_count", "", 200, `{"count":0}`},
				{"PUT", "/orders/_doc/3?refresh", `{}`, 201, `{"forced_refresh":true}`}, {"GET", "/orders/_count", "", 200, `{"count":3}`},
				{"DELETE", "/orders/_doc/1", "", 200, `{"forced_refresh":null}`}, {"GET", "/orders/_doc/1", "", 404, ""}, {"GET", "/orders/_count", "", 200, `{"count":3}`},
				{"DELETE", "/orders/_doc/2?refresh=true", "", 200, `{"forced_refresh":true}`}, {"GET", "/orders/_count", "", 200, `{"count":1}`},
				{"PUT", "/orders/_doc/4?refresh=maybe", `{}`, 400, refused("illegal_argument_exception", "Unknown value for refresh: [maybe].")},
			},
		},
		"Reopened": {
			reason: "Open index API: an index that was closed shows all that it holds.",
			steps: []step{
				{"PUT", "/orders/_doc/1", `{}`, 201, ""}, {"POST", "/orders/_close", "", 200, ""}, {"POST", "/orders/_open", "", 200, ""},
				{"GET", "/orders/_count", "", 200, `{"count":1}`},
			},
		},
		"NoSource": {
			reason: "Metadata, _source: where none is kept, a document is there and cannot be read.",
			steps: []step{
				{"PUT", "/orders", `{"mappings":{"_source":{"enabled":false}}}`, 200, ""}, {"PUT", "/orders/_doc/1?refresh", `{"a":1}`, 201, ""},
				{"GET", "/orders/_doc/1", "", 200, `{"found":true,"_source":null}`}, {"GET", "/orders/_count", "", 200, `{"count":1}`},
			},
		},
		"NoIndex": {
			reason: "Index API: an index that is missing is made; one that is missing is not read.",
			steps: []step{
				{"GET", "/orders/_doc/1", "", 404, `{"error":{"type":"index_not_found_exception"}}`},
				{"POST", "/orders/_doc", `{"a":1}`, 201, ""}, {"HEAD", "/orders", "", 200, ""},
				{"POST", "/Orders/_doc", `{"a":1}`, 400, `{"error":{"type":"invalid_index_name_exception"}}`},
			},
		},
		"Closed": {
			reason: "Close index API: a closed index takes and gives no documents.",
			steps: []step{
				{"PUT", "/orders", "", 200, ""}, {"POST", "/orders/_close", "", 200, ""},
				{"POST", "/orders/_doc", `{"a":1}`, 400, `{"error":{"type":"index_closed_exception","reason":"closed","index":"orders"}}`},
				{"GET", "/orders/_count", "", 400, ""}, {"GET", "/orders/_stats/docs", "", 400, ""}, {"POST", "/orders/_open", "", 200, ""}, {"GET", "/orders/_count", "", 200, `{"count":0}`},
			},
		},
		"Alias": {
			reason: "Aliases: one with one index is written through.",
			steps: []step{
				{"PUT", "/a", `{"aliases":{"x":{}}}`, 200, ""}, {"POST", "/x/_doc", `{"n":1}`, 201, `{"_index":"a"}`},
				{"PUT", "/b", `{"aliases":{"x":{}}}`, 200, ""}, {"POST", "/x/_doc", `{"n":1}`, 400, `{"error":{"type":"illegal_argument_exception"}}`},
			},
		},
		"Query": {
			reason: "What the stand-in does not do it says.",
			steps: []step{
				{"PUT", "/a", "", 200, ""},
				{"POST", "/a/_count", `{"query":{"term":{"n":1}}}`, 501, `{"error":{"type":"unsupported_operation_exception"}}`},
			},
		},
	})
}

func TestDynamicMapping(t *testing.T) {
	tell(t, map[string]story{
		"Types": mapped("Dynamic field mapping: a field gets its type from the first value.", `{}`,
			step{"POST", "/orders/_doc", `{"s":"a","i":1,"f":1.5,"b":true,"d":"2026-01-31","l":[[],[2]],"n":null,"e":[],"o":{"x":{"y":1}}}`, 201, ""},
			shows(`{"properties":{"s":{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}},"i":{"type":"long"},"f":{"type":"float"},
				"b":{"type":"boolean"},"d":{"type":"date"},"l":null,"n":null,"e":null,"o":{"properties":{"x":{"properties":{"y":{"type":"long"}}}}}}}`)),
		"Known": mapped("Dynamic field mapping: a field that there is keeps its type.", `{"properties":{"o":{"properties":{"a":{"type":"keyword"}}}}}`,
			step{"POST", "/orders/_doc", `{"o":{"a":"1","b":1}}`, 201, ""},
			shows(`{"properties":{"o":{"properties":{"a":{"type":"keyword"},"b":{"type":"long"}}}}}`)),
		"Strict": mapped("Mapping parameters, dynamic: strict refuses a document with a field that there is none of.", `{"dynamic":"strict","properties":{"a":{"type":"long"}}}`,
			step{"POST", "/orders/_doc", `{"a":1}`, 201, ""},
			step{"POST", "/orders/_doc?refresh", `{"a":2}`, 201, ""},
			step{"POST", "/orders/_doc?refresh", `{"b":1}`, 400, `{"error":{"type":"strict_dynamic_mapping_exception"}}`},
			step{"GET", "/orders/_count", "", 200, `{"count":2}`}),
		"False": mapped("Mapping parameters, dynamic: false leaves new fields out; an object may say otherwise.",
			`{"dynamic":false,"properties":{"o":{"dynamic":true,"properties":{}}}}`,
			step{"POST", "/orders/_doc", `{"b":1,"o":{"c":1}}`, 201, ""},
			shows(`{"properties":{"b":null,"o":{"properties":{"c":{"type":"long"}}}}}`)),
		"NoDates": mapped("Date detection: it can be switched off.", `{"date_detection":false}`,
			step{"POST", "/orders/_doc", `{"d":"2026-01-31"}`, 201, ""}, shows(`{"properties":{"d":{"type":"text"}}}`)),
	})
}

// TestRefreshInterval lets time pass over a change.
func TestRefreshInterval(t *testing.T) {
	cases := map[string]struct {
		reason, interval string
		after            time.Duration
		want             string
	}{
		"Default":    {"Near real-time search: a change shows within a second.", `{}`, time.Second, `{"count":1}`},
		"TooEarly":   {"Before, it does not.", `{}`, time.Second - 1, `{"count":0}`},
		"Long":       {"index.refresh_interval: it can take longer.", `{"refresh_interval":"1h"}`, time.Hour - 1, `{"count":0}`},
		"Longest":    {"And then it shows.", `{"refresh_interval":"1h"}`, time.Hour, `{"count":1}`},
		"Never":      {"index.refresh_interval: it can be switched off.", `{"refresh_interval":"-1"}`, 1000 * time.Hour, `{"count":0}`},
		"SmallUnits": {"Time units: there are parts of a second.", `{"refresh_interval":"5micros"}`, 5 * time.Microsecond, `{"count":1}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			now := march()
			s := New(Options{Username: "u", Password: "p", Now: func() time.Time { return now }})
			expect(t, s, tc.reason, step{"PUT", "/orders", `{"settings":` + tc.interval + `}`, 200, ""}, superuserOf)
			expect(t, s, tc.reason, step{"POST", "/orders/_doc", `{}`, 201, ""}, superuserOf)
			now = now.Add(tc.after)
			expect(t, s, tc.reason, step{"GET", "/orders/_count", "", 200, tc.want}, superuserOf)
		})
	}
}
