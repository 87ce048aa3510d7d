package elasticsearch

import (
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoutes(t *testing.T) {
	tell(t, map[string]story{
		"About": {
			reason: "Root API: the cluster says its version and its tagline.",
			steps: []step{
				{"GET", "/", "", 200, `{"tagline":"You Know, for Search","version":{"number":"8.19.7","build_flavor":"default"}}`},
				{"HEAD", "/", "", 200, ""},
			},
		},
		"NoHandler": {
			reason: "REST API conventions: a path that is no API's is refused with a text for an error.",
			steps:  []step{{"GET", "/a/b/c/d", "", 400, `{"error":"no handler found for uri [/a/b/c/d] and method [GET]","status":400}`}},
		},
		"WrongMethod": {
			reason: "REST API conventions: a wrong method is told which ones are right.",
			steps: []step{{"DELETE", "/orders/_settings", "", 405,
				`{"error":"Incorrect HTTP method for uri [/orders/_settings] and method [DELETE], allowed: [GET, PUT]","status":405}`}},
		},
		"UnknownParameter": {
			reason: "REST API conventions: a parameter that the API does not take is refused by name, so that no misspelt one goes unnoticed.",
			steps: []step{
				{"GET", "/orders?flat_setting=true", "", 400, refused("illegal_argument_exception", "request [/orders] contains unrecognized parameter: [flat_setting]")},
				{"GET", "/orders?b=1&a=1", "", 400, refused("illegal_argument_exception", "request [/orders] contains unrecognized parameters: [a], [b]")},
			},
		},
		"WrongFlag": {
			reason: "REST API conventions, boolean values: only true and false are any.",
			steps: []step{{"GET", "/*?flat_settings=yes&ignore_unavailable=1", "", 400,
				refused("illegal_argument_exception", "Failed to parse value [1] as only [true] or [false] are allowed.")}},
		},
		"NotJSON": {
			reason: "A body that is no JSON object is refused.",
			steps: []step{
				{"PUT", "/orders", `{"settings":`, 400, `{"error":{"type":"parse_exception"}}`},
				{"PUT", "/orders", `[]`, 400, `{"error":{"type":"parse_exception"}}`},
				{"PUT", "/orders", `{} {}`, 400, `{"error":{"type":"parse_exception"}}`},
				{"GET", "/orders", "", 404, ""},
			},
		},
	})
}

func TestMediaTypes(t *testing.T) {
	const compatible = "application/vnd.elasticsearch+json;compatible-with="
	cases := map[string]struct {
		reason              string
		version             string
		accept, contentType string
		status              int
		want                string
		answersWith         string
	}{
		"Plain": {
			reason: "JSON is understood by every version.", version: "8.19.7",
			accept: "application/json", contentType: "application/json", status: 200, answersWith: "application/json",
		},
		"Same": {
			reason: "REST API compatibility: the answer comes in the media type that was asked for.", version: "8.19.7",
			accept: compatible + "8", contentType: compatible + "8", status: 200, answersWith: compatible + "8",
		},
		"Before": {
			reason: "REST API compatibility: a cluster understands the major version before its own.", version: "9.5.2",
			accept: compatible + "8", contentType: compatible + "8", status: 200, answersWith: compatible + "8",
		},
		"After": {
			reason: "REST API compatibility: a cluster does not understand the major version after its own.", version: "8.19.7",
			accept: compatible + "9", contentType: compatible + "9", status: 400,
			want: `{"error":{"type":"media_type_header_exception","root_cause":[{"type":"media_type_header_exception"}],"caused_by":{"type":"status_exception",
				"reason":"Accept version must be either version 8 or 7, but found 9. Accept=application/vnd.elasticsearch+json;compatible-with=9"}}}`,
			answersWith: compatible + "9",
		},
		"Mismatch": {
			reason: "REST API compatibility: both headers name the same version, or none.", version: "8.19.7",
			accept: compatible + "8", contentType: "application/json", status: 400,
			want: `{"error":{"type":"media_type_header_exception"}}`, answersWith: compatible + "8",
		},
		"NoContentType": {
			reason: "A body without a media type is not taken.", version: "8.19.7",
			status: 406, want: `{"error":"Content-Type header is missing","status":406}`, answersWith: "application/json",
		},
		"OtherContentType": {
			reason: "A body that is not JSON is not taken.", version: "8.19.7",
			contentType: "text/plain", status: 406, want: `{"error":"Content-Type header [text/plain] is not supported"}`, answersWith: "application/json",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := New(Options{Version: tc.version, Username: "u", Password: "p"})
			expect(t, s, tc.reason, step{"PUT", "/orders", `{}`, tc.status, tc.want}, func(r *http.Request) {
				r.SetBasicAuth("u", "p")
				r.Header.Del("Content-Type")
				for k, v := range map[string]string{"Accept": tc.accept, "Content-Type": tc.contentType} {
					if v != "" {
						r.Header.Set(k, v)
					}
				}
			})
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.Header.Set("Accept", tc.accept)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			want := []string{tc.answersWith, "Elasticsearch"}
			if diff := cmp.Diff(want, []string{w.Header().Get("Content-Type"), w.Header().Get("X-Elastic-Product")}); diff != "" {
				t.Errorf("\n%s\nheaders: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestCompressedBody(t *testing.T) {
	s := New(Options{Username: "u", Password: "p"})
	var zipped strings.Builder
	zip := gzip.NewWriter(&zipped)
	_, _ = zip.Write([]byte(`{"settings":{"number_of_shards":3}}`))
	_ = zip.Close()
	compressed := func(r *http.Request) {
		r.SetBasicAuth("u", "p")
		r.Header.Set("Content-Encoding", "gzip")
	}
	reason := "HTTP settings, http.compression: a body may be compressed, and has to be if it says so."
	expect(t, s, reason, step{"PUT", "/orders", zipped.String(), 200, ""}, compressed)
	expect(t, s, reason, step{"PUT", "/others", `{}`, 400, `{"error":{"type":"illegal_argument_exception"}}`}, compressed)
	if got := s.State().Indices["orders"].Settings["index.number_of_shards"]; got != "3" {
		t.Errorf("\n%s\nnumber_of_shards: %v", reason, got)
	}
}

func TestState(t *testing.T) {
	tell(t, map[string]story{"State": {
		reason: "A test sees everything at once, without credentials, in the way of no index.",
		steps: []step{
			{"PUT", "/orders", `{"settings":{"number_of_replicas":0},"mappings":{"_meta":{"a":"b"}},"aliases":{"o":{}}}`, 200, ""},
			{"POST", "/orders/_doc?refresh=true", `{"a":1}`, 201, ""},
			{"PUT", "/_security/role/reader", `{"cluster":["monitor"]}`, 200, ""},
			{"GET", "/_standin/state", "", 200, `{"indices":{"orders":{"health":"green","documents":1,"closed":false,"aliases":{"o":{}},
				"mappings":{"_meta":{"a":"b"}},"settings":{"index.number_of_shards":"1"}}},"roles":{"reader":{"cluster":["monitor"]},"superuser":null}}`},
		},
	}})
}

// TestConcurrency is for the race detector: requests of all kinds at once, and the
// world in order afterwards.
func TestConcurrency(t *testing.T) {
	s := New(Options{Username: "u", Password: "p"})
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			name := fmt.Sprintf("/i%d", n)
			for _, st := range []step{
				{"PUT", name, `{"mappings":{"properties":{"a":{"type":"text"}}},"aliases":{"all":{}}}`, 200, ""},
				{"GET", "/*", "", 200, ""},
				{"PUT", name + "/_settings", `{"refresh_interval":"5s"}`, 200, ""},
				{"PUT", name + "/_mapping", `{"_meta":{"n":1},"properties":{"b":{"type":"long"}}}`, 200, ""},
				{"POST", name + "/_doc", `{"c":1}`, 201, ""},
				{"GET", "/_cluster/health" + name + "?wait_for_status=yellow", "", 200, `{"timed_out":false}`},
				{"GET", "/_standin/state", "", 200, ""},
			} {
				expect(t, s, "Requests do not get in each other's way.", st, superuserOf)
			}
		})
	}
	group.Wait()
	if got := len(s.State().Indices); got != 8 {
		t.Errorf("\nNothing is lost.\nindices: %d", got)
	}
}
