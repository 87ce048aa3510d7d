package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A sent request, as far as the tests look at it.
type sent struct {
	Method, Path, Query string
	Body                string
}

// serve answers every request alike and returns a client and what it sent.
func serve(t *testing.T, c Config, status int, header map[string]string, body string) (*Client, func() (sent, http.Header)) {
	t.Helper()
	var got sent
	var headers http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, headers = sent{r.Method, r.URL.Path, r.URL.RawQuery, string(b)}, r.Header
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	c.Endpoint = server.URL
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client, func() (sent, http.Header) { return got, headers }
}

var product = map[string]string{"X-Elastic-Product": "Elasticsearch", "Content-Type": mediaType}

func TestRequests(t *testing.T) {
	const ok = `{"acknowledged":true}`
	cases := map[string]struct {
		reason string
		do     func(context.Context, *Client) error
		answer string
		want   sent
	}{
		"Get": {
			reason: "A name is never expanded, and settings come back flat.",
			do:     func(ctx context.Context, c *Client) error { _, err := c.Index(ctx, "orders"); return err },
			answer: `{"orders":{}}`,
			want:   sent{"GET", "/orders", "expand_wildcards=none&flat_settings=true", ""},
		},
		"Create": {
			reason: "Settings are sent under their full name.",
			do: func(ctx context.Context, c *Client) error {
				return c.CreateIndex(ctx, "orders", map[string]string{"number_of_shards": "2"}, map[string]any{"_meta": map[string]any{"a": "b"}})
			},
			answer: ok,
			want:   sent{"PUT", "/orders", "", `{"mappings":{"_meta":{"a":"b"}},"settings":{"index.number_of_shards":"2"}}`},
		},
		"PutSettings": {
			reason: "Settings change in place.",
			do: func(ctx context.Context, c *Client) error {
				return c.PutSettings(ctx, "orders", map[string]string{"refresh_interval": "5s"})
			},
			answer: ok,
			want:   sent{"PUT", "/orders/_settings", "", `{"index.refresh_interval":"5s"}`},
		},
		"PutMapping": {
			reason: "A mapping is merged by Elasticsearch.",
			do: func(ctx context.Context, c *Client) error {
				return c.PutMapping(ctx, "orders", map[string]any{"properties": map[string]any{}})
			},
			answer: ok,
			want:   sent{"PUT", "/orders/_mapping", "", `{"properties":{}}`},
		},
		"Delete": {
			reason: "Deletion names one index and allows no pattern.",
			do:     func(ctx context.Context, c *Client) error { return c.DeleteIndex(ctx, "orders") },
			answer: ok,
			want:   sent{"DELETE", "/orders", "allow_no_indices=false&expand_wildcards=none", ""},
		},
		"GetDocument": {
			reason: "A document is found by its name.",
			do: func(ctx context.Context, c *Client) error {
				_, err := c.Document(ctx, Roles, "checkout-prod.reader")
				return err
			},
			answer: `{"checkout-prod.reader":{}}`,
			want:   sent{"GET", "/_security/role/checkout-prod.reader", "", ""},
		},
		"PutDocument": {
			reason: "A document is replaced as a whole.",
			do: func(ctx context.Context, c *Client) error {
				return c.PutDocument(ctx, LifecyclePolicies, "logs", Document{"policy": map[string]any{}})
			},
			answer: ok,
			want:   sent{"PUT", "/_ilm/policy/logs", "", `{"policy":{}}`},
		},
		"DeleteDocument": {
			reason: "Deletion names one document.",
			do:     func(ctx context.Context, c *Client) error { return c.DeleteDocument(ctx, RoleMappings, "m") },
			answer: `{"found":true}`,
			want:   sent{"DELETE", "/_security/role_mapping/m", "", ""},
		},
		"APIKeys": {
			reason: "Keys are looked up by their name.",
			do:     func(ctx context.Context, c *Client) error { _, err := c.APIKeys(ctx, "app"); return err },
			answer: `{"api_keys":[]}`,
			want:   sent{"GET", "/_security/api_key", "name=app", ""},
		},
		"CreateAPIKey": {
			reason: "A validity is told in seconds.",
			do: func(ctx context.Context, c *Client) error {
				_, err := c.CreateAPIKey(ctx, NewAPIKey{Name: "app", Validity: 36 * time.Hour, Metadata: Document{}, RoleDescriptors: Document{}})
				return err
			},
			answer: `{"id":"i","encoded":"e"}`,
			want:   sent{"POST", "/_security/api_key", "", `{"expiration":"129600s","metadata":{},"name":"app","role_descriptors":{}}`},
		},
		"UpdateAPIKey": {
			reason: "A key is changed by its id.",
			do:     func(ctx context.Context, c *Client) error { return c.UpdateAPIKey(ctx, "i", Document{}, Document{}) },
			answer: `{"updated":true}`,
			want:   sent{"PUT", "/_security/api_key/i", "", `{"metadata":{},"role_descriptors":{}}`},
		},
		"InvalidateAPIKeys": {
			reason: "Keys are ended by their ids, never by a name that others have too.",
			do:     func(ctx context.Context, c *Client) error { return c.InvalidateAPIKeys(ctx, "i", "j") },
			answer: `{"error_count":0}`,
			want:   sent{"DELETE", "/_security/api_key", "", `{"ids":["i","j"]}`},
		},
		"Health": {
			reason: "Health does not wait for an index that vanished.",
			do:     func(ctx context.Context, c *Client) error { _, err := c.Health(ctx, "orders"); return err },
			answer: `{"status":"green"}`,
			want:   sent{"GET", "/_cluster/health/orders", "timeout=1s", ""},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c, got := serve(t, Config{}, 200, product, tc.answer)
			if err := tc.do(t.Context(), c); err != nil {
				t.Fatalf("\n%s\ndo(...): %v", tc.reason, err)
			}
			request, header := got()
			if diff := cmp.Diff(tc.want, request); diff != "" {
				t.Errorf("\n%s\ndo(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(mediaType, header.Get("Accept")); diff != "" {
				t.Errorf("\nEvery request asks for the media type of version 8.\n-want, +got:\n%s", diff)
			}
			if tc.want.Body != "" && header.Get("Content-Type") != mediaType {
				t.Errorf("\nBoth headers agree.\nContent-Type: %s", header.Get("Content-Type"))
			}
		})
	}
}

