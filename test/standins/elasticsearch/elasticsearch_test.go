package elasticsearch

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A step is a request and what of its answer matters.
type step struct {
	method, path, body string

	status int
	kind   string // The type of the error, if any.
	answer string // Part of the answer, as JSON without spaces.
}

func TestCluster(t *testing.T) {
	const (
		orders = `{"settings":{"number_of_shards":2,"index":{"refresh_interval":"5s"}},"mappings":{"_meta":{"owner":"a"},"properties":{"id":{"type":"keyword"}}}}`
	)
	cases := map[string]struct {
		reason string
		steps  []step
	}{
		"Create": {
			reason: "Create index API: settings may be nested and without index., and are answered as texts with defaults.",
			steps: []step{
				{"PUT", "/orders", orders, 200, "", `"acknowledged":true,"index":"orders","shards_acknowledged":true`},
				{"GET", "/orders/_settings?flat_settings=true", "", 200, "", `"index.number_of_replicas":"1","index.number_of_shards":"2"`},
				{"GET", "/orders/_settings", "", 200, "", `"refresh_interval":"5s"`},
				{"GET", "/orders?flat_settings=true", "", 200, "", `"mappings":{"_meta":{"owner":"a"},"properties":{"id":{"type":"keyword"}}}`},
				{"HEAD", "/orders", "", 200, "", ``},
			},
		},
		"CreateTwice": {
			reason: "Create index API: a name is taken once.",
			steps: []step{
				{"PUT", "/orders", "", 200, "", ``},
				{"PUT", "/orders", "", 400, "resource_already_exists_exception", ``},
			},
		},
		"BadNames": {
			reason: "Create index API, path parameters: what cannot name an index.",
			steps: []step{
				{"PUT", "/Orders", "", 400, "invalid_index_name_exception", ``},
				{"PUT", "/-orders", "", 400, "invalid_index_name_exception", ``},
				{"PUT", "/a%20b", "", 400, "invalid_index_name_exception", ``},
				{"PUT", "/" + strings.Repeat("a", 256), "", 400, "invalid_index_name_exception", ``},
			},
		},
		"Missing": {
			reason: "Get index API: what does not exist is named, unless the request may miss it.",
			steps: []step{
				{"GET", "/none", "", 404, "index_not_found_exception", `"index":"none"`},
				{"HEAD", "/none", "", 404, "", ``},
				{"DELETE", "/none", "", 404, "index_not_found_exception", ``},
				{"GET", "/none,other?ignore_unavailable=true", "", 200, "", `{}`},
				{"GET", "/none*", "", 200, "", `{}`},
				{"GET", "/none*?allow_no_indices=false", "", 404, "index_not_found_exception", ``},
			},
		},
		"Settings": {
			reason: "Update index settings API: dynamic settings change at once, static ones not while the index is open.",
			steps: []step{
				{"PUT", "/orders", orders, 200, "", ``},
				{"PUT", "/orders/_settings", `{"index":{"number_of_replicas":0}}`, 200, "", `"acknowledged":true`},
				{"PUT", "/orders/_settings", `{"index.refresh_interval":null}`, 200, "", ``},
				{"GET", "/orders/_settings?flat_settings=true", "", 200, "", `"index.number_of_replicas":"0"`},
				{"PUT", "/orders/_settings", `{"index.number_of_shards":3}`, 400, "illegal_argument_exception", `Can'tupdatenondynamicsettings`},
				{"PUT", "/orders/_settings", `{"index.nonsense":1}`, 400, "illegal_argument_exception", `unknownsetting[index.nonsense]`},
				{"PUT", "/orders/_settings", `{"index.uuid":"x"}`, 400, "illegal_argument_exception", ``},
			},
		},
		"Mapping": {
			reason: "Update mapping API: fields are added, never retyped; _meta is replaced as a whole.",
			steps: []step{
				{"PUT", "/orders", orders, 200, "", ``},
				{"PUT", "/orders/_mapping", `{"properties":{"at":{"type":"date"}}}`, 200, "", ``},
				{"GET", "/orders/_mapping", "", 200, "", `"properties":{"at":{"type":"date"},"id":{"type":"keyword"}}`},
				{"PUT", "/orders/_mapping", `{"properties":{"id":{"type":"long"}}}`, 400, "illegal_argument_exception", `mapper[id]cannotbechangedfromtype[keyword]to[long]`},
				{"PUT", "/orders/_mapping", `{"_meta":{"other":"b"}}`, 200, "", ``},
				{"GET", "/orders/_mapping", "", 200, "", `"_meta":{"other":"b"}`},
				{"PUT", "/orders/_mapping", `{"properties":{"x":{"type":"nonsense"}}}`, 400, "mapper_parsing_exception", ``},
			},
		},
		"Delete": {
			reason: "Delete index API: names only, since action.destructive_requires_name is true.",
			steps: []step{
				{"PUT", "/orders", "", 200, "", ``},
				{"DELETE", "/*", "", 400, "illegal_argument_exception", ``},
				{"DELETE", "/_all", "", 400, "illegal_argument_exception", ``},
				{"DELETE", "/orders", "", 200, "", `"acknowledged":true`},
				{"GET", "/orders", "", 404, "index_not_found_exception", ``},
			},
		},
		"Health": {
			reason: "Cluster health API: one node holds no replicas, and an index that does not appear times out.",
			steps: []step{
				{"PUT", "/a", `{"settings":{"number_of_replicas":0}}`, 200, "", ``},
				{"GET", "/_cluster/health/a", "", 200, "", `"status":"green"`},
				{"PUT", "/b", "", 200, "", ``},
				{"GET", "/_cluster/health/b", "", 200, "", `"status":"yellow"`},
				{"GET", "/_cluster/health/none?timeout=1s", "", 408, "", `"status":"red"`},
			},
		},
		"Documents": {
			reason: "Index API and disk watermarks: documents count, and a flooded index refuses them.",
			steps: []step{
				{"PUT", "/orders", "", 200, "", ``},
				{"POST", "/orders/_doc", `{"a":1}`, 200, "", `"result":"created"`},
				{"GET", "/orders/_count", "", 200, "", `"count":1`},
				{"PUT", "/orders/_settings", `{"index.blocks.read_only_allow_delete":true}`, 200, "", ``},
				{"POST", "/orders/_doc", `{"a":1}`, 429, "cluster_block_exception", ``},
			},
		},
		"Unsupported": {
			reason: "What the stand-in does not do it says.",
			steps:  []step{{"POST", "/orders/_close", "", 501, "unsupported_operation_exception", ``}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := New(Options{Username: "u", Password: "p"})
			for _, step := range tc.steps {
				req := httptest.NewRequest(step.method, step.path, strings.NewReader(step.body)) //nolint:noctx // It returns at once.
				req.SetBasicAuth("u", "p")
				check(t, s, req, tc.reason, step)
			}
		})
	}
}

