package elasticsearch

import "testing"

func TestPutSettings(t *testing.T) {
	made := step{"PUT", "/orders", `{"settings":{"refresh_interval":"5s"}}`, 200, ""}
	const seen = "/orders/_settings?flat_settings=true"
	tell(t, map[string]story{
		"Forms": {
			reason: "Update index settings API, request body: flat, nested, with or without index. and settings around it.",
			steps: []step{
				made,
				{"PUT", "/orders/_settings", `{"number_of_replicas":0}`, 200, `{"acknowledged":true}`},
				{"GET", seen, "", 200, `{"orders":{"settings":{"index.number_of_replicas":"0","index.refresh_interval":"5s"}}}`},
				{"PUT", "/orders/_settings", `{"settings":{"index":{"max_result_window":20000,"blocks":{"write":true}}}}`, 200, ""},
				{"GET", seen, "", 200, `{"orders":{"settings":{"index.max_result_window":"20000","index.blocks.write":"true","index.number_of_replicas":"0"}}}`},
			},
		},
		"Lists": {
			reason: "Get index settings API: a list stays a list, of texts.",
			steps: []step{
				made, {"PUT", "/orders/_settings", `{"index.query.default_field":["a",1]}`, 200, ""},
				{"GET", seen, "", 200, `{"orders":{"settings":{"index.query.default_field":["a","1"]}}}`},
			},
		},
		"Reset": {
			reason: "Update index settings API: null brings a setting back to its default; replicas always have a value.",
			steps: []step{
				made, {"PUT", "/orders/_settings", `{"index.number_of_replicas":3}`, 200, ""},
				{"PUT", "/orders/_settings", `{"index.refresh_interval":null,"index.number_of_replicas":null}`, 200, ""},
				{"GET", seen, "", 200, `{"orders":{"settings":{"index.refresh_interval":null,"index.number_of_replicas":"1"}}}`},
				{"GET", "/orders/_settings?include_defaults=true&flat_settings=true", "", 200,
					`{"orders":{"settings":{"index.refresh_interval":null},"defaults":{"index.refresh_interval":"1s","index.number_of_replicas":null}}}`},
			},
		},
		"PreserveExisting": {
			reason: "Update index settings API, preserve_existing: what has a value keeps it.",
			steps: []step{
				made, {"PUT", "/orders/_settings?preserve_existing=true", `{"refresh_interval":"9s","max_result_window":9}`, 200, ""},
				{"GET", seen, "", 200, `{"orders":{"settings":{"index.refresh_interval":"5s","index.max_result_window":"9"}}}`},
			},
		},
		"Filter": {
			reason: "Get index settings API, path parameters: names of settings, with wildcards.",
			steps: []step{made, {"GET", "/orders/_settings/index.number_*?flat_settings=true", "", 200,
				`{"orders":{"settings":{"index.number_of_replicas":"1","index.number_of_shards":"1","index.refresh_interval":null}}}`}},
		},
		"AutoExpand": {
			reason: "Index settings, auto_expand_replicas: one node has no room for a copy.",
			steps: []step{
				made, {"PUT", "/orders/_settings", `{"auto_expand_replicas":"0-1"}`, 200, ""},
				{"GET", seen, "", 200, `{"orders":{"settings":{"index.number_of_replicas":"0"}}}`},
			},
		},
		"Missing": {
			reason: "Update index settings API: an index that is missing cannot change.",
			steps:  []step{{"PUT", "/none/_settings", `{"refresh_interval":"1s"}`, 404, `{"error":{"type":"index_not_found_exception"}}`}},
		},
		"Nothing": {
			reason: "Update index settings API: a change of nothing is a mistake.",
			steps:  []step{made, {"PUT", "/orders/_settings", `{}`, 400, ""}, {"PUT", "/orders/_settings", "", 400, ""}},
		},
	})
}

func TestFixedSettings(t *testing.T) {
	s := New(Options{Username: "u", Password: "p"})
	reason := "Index settings: static ones are for closed indices and new ones, and some for new ones alone. All are named at once."
	expect(t, s, reason, step{"PUT", "/orders", `{"settings":{"codec":"default","analysis":{"analyzer":{"a":{"type":"standard"}}}}}`, 200, ""}, superuserOf)
	index := "[orders/" + s.State().Indices["orders"].Settings["index.uuid"].(string) + "]"
	for _, st := range []step{
		{"PUT", "/orders/_settings", `{"index.number_of_shards":1,"codec":"best_compression","refresh_interval":"1s"}`, 400, refused("illegal_argument_exception",
			"Can't update non dynamic settings [[index.codec, index.number_of_shards]] for open indices ["+index+"]")},
		{"GET", "/orders/_settings?flat_settings=true", "", 200, `{"orders":{"settings":{"index.codec":"default","index.refresh_interval":null}}}`},
		{"PUT", "/orders/_settings?reopen=true", `{"codec":"best_compression"}`, 200, ""},
		{"GET", "/orders/_settings?flat_settings=true", "", 200, `{"orders":{"settings":{"index.codec":"best_compression"}}}`},
		{"POST", "/orders/_close", "", 200, `{"acknowledged":true,"indices":{"orders":{"closed":true}}}`},
		{"PUT", "/orders/_settings", `{"codec":"default"}`, 200, ""},
		{"PUT", "/orders/_settings", `{"number_of_shards":2}`, 400, refused("illegal_argument_exception", "final orders setting [index.number_of_shards], not updateable")},
		{"POST", "/orders/_open", "", 200, ""},
		{"PUT", "/orders/_settings", `{"codec":"best_compression"}`, 400, ""},
		{"POST", "/*/_close", "", 400, ""},
	} {
		expect(t, s, reason, st, superuserOf)
	}
}

