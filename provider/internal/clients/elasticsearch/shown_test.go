package elasticsearch

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/test/engine"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// newCluster returns a client of a cluster that keeps state.
func newCluster(t *testing.T) *Client {
	t.Helper()
	server := httptest.NewServer(engine.New(t, standin.Options{Username: "u", Password: "p"}))
	t.Cleanup(server.Close)
	c, err := New(Config{Endpoint: server.URL, Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestShownMapping makes indices, and looks at what a cluster says of the mapping that
// it was given. What the comparison with a desired one relies on stands here.
func TestShownMapping(t *testing.T) {
	cases := map[string]struct {
		reason string
		given  string
		shown  string // None: it is refused.
	}{
		"NoSource":      {"Documents without a source are a choice that is shown.", `{"_source":{"enabled":false}}`, `{"_source":{"enabled":false}}`},
		"SourceAsText":  {"A flag may be a text.", `{"_source":{"enabled":"false"}}`, `{"_source":{"enabled":false}}`},
		"Source":        {"That they have one is not shown: it is the default.", `{"_source":{"enabled":true}}`, `{}`},
		"EmptySource":   {"Nor is nothing.", `{"_source":{}}`, `{}`},
		"SourceParts":   {"Parts that are left out are shown, and with them that the rest is kept.", `{"_source":{"enabled":true,"excludes":["b"]}}`, `{"_source":{"enabled":true,"excludes":["b"]}}`},
		"EmptyParts":    {"No parts are not shown.", `{"_source":{"includes":[],"excludes":["b"]}}`, `{"_source":{"excludes":["b"]}}`},
		"NullSource":    {"A null is no source.", `{"_source":null}`, ""},
		"UnknownSource": {"A source has its parameters.", `{"_source":{"compress":true}}`, ""},
		"Routing":       {"That no routing is required is the default.", `{"_routing":{"required":false}}`, `{}`},
		"EmptyLists":    {"Of dynamic mappings, lists that are empty are shown.", `{"dynamic_templates":[],"dynamic_date_formats":[]}`, `{"dynamic_templates":[],"dynamic_date_formats":[]}`},
		"EmptyMeta":     {"So is a _meta, and what is in one.", `{"_meta":{"a":[],"b":{},"c":null}}`, `{"_meta":{"a":[],"b":{},"c":null}}`},
		"NoMeta":        {"Even one that holds nothing.", `{"_meta":{}}`, `{"_meta":{}}`},
		"NoFields":      {"An empty list is taken for no fields.", `{"properties":[]}`, `{}`},
		"EmptyInField": {"Of a field, what is empty is not shown.", `{"properties":{"x":{"type":"keyword","copy_to":[],"fields":{},"meta":{}}}}`,
			`{"properties":{"x":{"type":"keyword"}}}`},
		"EmptyObject": {"An object without fields says that it is one.", `{"properties":{"x":{"properties":{}}}}`, `{"properties":{"x":{"type":"object"}}}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			err := c.CreateIndex(t.Context(), "orders", nil, parsed(t, tc.given))
			if tc.shown == "" {
				if !IsInvalid(err) {
					t.Errorf("\n%s\nCreateIndex(...): %v", tc.reason, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Index(t.Context(), "orders")
			if diff := cmp.Diff(parsed(t, tc.shown), got.Mappings); err != nil || diff != "" {
				t.Errorf("\n%s\nIndex(...): %v, -want, +got:\n%s", tc.reason, err, diff)
			}
		})
	}
}

// TestSourceIsGivenUpOnce changes what cannot be had back.
func TestSourceIsGivenUpOnce(t *testing.T) {
	cases := map[string]struct {
		reason       string
		given, later string
		taken        bool
	}{
		"GivenUp":  {"A source can be given up later.", `{}`, `{"_source":{"enabled":false}}`, true},
		"Back":     {"It cannot be had back.", `{"_source":{"enabled":false}}`, `{"_source":{"enabled":true}}`, false},
		"Nothing":  {"To say nothing of it is to have it back.", `{"_source":{"enabled":false}}`, `{"_source":{}}`, false},
		"Parts":    {"What it leaves out does not change.", `{"_source":{"excludes":["a"]}}`, `{"_source":{"excludes":["b"]}}`, false},
		"Routing":  {"Routing is required from the beginning.", `{"_routing":{"required":false}}`, `{"_routing":{"required":true}}`, false},
		"Unspoken": {"A mapping that does not speak of the source leaves it.", `{"_source":{"enabled":false}}`, `{"_meta":{"a":1}}`, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			if err := c.CreateIndex(t.Context(), "orders", nil, parsed(t, tc.given)); err != nil {
				t.Fatal(err)
			}
			err := c.PutMapping(t.Context(), "orders", parsed(t, tc.later))
			if tc.taken && err != nil || !tc.taken && !IsInvalid(err) {
				t.Errorf("\n%s\nPutMapping(...): %v", tc.reason, err)
			}
		})
	}
}

// TestUnseenDocuments counts documents that no search shows yet: those are lost with
// their index as well.
func TestUnseenDocuments(t *testing.T) {
	c := newCluster(t)
	ctx := t.Context()
	if err := c.CreateIndex(ctx, "orders", map[string]string{"refresh_interval": "-1"}, parsed(t, `{"_source":{"enabled":false}}`)); err != nil {
		t.Fatal(err)
	}
	shown := func() (n int64) {
		t.Helper()
		var answer struct {
			Count int64 `json:"count"`
		}
		if err := c.do(ctx, http.MethodGet, "/orders/_count", nil, nil, &answer); err != nil {
			t.Fatal(err)
		}
		return answer.Count
	}
	steps := []struct {
		reason        string
		method, path  string
		query         url.Values
		before, after int64 // Which searches show, before all are counted and after.
	}{
		{"A document is there before a search shows it.", http.MethodPut, "/orders/_doc/1", nil, 0, 1},
		{"And another, which some wait for.", http.MethodPut, "/orders/_doc/2", url.Values{"refresh": {"true"}}, 2, 2},
		{"One that was deleted is gone before a search shows that.", http.MethodDelete, "/orders/_doc/1", nil, 2, 1},
	}
	for _, st := range steps {
		var body any
		if st.method == http.MethodPut {
			body = map[string]any{"id": "x"}
		}
		if err := c.do(ctx, st.method, st.path, st.query, body, nil); err != nil {
			t.Fatal(err)
		}
		if n := shown(); n != st.before {
			t.Errorf("\n%s\n_count: want %d, got %d", st.reason, st.before, n)
		}
		if n, err := c.Documents(ctx, "orders"); err != nil || n != st.after {
			t.Errorf("\n%s\nDocuments(...): want %d, got %d, %v", st.reason, st.after, n, err)
		}
		if n := shown(); n != st.after {
			t.Errorf("\n%s\n_count after all were counted: want %d, got %d", st.reason, st.after, n)
		}
	}
}