func check(t *testing.T, s *Server, req *http.Request, reason string, want step) {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	var body struct {
		Error struct {
			Type string `json:"type"`
		} `json:"error"`
	}
	_ = json.Unmarshal(w.Body.Bytes(), &body)
	if diff := cmp.Diff([]any{want.status, want.kind}, []any{w.Code, body.Error.Type}); diff != "" {
		t.Fatalf("\n%s\n%s %s: -want, +got:\n%s\n%s", reason, req.Method, req.URL, diff, w.Body)
	}
	if got := strings.ReplaceAll(w.Body.String(), " ", ""); !strings.Contains(got, want.answer) {
		t.Errorf("\n%s\n%s %s: want %s in:\n%s", reason, req.Method, req.URL, want.answer, w.Body)
	}
}

func TestDoor(t *testing.T) {
	cases := map[string]struct {
		reason string
		edit   func(*http.Request)
		want   step
	}{
		"NoCredentials":    {"Without credentials nobody gets in.", func(r *http.Request) { r.Header.Del("Authorization") }, step{status: 401, kind: "security_exception"}},
		"WrongPassword":    {"Nor with a wrong password.", func(r *http.Request) { r.SetBasicAuth("u", "x") }, step{status: 401, kind: "security_exception"}},
		"APIKey":           {"An API key is as good.", func(r *http.Request) { r.Header.Set("Authorization", "ApiKey good") }, step{status: 200}},
		"Unprivileged":     {"Somebody without privileges is known, and may do nothing.", func(r *http.Request) { r.Header.Set("Authorization", "ApiKey weak") }, step{status: 403, kind: "security_exception"}},
		"VersionBefore":    {"REST API compatibility: the major version before is understood.", accept("7"), step{status: 200, answer: `8.19.7`}},
		"VersionAfter":     {"REST API compatibility: a later one is not.", accept("9"), step{status: 400, kind: "media_type_header_exception"}},
		"NoSuchMediaCheck": {"A plain media type is always understood.", func(*http.Request) {}, step{status: 200}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := New(Options{Username: "u", Password: "p", APIKey: "good", Unprivileged: "weak"})
			req := httptest.NewRequest(http.MethodGet, "/", nil) //nolint:noctx // It returns at once.
			req.SetBasicAuth("u", "p")
			tc.edit(req)
			check(t, s, req, tc.reason, tc.want)
		})
	}
}

func accept(version string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Accept", "application/vnd.elasticsearch+json;compatible-with="+version)
	}
}
