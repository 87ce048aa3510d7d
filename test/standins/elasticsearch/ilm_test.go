package elasticsearch

import (
	"testing"
	"time"
)

func TestLifecyclePolicies(t *testing.T) {
	tell(t, map[string]story{
		"Life": {
			reason: "Create or update lifecycle policy API: replaced as a whole, with a version; defaults are filled in.",
			steps: []step{
				{"GET", "/_ilm/policy/p", "", 404, refused("resource_not_found_exception", "Lifecycle policy not found: p")},
				{"PUT", "/_ilm/policy/p", `{"policy":{"_meta":{"m":1},"phases":{"hot":{"actions":{"rollover":{"max_age":"30d"}}},"delete":{"min_age":"90d","actions":{"delete":{}}}}}}`, 200, `{"acknowledged":true}`},
				{"GET", "/_ilm/policy/p", "", 200, `{"p":{"version":1,"policy":{"_meta":{"m":1},"phases":{"hot":{"min_age":"0ms","actions":{"rollover":{"max_age":"30d"}}},
					"delete":{"min_age":"90d","actions":{"delete":{"delete_searchable_snapshot":true}}}}},"in_use_by":{"indices":[],"data_streams":[],"composable_templates":[]}}}`},
				{"PUT", "/_ilm/policy/p", `{"policy":{"phases":{}}}`, 200, ""},
				{"GET", "/_ilm/policy", "", 200, `{"p":{"version":2,"policy":{"phases":{},"_meta":null}}}`},
				{"DELETE", "/_ilm/policy/p", "", 200, `{"acknowledged":true}`},
				{"DELETE", "/_ilm/policy/p", "", 404, refused("resource_not_found_exception", "Lifecycle policy not found: p")},
			},
		},
		"InUse": {
			reason: "Delete lifecycle policy API: a policy that indices follow cannot be deleted.",
			steps: []step{
				{"PUT", "/_ilm/policy/p", `{"policy":{"phases":{}}}`, 200, ""},
				{"PUT", "/logs", `{"settings":{"index.lifecycle.name":"p"}}`, 200, ""},
				{"GET", "/_ilm/policy/p", "", 200, `{"p":{"in_use_by":{"indices":["logs"]}}}`},
				{"DELETE", "/_ilm/policy/p", "", 400, refused("illegal_argument_exception", "Cannot delete policy [p]. It is in use by one or more indices: [logs]")},
				{"DELETE", "/logs", "", 200, ""},
				{"DELETE", "/_ilm/policy/p", "", 200, ""},
			},
		},
		"Wrong": {
			reason: "Index lifecycle actions: each phase takes its own.",
			steps: []step{
				{"PUT", "/_ilm/policy/p", `{"policy":{"phases":{"cold":{"actions":{"rollover":{"max_age":"1d"}}}}}}`, 400, refused("illegal_argument_exception", "invalid action [rollover] defined in phase [cold]")},
				{"PUT", "/_ilm/policy/p", `{"policy":{"phases":{"hot":{"actions":{"rollover":{}}}}}}`, 400, ""},
				{"PUT", "/_ilm/policy/p", `{"policy":{"phases":{"tepid":{"actions":{}}}}}`, 400, refused("illegal_argument_exception", "Timeseries lifecycle does not support phase [tepid]")},
				{"PUT", "/_ilm/policy/p", `{"policy":{"phases":{"frozen":{"actions":{}}}}}`, 400, ""},
				{"PUT", "/_ilm/policy/p", `{"phases":{}}`, 400, `{"error":{"type":"parse_exception"}}`},
				{"PUT", "/_ilm/policy/_p", `{"policy":{"phases":{}}}`, 400, ""},
				{"GET", "/_ilm/policy/p", "", 404, ""},
			},
		},
	})
}

func TestFollowers(t *testing.T) {
	s := New(Options{Username: "u", Password: "p", Now: func() time.Time { return time.Unix(0, 0) }})
	reason := "Get lifecycle policy API: in_use_by names what follows a policy."
	expect(t, s, reason, step{"PUT", "/_ilm/policy/p", `{"policy":{"phases":{}}}`, 200, ""}, superuserOf)
	expect(t, s, reason, step{"PUT", "/_index_template/logs-template", `{"index_patterns":["logs"],"data_stream":{},"template":{"settings":{"index.lifecycle.name":"p"}}}`, 200, ""}, superuserOf)
	expect(t, s, reason, step{"PUT", "/_data_stream/logs", "", 200, ""}, superuserOf)
	expect(t, s, reason, step{"GET", "/_ilm/policy/p", "", 200, `{"p":{"modified_date":"1970-01-01T00:00:00.000Z","in_use_by":{"data_streams":["logs"],"composable_templates":["logs-template"]}}}`}, superuserOf)
	expect(t, s, reason, step{"DELETE", "/_ilm/policy/p", "", 400, ""}, superuserOf)
}
