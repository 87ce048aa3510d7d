package elasticsearch

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/test/engine"
)

// openSearch returns where OpenSearch serves: a real node where one runs, and else what
// one answered to the calls of TestOpenSearch.
func openSearch(t *testing.T) string {
	t.Helper()
	if url, ok := engine.URL(engine.OpenSearch); ok {
		return url
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		status, body := http.StatusNotFound, `{"error":{"type":"index_not_found_exception","reason":"no such index [none]"},"status":404}`
		switch {
		case r.URL.Path == "/":
			status, body = http.StatusOK, `{"name":"engine","version":{"distribution":"opensearch","number":"2.19.4"},"tagline":"The OpenSearch Project: https://opensearch.org/"}`
		case r.Method == http.MethodPut:
			status, body = http.StatusNotAcceptable, `{"error":"Content-Type header [application/vnd.elasticsearch+json;compatible-with=8] is not supported","status":406}`
		case strings.HasPrefix(r.URL.Path, "/_security/"):
			status, body = http.StatusBadRequest, `{"error":"no handler found for uri [`+r.URL.Path+`] and method [GET]"}`
		case r.URL.Query().Get("expand_wildcards") == "none":
			status, body = http.StatusOK, `{}`
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) //nolint:gosec // No browser reads it.
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestOpenSearch(t *testing.T) {
	cases := map[string]struct {
		reason string
		call   func(*Client) error
	}{
		"NoIndex": {"That there is no index, OpenSearch answers with success and nothing.",
			func(c *Client) error { _, err := c.Index(t.Context(), "none"); return err }},
		"NoDataStream": {"That there is no data stream, it answers in Elasticsearch's words, and is not believed: a stream would be created.",
			func(c *Client) error { _, err := c.DataStream(t.Context(), "none"); return err }},
		"Create": {"It does not know the media type.",
			func(c *Client) error { return c.CreateIndex(t.Context(), "orders", nil, nil) }},
		"NoRole": {"Its roles are elsewhere.",
			func(c *Client) error { _, err := c.Document(t.Context(), Roles, "reader"); return err }},
	}
	c, err := New(Config{Endpoint: openSearch(t), Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := tc.call(c)
			var other *OpenSearchError
			if !errors.As(got, &other) || !strings.HasPrefix(other.Version, "2.") || IsNotFound(got) || IsTemplateNotFound(got) || IsMissing(got) {
				t.Errorf("\n%s\nwant it to be named, got: %v", tc.reason, got)
			}
		})
	}
}

// TestEngine asks servers what they are.
func TestEngine(t *testing.T) {
	cases := map[string]struct {
		reason    string
		status    int
		body      string
		want      Engine
		supported bool
		err       string
	}{
		"Supported": {"Elasticsearch 8 and 9 are.", 200, `{"version":{"number":"9.1.3"},"tagline":"You Know, for Search"}`, Engine{Elasticsearch, "9.1.3"}, true, ""},
		"Old":       {"Elasticsearch 7 is known, though it has no header before 7.14.", 200, `{"version":{"number":"7.10.2"},"tagline":"You Know, for Search"}`, Engine{Elasticsearch, "7.10.2"}, false, ""},
		"Fork":      {"OpenSearch is another engine.", 200, `{"version":{"number":"2.19.4","distribution":"opensearch"},"tagline":"The OpenSearch Project: https://opensearch.org/"}`, Engine{OpenSearch, "2.19.4"}, false, ""},
		"ForkInDisguise": {"OpenSearch can claim a version of Elasticsearch, and its distribution tells.", 200,
			`{"version":{"number":"8.10.2","distribution":"opensearch"},"tagline":"You Know, for Search"}`, Engine{OpenSearch, "8.10.2"}, false, ""},
		"Stranger": {"A page of a proxy is neither.", 200, `<html>`, Engine{}, false, "does not call itself Elasticsearch"},
		"Refused":  {"Who may not know is told so.", 403, `{"error":{"type":"security_exception","reason":"no"},"status":403}`, Engine{}, false, "does not permit this"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			}))
			t.Cleanup(server.Close)
			c, err := New(Config{Endpoint: server.URL, Username: "u", Password: "p"})
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Engine(t.Context())
			if got != tc.want || got.Supported() != tc.supported || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("\n%s\nwant %+v, supported %t, %q; got %+v, %t, %v", tc.reason, tc.want, tc.supported, tc.err, got, got.Supported(), err)
			}
		})
	}
}
