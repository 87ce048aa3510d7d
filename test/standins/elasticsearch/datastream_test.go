package elasticsearch

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	eventsTemplate = `{"index_patterns":["events"],"priority":500,"data_stream":{},"_meta":{"owner":"a"},
		"template":{"settings":{"number_of_shards":2,"number_of_replicas":0},"mappings":{"properties":{"id":{"type":"keyword"}}},"lifecycle":{"data_retention":"30d"}}}`
	acknowledgedBody = `{"acknowledged":true}`
)

var eventsMade = []step{{"PUT", "/_index_template/events", eventsTemplate, 200, acknowledgedBody}, {"PUT", "/_data_stream/events", "", 200, acknowledgedBody}}

func after(steps []step, more ...step) []step { return append(append([]step{}, steps...), more...) }

func TestIndexTemplates(t *testing.T) {
	tell(t, map[string]story{
		"Life": {
			reason: "Create, get and delete index template API: a template is shown as it was put, its settings as texts.",
			steps: []step{
				{"GET", "/_index_template/a", "", 404, `{"error":{"type":"resource_not_found_exception","reason":"index template matching [a] not found"}}`},
				{"PUT", "/_index_template/a", `{"index_patterns":"a-*","template":{"settings":{"number_of_shards":2},"mappings":{"dynamic":false}},"priority":7,"_meta":{"x":1}}`, 200, acknowledgedBody},
				{"GET", "/_index_template/a", "", 200, `{"index_templates":[{"name":"a","index_template":{"index_patterns":["a-*"],"priority":7,"_meta":{"x":1},"composed_of":[],
					"template":{"settings":{"index":{"number_of_shards":"2"}},"mappings":{"dynamic":false}},"data_stream":null}}]}`},
				{"GET", "/_index_template/a?flat_settings=true", "", 200, `{"index_templates":[{"index_template":{"template":{"settings":{"index.number_of_shards":"2"}}},"name":"a"}]}`},
				{"PUT", "/_index_template/a?create=true", `{"index_patterns":["b"]}`, 400, refused("illegal_argument_exception", "index template [a] already exists")},
				{"HEAD", "/_index_template/a", "", 200, ""},
				{"DELETE", "/_index_template/a", "", 200, acknowledgedBody}, {"HEAD", "/_index_template/a", "", 404, ""},
				{"DELETE", "/_index_template/a", "", 404, `{"error":{"type":"index_template_missing_exception","reason":"index_template [a] missing"}}`},
			},
		},
		"Followed": {
			reason: "Create index API: an index gets what its template says, and its own on top.",
			steps: []step{
				{"PUT", "/_index_template/low", `{"index_patterns":["a*"],"priority":1,"template":{"settings":{"number_of_shards":5}}}`, 200, ""},
				{"PUT", "/_index_template/high", `{"index_patterns":["a*"],"priority":2,"template":{"settings":{"number_of_shards":2,"refresh_interval":"9s"},
					"mappings":{"properties":{"id":{"type":"keyword"}}},"aliases":{"all":{}}}}`, 200, ""},
				{"PUT", "/a1", `{"settings":{"refresh_interval":"5s"}}`, 200, ""},
				{"GET", "/a1", "", 200, `{"a1":{"aliases":{"all":{}},"settings":{"index":{"number_of_shards":"2","refresh_interval":"5s"}},"mappings":{"properties":{"id":{"type":"keyword"}}}}}`},
			},
		},
		"SamePriority": {
			reason: "Avoid index pattern collisions: two templates of one priority may not match one name.",
			steps: []step{
				{"PUT", "/_index_template/a", `{"index_patterns":["events-*"]}`, 200, ""},
				{"PUT", "/_index_template/b", `{"index_patterns":["*-eu"]}`, 400, refused("illegal_argument_exception",
					"index template [b] has index patterns [*-eu] matching patterns from existing templates [a] with patterns (a => [events-*]) that have the same priority [0], "+
						"multiple index templates may not match during index creation, please use a different priority")},
				{"PUT", "/_index_template/b", `{"index_patterns":["*-eu"],"priority":1}`, 200, ""},
				{"PUT", "/_index_template/c", `{"index_patterns":["logs-*"]}`, 200, ""},
			},
		},
		"Wrong": {
			reason: "Create index template API: what indices would get is checked.",
			steps: []step{
				{"PUT", "/_index_template/a", `{"index_patterns":["a"],"template":{"settings":{"nonsense":1}}}`, 400, `{"error":{"type":"illegal_argument_exception","caused_by":{"type":"illegal_argument_exception"}}}`},
				{"PUT", "/_index_template/a", `{"index_patterns":["a"],"template":{"mappings":{"properties":{"a":{"type":"nonsense"}}}}}`, 400, `{"error":{"type":"illegal_argument_exception","caused_by":{"type":"mapper_parsing_exception"}}}`},
				{"PUT", "/_index_template/a", `{"index_patterns":["a"],"patterns":1}`, 400, `{"error":{"type":"x_content_parse_exception"}}`},
				{"PUT", "/_index_template/a", `{}`, 400, refused("illegal_argument_exception", "Required [index_patterns]")},
				{"PUT", "/_index_template/a", `{"index_patterns":["a"],"composed_of":["x"]}`, 400, `{"error":{"type":"invalid_index_template_exception"}}`},
				{"PUT", "/_index_template/a", `{"index_patterns":["a"],"template":{"lifecycle":{}}}`, 400, `{"error":{"type":"illegal_argument_exception"}}`},
				{"PUT", "/_index_template/a", "", 400, ""},
			},
		},
	})
}