func TestCredentials(t *testing.T) {
	cases := map[string]struct {
		reason string
		config Config
		want   string
	}{
		"APIKey":   {"An API key is sent as it is.", Config{APIKey: "c2VjcmV0"}, "APIKey c2VjcmV0"}, //nolint:gosec // It opens nothing.
		"Password": {"User and password are sent as basic authentication.", Config{Username: "u", Password: "p"}, "Basic dTpw"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c, got := serve(t, tc.config, 200, product, `{"orders":{}}`)
			if _, err := c.Index(t.Context(), "orders"); err != nil {
				t.Fatal(err)
			}
			_, header := got()
			if diff := cmp.Diff(tc.want, header.Get("Authorization")); diff != "" {
				t.Errorf("\n%s\nAuthorization: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestIndex(t *testing.T) {
	c, _ := serve(t, Config{}, 200, product, `{"orders":{"settings":{
		"index.uuid":"u1","index.number_of_shards":"1","index.query.default_field":["a","b"]},
		"mappings":{"_meta":{"plumbline.dev/owner":"x"}}}}`)
	got, err := c.Index(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	want := Index{
		UUID:     "u1",
		Settings: map[string]string{"uuid": "u1", "number_of_shards": "1", "query.default_field": `["a","b"]`},
		Mappings: map[string]any{"_meta": map[string]any{"plumbline.dev/owner": "x"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\nSettings lose their prefix, and a list becomes its JSON.\nIndex(...): -want, +got:\n%s", diff)
	}

	c, _ = serve(t, Config{}, 200, product, `{"orders-000002":{},"orders-000001":{}}`)
	_, err = c.Index(t.Context(), "orders")
	var held *TakenError
	if !errors.As(err, &held) || held.By != "orders-000001" {
		t.Errorf("\nA name that is an alias is taken, and the message does not depend on map order.\nIndex(...): %v", err)
	}
}

func TestErrors(t *testing.T) {
	type is struct{ NotFound, AlreadyExists, Invalid, Unsupported bool }
	cases := map[string]struct {
		reason string
		status int
		header map[string]string
		body   string
		want   is
		text   string
		wait   time.Duration
	}{
		"NotFound": {
			reason: "Elasticsearch's own 404 means that the index does not exist.",
			status: 404, body: `{"error":{"type":"index_not_found_exception","reason":"no such index [orders]"},"status":404}`,
			want: is{NotFound: true}, text: "index_not_found_exception: no such index [orders]",
		},
		"Bare404": {
			reason: "A 404 of a proxy says nothing about the index.",
			status: 404, body: `<html>404 page not found: /secret-path</html>`,
			text: "answer 404 Not Found does not come from Elasticsearch; check the endpoint and what stands before it",
		},
		"OtherTyped404": {
			reason: "Another kind of 404 says nothing about the index.",
			status: 404, body: `{"error":{"type":"resource_not_found_exception","reason":"x"}}`,
			text: "resource_not_found_exception: x",
		},
		"ErrorIsString": {
			reason: "An error that is no object is not Elasticsearch's.",
			status: 404, body: `{"error":"index_not_found_exception"}`,
			text: "answer 404 Not Found does not come from Elasticsearch; check the endpoint and what stands before it",
		},
		"AlreadyExists": {
			reason: "An index that exists is told apart from other mistakes.",
			status: 400, body: `{"error":{"type":"resource_already_exists_exception","reason":"index [orders/u] already exists"}}`,
			want: is{AlreadyExists: true, Invalid: true}, text: "resource_already_exists_exception: index [orders/u] already exists",
		},
		"Invalid": {
			reason: "A refused setting keeps its explanation, on one line.",
			status: 400, body: `{"error":{"type":"illegal_argument_exception","reason":"unknown setting\n [index.x]"}}`,
			want: is{Invalid: true}, text: "illegal_argument_exception: unknown setting [index.x]",
		},
		"Unauthorized": {
			reason: "Refused credentials say so, without the realm's explanation.",
			status: 401, body: `{"error":{"type":"security_exception","reason":"unable to authenticate user [ana]"}}`,
			text: "Elasticsearch does not accept the credentials (security_exception)",
		},
		"Forbidden": {
			reason: "A missing privilege says so.",
			status: 403, body: `{"error":{"type":"security_exception","reason":"action [x] is unauthorized for API key id [K]"}}`,
			text: "Elasticsearch does not permit this to the credentials (security_exception)",
		},
		"Throttled": {
			reason: "A wait is kept apart, and numbers that differ each time are left out.",
			status: 429, header: map[string]string{"Retry-After": "7"},
			body: `{"error":{"type":"circuit_breaking_exception","reason":"would be [1029/1gb]"}}`,
			text: "Throttled: Elasticsearch has no room for requests (circuit_breaking_exception)", wait: 7 * time.Second,
		},
		"Unavailable": {
			reason: "A cluster without a master is an error and nothing else.",
			status: 503, body: `{"error":{"type":"master_not_discovered_exception","reason":null}}`,
			text: "Elasticsearch answered 503 Service Unavailable (master_not_discovered_exception)",
		},
		"Serverless": {
			reason: "An API that a flavour lacks is told apart.",
			status: 410, body: `{"error":{"type":"api_not_available_exception","reason":"x"}}`,
			want: is{Unsupported: true}, text: "Elasticsearch answered 410 Gone (api_not_available_exception)",
		},
		"NotElasticsearch": {
			reason: "Success of something else is not success.",
			status: 200, header: map[string]string{"X-Elastic-Product": ""}, body: `{"orders":{}}`,
			text: "the server at HOST does not call itself Elasticsearch; check the endpoint",
		},
		"NotJSON": {
			reason: "An answer that cannot be read is an error that does not repeat it.",
			status: 200, header: product, body: `secret`,
			text: "the answer of HOST is not the JSON that Elasticsearch documents",
		},
		"TooLong": {
			reason: "An answer is read up to a bound.",
			status: 200, header: product, body: strings.Repeat(" ", maxAnswer+1),
			text: "the answer of HOST is longer than 16 MiB",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c, _ := serve(t, Config{Username: "ana", Password: "hunter2"}, tc.status, tc.header, tc.body)
			_, err := c.Index(t.Context(), "orders")
			if err == nil {
				t.Fatalf("\n%s\nIndex(...): want error", tc.reason)
			}
			if diff := cmp.Diff(tc.want, is{IsNotFound(err), IsAlreadyExists(err), IsInvalid(err), IsUnsupported(err)}); diff != "" {
				t.Errorf("\n%s\nIs…(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.text, strings.Replace(err.Error(), c.host, "HOST", 1)); diff != "" {
				t.Errorf("\n%s\nError(): -want, +got:\n%s", tc.reason, diff)
			}
			var e *Error
			if errors.As(err, &e) {
				if diff := cmp.Diff(tc.wait, e.RetryAfter()); diff != "" {
					t.Errorf("\n%s\nRetryAfter(): -want, +got:\n%s", tc.reason, diff)
				}
			}
		})
	}
}

func TestInvalidNamesAreNotSent(t *testing.T) {
	for _, name := range []string{"", "*", "_all", "a,b", "a*", "-a", "Upper", "..", "a/b", "a?b", "a b", strings.Repeat("a", 256)} {
		c, got := serve(t, Config{}, 200, product, `{"acknowledged":true}`)
		err := c.DeleteIndex(t.Context(), name)
		if request, _ := got(); err == nil || request.Method != "" {
			t.Errorf("\nA name that could mean more than one index is never sent.\nDeleteIndex(%q): sent %q, error %v", name, request.Path, err)
		}
	}
}

// FuzzDecodeError checks that no answer breaks the words of a condition: they
// stay short and on one line, and nothing but Elasticsearch's own error means
// that an index does not exist.
func FuzzDecodeError(f *testing.F) {
	f.Add(404, `{"error":{"type":"index_not_found_exception","reason":"x"}}`)
	f.Add(404, `<html>`)
	f.Add(400, `{"error":{"type":"x","reason":"a\nb"}}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		rsp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
		err := decodeError(rsp, time.Time{})
		if len(err.Reason) > maxReason+len("…") || strings.ContainsAny(err.Reason, "\n\r") {
			t.Errorf("reason is not short and on one line: %q", err.Reason)
		}
		if IsNotFound(err) && (status != 404 || !json.Valid([]byte(body))) {
			t.Errorf("answer %d %q counts as not found", status, body)
		}
	})
}

// TestMissing tells what Elasticsearch says of a document or a key that it does not
// have from what others say.
func TestMissing(t *testing.T) {
	cases := map[string]struct {
		reason string
		header map[string]string
		body   string
		want   bool
		text   string
	}{
		"Role":    {"A role that is not there is an empty answer.", product, `{}`, true, "Elasticsearch has none of this name"},
		"Deleted": {"So is one that was deleted.", product, `{"found":false}`, true, "Elasticsearch has none of this name"},
		"Keys":    {"And a key.", product, `{"api_keys":[]}`, true, "Elasticsearch has none of this name"},
		"Policy": {"A policy that is not there is an error.", product, `{"error":{"type":"resource_not_found_exception","reason":"Lifecycle policy not found: x"}}`,
			true, "resource_not_found_exception: Lifecycle policy not found: x"},
		"Proxy": {"An empty answer of something else says nothing.", nil, `{}`,
			false, "answer 404 Not Found does not come from Elasticsearch; check the endpoint and what stands before it"},
		"Other": {"Nor does an answer that says something.", product, `{"message":"no route"}`,
			false, "Elasticsearch answered 404 Not Found"},
		"Index": {"An index that is not there is no document.", product, `{"error":{"type":"index_not_found_exception","reason":"x"}}`, false, "index_not_found_exception: x"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c, _ := serve(t, Config{}, 404, tc.header, tc.body)
			_, err := c.Document(t.Context(), Roles, "r")
			if got := IsMissing(err); got != tc.want || err == nil || err.Error() != tc.text {
				t.Errorf("\n%s\nIsMissing(%v): want %t, got %t", tc.reason, err, tc.want, got)
			}
		})
	}
}

func TestInvalidDocumentNamesAreNotSent(t *testing.T) {
	for _, name := range []string{"", "*", "a,b", "a*", "-a", "_a", "..", "a/b", "a?b", "a b", "ä", strings.Repeat("a", 256)} {
		c, got := serve(t, Config{}, 200, product, `{"found":true}`)
		err := c.DeleteDocument(t.Context(), Roles, name)
		if request, _ := got(); err == nil || request.Method != "" {
			t.Errorf("\nA name that could lead elsewhere is refused before it is sent.\nDeleteDocument(%q): %v", name, err)
		}
	}
}

func TestCreateAPIKeyWithoutKey(t *testing.T) {
	c, _ := serve(t, Config{}, 200, product, `{"id":"i"}`)
	if made, err := c.CreateAPIKey(t.Context(), NewAPIKey{Name: "app"}); err == nil {
		t.Errorf("\nAn answer without a key is no success.\nCreateAPIKey(...): %+v", made)
	}
}
