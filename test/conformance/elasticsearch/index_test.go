package elasticsearch

import (
	"testing"

	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// TestLifeOfAnIndex takes an index through every call that the stand-in serves for
// one, with each release against the version that it is for.
func TestLifeOfAnIndex(t *testing.T) {
	const acknowledged = `{"acknowledged":true}`
	steps := []struct {
		reason string
		step
	}{
		{"There is no index yet.", step{call: "Exists", name: "orders", want: `false`}},
		{"An index is made from settings, nested or not, mappings and aliases.", step{
			call: "Create", name: "orders",
			body: `{"settings":{"number_of_shards":2,"index":{"number_of_replicas":0,"refresh_interval":"5s"}},
				"mappings":{"dynamic":false,"_meta":{"owner":"a"},"properties":{"id":{"type":"keyword"},"at":{"type":"date"}}},"aliases":{"all":{}}}`,
			want: `{"acknowledged":true,"shards_acknowledged":true,"index":"orders"}`,
		}},
		{"Now there is one.", step{call: "Exists", name: "orders", want: `true`}},
		{"The library reads what it wrote.", step{call: "Get", name: "orders", want: `{"orders":{
			"aliases":{"all":{}},
			"mappings":{"dynamic":"false","_meta":{"owner":"a"},"properties":{"id":{"type":"keyword"},"at":{"type":"date"}}},
			"settings":{"index":{"number_of_shards":"2","number_of_replicas":"0","refresh_interval":"5s","provided_name":"orders"}}}}`}},
		{"An alias leads to its index.", step{call: "Get", name: "all", want: `{"orders":{"aliases":{"all":{}}}}`}},
		{"Another alias is added.", step{call: "PutAlias", name: "orders", body: `{}`, want: acknowledged}},
		{"It leads to the index as well.", step{call: "Get", name: "current", want: `{"orders":{"aliases":{"all":{},"current":{}}}}`}},
		{"Dynamic settings change, others stay.", step{call: "PutSettings", name: "orders", body: `{"index":{"refresh_interval":"30s"}}`, want: acknowledged}},
		{"The library reads the change.", step{call: "GetSettings", name: "orders", want: `{"orders":{"settings":{"index":{"refresh_interval":"30s","number_of_shards":"2"}}}}`}},
		{"A null resets a setting.", step{call: "PutSettings", name: "orders", body: `{"index":{"number_of_replicas":null}}`, want: acknowledged}},
		{"It has its default again.", step{call: "GetSettings", name: "orders", want: `{"orders":{"settings":{"index":{"number_of_replicas":"1"}}}}`}},
		{"Fields are added, and _meta is replaced as a whole.", step{
			call: "PutMapping", name: "orders", body: `{"_meta":{"tenant":"b"},"properties":{"total":{"type":"long"}}}`, want: acknowledged,
		}},
		{"Fields of before stay.", step{call: "GetMapping", name: "orders", want: `{"orders":{"mappings":{
			"_meta":{"tenant":"b"},"properties":{"id":{"type":"keyword"},"at":{"type":"date"},"total":{"type":"long"}}}}}`}},
		{"One node holds no replica of its own shards.", step{call: "Health", name: "orders", want: `{"status":"yellow","timed_out":false,
			"number_of_data_nodes":1,"active_primary_shards":2,"unassigned_shards":2,"indices":{"orders":{"status":"yellow","number_of_shards":2}}}`}},
		{"Without replicas nothing is missing.", step{call: "PutSettings", name: "orders", body: `{"number_of_replicas":0}`, want: acknowledged}},
		{"Then the index is green.", step{call: "Health", name: "orders", want: `{"status":"green","unassigned_shards":0,"indices":{"orders":{"status":"green"}}}`}},
		{"It is not refreshed by itself.", step{call: "PutSettings", name: "orders", body: `{"index":{"refresh_interval":"-1"}}`, want: acknowledged}},
		{"A document is kept.", step{call: "Index", name: "orders", body: `{"id":"1"}`, want: `{"_index":"orders","result":"created","_version":1}`}},
		{"Searches do not show it, nor counts,", step{call: "Count", name: "orders", want: `{"count":0}`}},
		{"nor statistics.", step{call: "Stats", name: "orders", want: `{"_all":{"primaries":{"docs":{"count":0}}}}`}},
		{"It is made to show.", step{call: "Refresh", name: "orders", want: `{"_shards":{"total":2,"successful":2,"failed":0}}`}},
		{"Then it is counted.", step{call: "Count", name: "orders", want: `{"count":1,"_shards":{"total":2,"successful":2,"failed":0}}`}},
		{"Statistics count it without a look at it.", step{call: "Stats", name: "orders",
			want: `{"_all":{"primaries":{"docs":{"count":1}},"total":{"docs":{"count":1}}},"indices":{"orders":{"primaries":{"docs":{"count":1}}}}}`}},
		{"The index is deleted.", step{call: "Delete", name: "orders", want: acknowledged}},
		{"And gone.", step{call: "Exists", name: "orders", want: `false`}},
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

// TestSource makes indices whose documents are kept in part, or not at all.
func TestSource(t *testing.T) {
	const acknowledged = `{"acknowledged":true}`
	steps := []struct {
		reason string
		step
	}{
		{"An index can do without its documents' source,", step{call: "Create", name: "blind", body: `{"mappings":{"_source":{"enabled":false}}}`, want: acknowledged}},
		{"and says so.", step{call: "GetMapping", name: "blind", want: `{"blind":{"mappings":{"_source":{"enabled":false}}}}`}},
		{"It has none from then on.", step{call: "PutMapping", name: "blind", body: `{"_source":{"enabled":true}}`, failure: failure{400, "illegal_argument_exception",
			"Mapper for [_source] conflicts with existing mapper:\n\tCannot update parameter [enabled] from [false] to [true]", 1}}},
		{"An index can leave out parts of it.", step{call: "Create", name: "partial", body: `{"mappings":{"_source":{"enabled":true,"excludes":["b"],"includes":[]}}}`, want: acknowledged}},
		{"It says which.", step{call: "GetMapping", name: "partial", want: `{"partial":{"mappings":{"_source":{"enabled":true,"excludes":["b"]}}}}`}},
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

// TestManyIndices asks for what a sweep asks for.
func TestManyIndices(t *testing.T) {
	for name, r := range releases {
		t.Run(name, func(t *testing.T) {
			es := r.connect(t, serve(t, standin.New(options(r.version))))
			r.take(t, es, "An index is made.", step{call: "Create", name: "orders", body: `{}`, want: `{"acknowledged":true}`})
			r.take(t, es, "One that is not there is left out,", step{call: "GetMany", name: "none,orders", want: `{"orders":{}}`})
			r.take(t, es, "and that is all if none is.", step{call: "GetMany", name: "none,neither", want: `{}`})
			r.take(t, es, "The health of all is told index by index.", step{call: "AllHealth", want: `{"indices":{"orders":{"status":"yellow"}}}`})
		})
	}
}