func TestDataStreams(t *testing.T) {
	tell(t, map[string]story{
		"Life": {
			reason: "Data streams: one is made of its template, with a backing index, and goes with it.",
			steps: after(eventsMade,
				step{"GET", "/_data_stream/events", "", 200, `{"data_streams":[{"name":"events","generation":1,"status":"GREEN","template":"events","_meta":{"owner":"a"},
					"timestamp_field":{"name":"@timestamp"},"hidden":false,"next_generation_managed_by":"Data stream lifecycle","ilm_policy":null,
					"lifecycle":{"enabled":true,"data_retention":"30d","effective_retention":"30d","retention_determined_by":"data_stream_configuration"}}]}`},
				step{"GET", "/events/_settings", "", 200, `{".ds-events-2026.03.04-000001":{"settings":{"index":{"number_of_shards":"2","hidden":"true"}}}}`},
				step{"GET", "/events/_mapping", "", 200, `{".ds-events-2026.03.04-000001":{"mappings":{"_data_stream_timestamp":{"enabled":true},
					"properties":{"@timestamp":{"type":"date"},"id":{"type":"keyword"}}}}}`},
				step{"GET", "/.ds-events-2026.03.04-000001", "", 200, `{".ds-events-2026.03.04-000001":{"data_stream":"events"}}`},
				step{"PUT", "/_data_stream/events", "", 400, refused("resource_already_exists_exception", "data_stream [events] already exists")},
				step{"DELETE", "/_index_template/events", "", 400, refused("illegal_argument_exception", "unable to remove composable templates [events] as they are in use by a data streams [events]")},
				step{"DELETE", "/events", "", 404, `{"error":{"type":"index_not_found_exception"}}`},
				step{"DELETE", "/.ds-events-2026.03.04-000001", "", 400,
					refused("illegal_argument_exception", "index [.ds-events-2026.03.04-000001] is the write index for data stream [events] and cannot be deleted")},
				step{"DELETE", "/_data_stream/events", "", 200, acknowledgedBody},
				step{"GET", "/_data_stream/events", "", 404, `{"error":{"type":"index_not_found_exception","reason":"no such index [events]"}}`},
				step{"GET", "/.ds-events-2026.03.04-000001", "", 404, ""},
				step{"DELETE", "/_index_template/events", "", 200, acknowledgedBody},
			),
		},
		"NoTemplate": {
			reason: "Create data stream API: a matching template for data streams is needed.",
			steps: []step{
				{"PUT", "/_data_stream/events", "", 400, refused("illegal_argument_exception", "no matching index template found for data stream [events]")},
				{"PUT", "/_index_template/plain", `{"index_patterns":["events"]}`, 200, ""},
				{"PUT", "/_data_stream/events", "", 400, refused("illegal_argument_exception", "matching index template [plain] for data stream [events] has no data stream template")},
				{"PUT", "/_data_stream/.ds-x", "", 400, ""}, {"PUT", "/_data_stream/Events", "", 400, ""},
			},
		},
		"NamesAreShared": {
			reason: "Data streams, indices and aliases share one space of names.",
			steps: []step{
				{"PUT", "/events", `{"aliases":{"logs":{}}}`, 200, ""},
				{"PUT", "/_index_template/events", `{"index_patterns":["events","logs","new"],"data_stream":{}}`, 200, ""},
				{"PUT", "/_data_stream/events", "", 500, `{"error":{"type":"illegal_state_exception"}}`},
				{"PUT", "/_data_stream/logs", "", 400, ""},
				{"PUT", "/new", "", 400, refused("illegal_argument_exception", "cannot create index with name [new], because it matches with template [events] that creates data streams only, use create data stream api instead")},
				{"PUT", "/_data_stream/new", "", 200, ""}, {"PUT", "/events/_alias/new", "", 400, `{"error":{"type":"invalid_alias_name_exception"}}`},
			},
		},
		"KeptFromLosingItsTemplate": {
			reason: "Create index template API: no template takes a data stream out of its own.",
			steps: after(eventsMade,
				step{"PUT", "/_index_template/rival", `{"index_patterns":["ev*"],"priority":900}`, 400, refused("illegal_argument_exception",
					"composable template [rival] with index patterns [ev*], priority [900] and no data stream configuration would cause data streams [events] to no longer match a data stream template")},
				step{"PUT", "/_index_template/events", `{"index_patterns":["other"],"data_stream":{}}`, 400, ""},
				step{"PUT", "/_index_template/rival", `{"index_patterns":["ev*"],"priority":900,"data_stream":{}}`, 200, ""},
				step{"GET", "/_data_stream/events", "", 200, `{"data_streams":[{"template":"rival","_meta":{"owner":"a"},"name":"events"}]}`},
				step{"DELETE", "/_index_template/events", "", 200, ""},
			),
		},
		"Rollover": {
			reason: "Rollover API: the next backing index is what the template says now; _meta and lifecycle of the stream stay.",
			steps: after(eventsMade,
				step{"PUT", "/_index_template/events", `{"index_patterns":["events"],"priority":500,"data_stream":{},"_meta":{"owner":"b"},"template":{"settings":{"number_of_shards":3},"lifecycle":{"data_retention":"1d"}}}`, 200, ""},
				step{"POST", "/events/_rollover?dry_run=true", "", 200, `{"rolled_over":false,"dry_run":true,"new_index":".ds-events-2026.03.04-000002"}`},
				step{"POST", "/events/_rollover", "", 200, `{"acknowledged":true,"rolled_over":true,"old_index":".ds-events-2026.03.04-000001","new_index":".ds-events-2026.03.04-000002"}`},
				step{"GET", "/_data_stream/events", "", 200, `{"data_streams":[{"name":"events","generation":2,"_meta":{"owner":"a"},"lifecycle":{"data_retention":"30d"}}]}`},
				step{"GET", "/events/_settings", "", 200, `{".ds-events-2026.03.04-000001":{"settings":{"index":{"number_of_shards":"2"}}},".ds-events-2026.03.04-000002":{"settings":{"index":{"number_of_shards":"3"}}}}`},
				step{"DELETE", "/.ds-events-2026.03.04-000001", "", 200, ""},
				step{"GET", "/_data_stream/events", "", 200, `{"data_streams":[{"name":"events","indices":[{"index_name":".ds-events-2026.03.04-000002"}]}]}`},
				step{"POST", "/none/_rollover", "", 404, ""},
			),
		},
		"ChangesReachAll": {
			reason: "Change mappings and settings of a data stream: all backing indices, or the write index alone.",
			steps: after(eventsMade,
				step{"POST", "/events/_rollover", "", 200, ""},
				step{"PUT", "/events/_settings", `{"refresh_interval":"9s"}`, 200, ""},
				step{"PUT", "/events/_mapping", `{"properties":{"all":{"type":"long"}}}`, 200, ""},
				step{"PUT", "/events/_mapping?write_index_only=true", `{"properties":{"newest":{"type":"long"}}}`, 200, ""},
				step{"GET", "/events", "", 200, `{".ds-events-2026.03.04-000001":{"settings":{"index":{"refresh_interval":"9s"}},"mappings":{"properties":{"all":{"type":"long"},"newest":null}}},
					".ds-events-2026.03.04-000002":{"settings":{"index":{"refresh_interval":"9s"}},"mappings":{"properties":{"all":{"type":"long"},"newest":{"type":"long"}}}}}`},
				step{"PUT", "/events/_settings", `{"number_of_shards":9}`, 400, ""},
				step{"PUT", "/.ds-events-2026.03.04-000001/_alias/x", "", 400, `{"error":{"type":"illegal_argument_exception"}}`},
			),
		},
		"Documents": {
			reason: "Use a data stream: it is appended to, and every document has its time.",
			steps: after(eventsMade,
				step{"POST", "/events/_doc", `{"@timestamp":"2026-01-01"}`, 201, `{"_index":".ds-events-2026.03.04-000001"}`},
				step{"PUT", "/events/_create/1?refresh", `{"@timestamp":"2026-01-01"}`, 201, ""}, step{"PUT", "/events/_create/1", `{"@timestamp":"2026-01-01"}`, 409, ""},
				step{"PUT", "/events/_doc/1", `{"@timestamp":"2026-01-01"}`, 400, refused("illegal_argument_exception", "only write ops with an op_type of create are allowed in data streams")},
				step{"POST", "/events/_doc", `{}`, 400, `{"error":{"type":"document_parsing_exception","caused_by":{"reason":"data stream timestamp field [@timestamp] is missing"}}}`},
				step{"GET", "/events/_count", "", 200, `{"count":2}`},
			),
		},
		"MadeByADocument": {
			reason: "Use a data stream: the first document makes one where a template matches.",
			steps: []step{
				eventsMade[0],
				{"PUT", "/events/_doc/1", `{"@timestamp":"2026-01-01"}`, 400, ""},
				{"POST", "/events/_doc", `{"@timestamp":"2026-01-01"}`, 201, ""},
				{"GET", "/_data_stream/*", "", 200, `{"data_streams":[{"name":"events","_meta":{"owner":"a"}}]}`},
			},
		},
		"Lifecycle": {
			reason: "Data stream lifecycle APIs: retention is the stream's own, whatever its template says later.",
			steps: after(eventsMade,
				step{"PUT", "/_data_stream/events/_lifecycle", `{"data_retention":"7d"}`, 200, acknowledgedBody},
				step{"GET", "/_data_stream/events/_lifecycle", "", 200, `{"data_streams":[{"name":"events","lifecycle":{"enabled":true,"data_retention":"7d","effective_retention":"7d"}}]}`},
				step{"PUT", "/_data_stream/events/_lifecycle", `{"data_retention":"soon"}`, 400, ""}, step{"PUT", "/_data_stream/events/_lifecycle", `{"keep":"7d"}`, 400, ""},
				step{"PUT", "/_data_stream/none/_lifecycle", `{"data_retention":"7d"}`, 404, ""},
				step{"DELETE", "/_data_stream/events/_lifecycle", "", 200, ""},
				step{"GET", "/_data_stream/events", "", 200, `{"data_streams":[{"name":"events","lifecycle":null,"next_generation_managed_by":"Unmanaged"}]}`},
			),
		},
		"Policy": {
			reason: "Manage a data stream: the policy that its template's settings name goes before its lifecycle.",
			steps: []step{
				{"PUT", "/_index_template/e", `{"index_patterns":["e"],"data_stream":{},"template":{"settings":{"lifecycle.name":"hot"},"lifecycle":{}}}`, 200, ""}, {"PUT", "/_data_stream/e", "", 200, ""},
				{"GET", "/_data_stream/e", "", 200, `{"data_streams":[{"name":"e","ilm_policy":"hot","next_generation_managed_by":"Index Lifecycle Management"}]}`},
			},
		},
	})
}

