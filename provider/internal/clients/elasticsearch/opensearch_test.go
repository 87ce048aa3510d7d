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
