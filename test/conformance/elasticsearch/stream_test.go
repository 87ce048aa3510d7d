package elasticsearch

import (
	"testing"
	"time"

	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// TestLifeOfADataStream takes a data stream and its template through every call that
// the stand-in serves for them, with each release against the version that it is for.
func TestLifeOfADataStream(t *testing.T) {
	const acknowledged = `{"acknowledged":true}`
	steps := []struct {
		reason string
		step
	}{
		{"Without a template there is no data stream.", step{call: "CreateStream", name: "events", failure: failure{
			Status: 400, Type: "illegal_argument_exception", Reason: "no matching index template found for data stream [events]", Causes: 1}}},
		{"A template is put.", step{call: "PutTemplate", name: "events", want: acknowledged, body: `{"index_patterns":["events"],"priority":500,"data_stream":{},
			"_meta":{"owner":"a"},"template":{"settings":{"number_of_shards":2,"number_of_replicas":0},"mappings":{"properties":{"id":{"type":"keyword"}}},"lifecycle":{"data_retention":"30d"}}}`}},
		{"The library reads it.", step{call: "GetTemplate", name: "events", want: `{"index_templates":[{"name":"events","index_template":{"index_patterns":["events"],
			"composed_of":[],"priority":500,"_meta":{"owner":"a"},"data_stream":{"hidden":false,"allow_custom_routing":false},
			"template":{"settings":{"index":{"number_of_shards":"2","number_of_replicas":"0"}},"mappings":{"properties":{"id":{"type":"keyword"}}},"lifecycle":{"data_retention":"30d","enabled":true}}}}]}`}},
		{"A data stream is made of it.", step{call: "CreateStream", name: "events", want: acknowledged}},
		{"The library reads it.", step{call: "GetStream", name: "events", want: `{"data_streams":[{"name":"events","generation":1,"status":"green","template":"events",
			"_meta":{"owner":"a"},"timestamp_field":{"name":"@timestamp"},"next_generation_managed_by":"Data stream lifecycle"}]}`}},
		{"An index cannot take the name.", step{call: "Create", name: "events", body: `{}`, failure: failure{Status: 400, Type: "illegal_argument_exception", Causes: 1,
			Reason: "cannot create index with name [events], because it matches with template [events] that creates data streams only, use create data stream api instead"}}},
		{"Retention is the stream's own.", step{call: "PutLifecycle", name: "events", body: `{"data_retention":"7d"}`, want: acknowledged}},
		{"The library reads it.", step{call: "GetLifecycle", name: "events", want: `{"data_streams":[{"name":"events","lifecycle":{"data_retention":"7d"}}]}`}},
		{"A rollover gives it another index.", step{call: "Rollover", name: "events",
			want: `{"rolled_over":true,"old_index":".ds-events-2026.03.04-000001","new_index":".ds-events-2026.03.04-000002"}`}},
		{"Settings reach all its indices.", step{call: "PutSettings", name: "events", body: `{"refresh_interval":"9s"}`, want: acknowledged}},
		{"So the oldest has them.", step{call: "GetSettings", name: "events", want: `{".ds-events-2026.03.04-000001":{"settings":{"index":{"refresh_interval":"9s"}}}}`}},
		{"Its template is in use.", step{call: "DeleteTemplate", name: "events", failure: failure{Status: 400, Type: "illegal_argument_exception", Causes: 1,
			Reason: "unable to remove composable templates [events] as they are in use by a data streams [events]"}}},
		{"The stream is deleted.", step{call: "DeleteStream", name: "events", want: acknowledged}},
		{"And gone.", step{call: "GetStream", name: "events", failure: failure{Status: 404, Type: "index_not_found_exception", Reason: "no such index [events]", Causes: 1}}},
		{"Then its template can go.", step{call: "DeleteTemplate", name: "events", want: acknowledged}},
		{"And is gone.", step{call: "GetTemplate", name: "events", failure: failure{Status: 404, Type: "resource_not_found_exception",
			Reason: "index template matching [events] not found", Causes: 1}}},
	}
	for name, r := range releases {
		t.Run(name, func(t *testing.T) {
			o := options(r.version)
			o.Now = func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }
			es := r.connect(t, serve(t, standin.New(o)))
			for _, st := range steps {
				r.take(t, es, st.reason, st.step)
			}
		})
	}
}

// TestAliases changes aliases all at once.
func TestAliases(t *testing.T) {
	steps := []struct {
		reason string
		step
	}{
		{"There are two indices.", step{call: "Create", name: "a", body: `{}`, want: `{}`}},
		{"There are two indices.", step{call: "Create", name: "b", body: `{}`, want: `{}`}},
		{"One alias leads to both, and one is written to.", step{call: "UpdateAliases", want: `{"acknowledged":true}`,
			body: `{"actions":[{"add":{"index":"a","alias":"x","is_write_index":true}},{"add":{"index":"b","alias":"x","filter":{"term":{"id":"1"}}}}]}`}},
		{"The library reads it.", step{call: "GetAlias", name: "x", want: `{"a":{"aliases":{"x":{"is_write_index":true}}}}`}},
		{"Two are not written to.", step{call: "UpdateAliases", body: `{"actions":[{"add":{"index":"b","alias":"x","is_write_index":true}}]}`, failure: failure{
			Status: 500, Type: "illegal_state_exception", Reason: "alias [x] has more than one write index [a,b]", Causes: 1}}},
	}
	for name, r := range releases {
		t.Run(name, func(t *testing.T) {
			es := r.connect(t, serve(t, standin.New(options(r.version))))
			for _, st := range steps {
				r.take(t, es, st.reason, st.step)
			}
		})
	}
}