// TestPolicyUsers holds that whoever deletes a lifecycle policy is told who uses it.
func TestPolicyUsers(t *testing.T) {
	s := New(Options{Username: "u", Password: "p", Now: march})
	for _, st := range []step{
		{"PUT", "/_index_template/e", `{"index_patterns":["e"],"data_stream":{},"template":{"settings":{"lifecycle.name":"hot"}}}`, 200, ""},
		{"PUT", "/_data_stream/e", "", 200, ""}, {"PUT", "/a", `{"settings":{"index.lifecycle.name":"hot"}}`, 200, ""}, {"PUT", "/b", "", 200, ""},
	} {
		expect(t, s, "The world is set up.", st, superuserOf)
	}
	indices, streams, templates := s.policyUsers("hot")
	want := [][]string{{".ds-e-2026.03.04-000001", "a"}, {"e"}, {"e"}}
	if diff := cmp.Diff(want, [][]string{indices, streams, templates}); diff != "" {
		t.Errorf("\nEvery user of a policy is named, and nobody else.\npolicyUsers(...): -want, +got:\n%s", diff)
	}
}

func march() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }

func TestMeet(t *testing.T) {
	cases := map[string]struct {
		reason, a, b string
		want         bool
	}{
		"Same":     {"A name fits itself.", "a", "a", true},
		"Prefix":   {"A wildcard fits a name.", "a*", "abc", true},
		"Crossing": {"Two wildcards may share a name.", "a*", "*b", true},
		"Apart":    {"Two prefixes share none.", "a*", "b*", false},
		"Middle":   {"Wildcards in the middle are followed.", "a*c", "ab*", true},
		"Longer":   {"A name is not part of another.", "ab", "abc", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := meet(tc.a, tc.b); got != tc.want || meet(tc.b, tc.a) != tc.want {
				t.Errorf("\n%s\nmeet(%q, %q): want %v", tc.reason, tc.a, tc.b, tc.want)
			}
		})
	}
}