func TestWrongSettings(t *testing.T) {
	const unknown = "unknown setting [index.nonsense] please check that any required plugins are installed, or check the breaking changes documentation for removed settings"
	cases := map[string]struct{ reason, setting, creating, changing string }{
		"Unknown": {"an index has no such setting", `"nonsense":1`, unknown, unknown},
		"Private": {
			"Elasticsearch's own are its own", `"uuid":"x"`,
			"Validation Failed: 1: private index setting [index.uuid] can not be set explicitly;",
			"can not update private setting [index.uuid]; this setting is managed by Elasticsearch",
		},
		"NoNumber": {
			"a number is one", `"number_of_replicas":"many"`,
			"Failed to parse value [many] for setting [index.number_of_replicas]", "Failed to parse value [many] for setting [index.number_of_replicas]",
		},
		"TooSmall": {
			"a number has a minimum", `"number_of_replicas":-1`,
			"Failed to parse value [-1] for setting [index.number_of_replicas] must be >= 0", "Failed to parse value [-1] for setting [index.number_of_replicas] must be >= 0",
		},
		"TooLarge": {
			"a number may have a maximum", `"number_of_shards":2000`,
			"Failed to parse value [2000] for setting [index.number_of_shards] must be <= 1024", "Failed to parse value [2000] for setting [index.number_of_shards] must be <= 1024",
		},
		"NoBoolean": {
			"a boolean is one", `"hidden":"yes"`,
			"Failed to parse value [yes] as only [true] or [false] are allowed.", "Failed to parse value [yes] as only [true] or [false] are allowed.",
		},
		"NoUnit": {
			"a time has a unit", `"refresh_interval":"30"`,
			"Failed to parse value [30] for setting [index.refresh_interval] as a time value: unit is missing or unrecognized",
			"Failed to parse value [30] for setting [index.refresh_interval] as a time value: unit is missing or unrecognized",
		},
	}
	for name, tc := range cases {
		kind := "illegal_argument_exception"
		if name == "Private" {
			kind = "validation_exception"
		}
		tell(t, map[string]story{name: {
			reason: "Index settings: " + tc.reason + ", and a wrong one changes nothing.",
			steps: []step{
				{"PUT", "/orders", `{"settings":{` + tc.setting + `}}`, 400, refused(kind, tc.creating)},
				{"PUT", "/orders", "", 200, ""},
				{"PUT", "/orders/_settings", `{"max_result_window":1,` + tc.setting + `}`, 400, refused("illegal_argument_exception", tc.changing)},
				{"GET", "/orders/_settings?flat_settings=true", "", 200, `{"orders":{"settings":{"index.max_result_window":null}}}`},
			},
		}})
	}
}

func TestBlocks(t *testing.T) {
	made := step{"PUT", "/orders", "", 200, ""}
	document := step{"POST", "/orders/_doc", `{"a":1}`, 201, ""}
	refusedBy := func(st step, status int, words string) step {
		st.status, st.want = status, refused("cluster_block_exception", "index [orders] blocked by: ["+words+"];")
		return st
	}
	mapping := step{"PUT", "/orders/_mapping", `{"_meta":{}}`, 200, ""}
	setting := step{"PUT", "/orders/_settings", `{"refresh_interval":"1s"}`, 200, ""}
	dropped := step{"DELETE", "/orders", "", 200, ""}
	block := func(name string) step {
		return step{"PUT", "/orders/_settings", `{"index.blocks.` + name + `":true}`, 200, ""}
	}
	const flood = "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block"
	const locked = "FORBIDDEN/5/index read-only (api)"
	tell(t, map[string]story{
		"Flood": {
			reason: "Fix watermark errors: a full disk refuses writes with status 429 and lets an index be deleted.",
			steps:  []step{made, block("read_only_allow_delete"), refusedBy(document, 429, flood), refusedBy(mapping, 429, flood), refusedBy(setting, 429, flood), dropped},
		},
		"Lifted": {
			reason: "Index blocks: a block can always be lifted.",
			steps: []step{
				made, block("read_only"), refusedBy(mapping, 403, locked), refusedBy(dropped, 403, locked),
				{"PUT", "/orders/_settings", `{"index.blocks.read_only":null}`, 200, ""}, document, mapping, dropped,
			},
		},
		"Write": {
			reason: "Index blocks, index.blocks.write: documents are refused, changes of the index are not.",
			steps:  []step{made, block("write"), refusedBy(document, 403, "FORBIDDEN/8/index write (api)"), mapping, setting},
		},
	})
}
