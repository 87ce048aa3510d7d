package elasticsearch

import (
	"testing"

	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// TestFailures checks that the library reads of an error what the provider decides
// by: the status, the type and the reason.
func TestFailures(t *testing.T) {
	made := step{call: "Create", name: "orders", body: `{"mappings":{"properties":{"id":{"type":"keyword"}}}}`, want: `{"acknowledged":true}`}
	cases := map[string]struct {
		reason string
		step   step
	}{
		"Missing": {"An index that is not there is named.", step{
			call: "Get", name: "none", failure: failure{404, "index_not_found_exception", "no such index [none]", 1},
		}},
		"DeleteMissing": {"What is not there is not deleted.", step{
			call: "Delete", name: "none", failure: failure{404, "index_not_found_exception", "no such index [none]", 1},
		}},
		"BadName": {"What cannot name an index is told why.", step{
			call: "Create", name: "Orders", body: `{}`,
			failure: failure{400, "invalid_index_name_exception", "Invalid index name [Orders], must be lowercase", 1},
		}},
		"Wildcard": {"A wildcard deletes nothing.", step{
			call: "Delete", name: "ord*",
			failure: failure{400, "illegal_argument_exception", "Wildcard expressions or all indices are not allowed", 1},
		}},
		"UnknownSetting": {"A setting that does not exist is named.", step{
			call: "PutSettings", name: "orders", body: `{"index.nonsense":1}`,
			failure: failure{400, "illegal_argument_exception", "unknown setting [index.nonsense] please check that any required plugins are installed, " +
				"or check the breaking changes documentation for removed settings", 1},
		}},
		"Retyped": {"A field keeps its type.", step{
			call: "PutMapping", name: "orders", body: `{"properties":{"id":{"type":"long"}}}`,
			failure: failure{400, "illegal_argument_exception", "mapper [id] cannot be changed from type [keyword] to [long]", 1},
		}},
		"UnknownType": {"A type that does not exist is named, and so is the field.", step{
			call: "PutMapping", name: "orders", body: `{"properties":{"x":{"type":"nonsense"}}}`,
			failure: failure{400, "mapper_parsing_exception", "Failed to parse mapping: The mapper type [nonsense] declared on field [x] does not exist. " +
				"It might have been created within a future version or requires a plugin to be installed. Check the documentation.", 1},
		}},
	}
	for name, r := range releases {
		for of, tc := range cases {
			t.Run(name+"/"+of, func(t *testing.T) {
				es := r.connect(t, serve(t, standin.New(options(r.version))))
				r.take(t, es, "", made)
				r.take(t, es, tc.reason, tc.step)
			})
		}
	}
}

// TestFailuresThatNameTheIndex are those whose words hold an index's own id.
func TestFailuresThatNameTheIndex(t *testing.T) {
	cases := map[string]struct {
		reason string
		step   step
		before string // What the reason says before and after the id.
		after  string
	}{
		"Taken": {
			"A name is taken once.", step{call: "Create", name: "orders", body: `{}`, failure: failure{400, "resource_already_exists_exception", "", 1}},
			"index [orders/", "] already exists",
		},
		"Static": {
			"What is fixed when an index is made stays.",
			step{call: "PutSettings", name: "orders", body: `{"number_of_shards":3}`, failure: failure{400, "illegal_argument_exception", "", 1}},
			"Can't update non dynamic settings [[index.number_of_shards]] for open indices [[orders/", "]]",
		},
	}
	for name, r := range releases {
		for of, tc := range cases {
			t.Run(name+"/"+of, func(t *testing.T) {
				cluster := standin.New(options(r.version))
				es := r.connect(t, serve(t, cluster))
				r.take(t, es, "", step{call: "Create", name: "orders", body: `{}`, want: `{"acknowledged":true}`})
				id, _ := cluster.State().Indices["orders"].Settings["index.uuid"].(string)
				tc.step.failure.Reason = tc.before + id + tc.after
				r.take(t, es, tc.reason, tc.step)
			})
		}
	}
}
