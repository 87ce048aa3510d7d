package kong

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func do(s *Server, r *http.Request) (int, map[string]any) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var body map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &body)
	return w.Code, body
}

func get(t *testing.T, s *Server, path string) (int, map[string]any) {
	t.Helper()
	return do(s, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
}

func TestPostConfig(t *testing.T) {
	good := `{"_format_version":"3.0","services":[{"name":"checkout","host":"checkout.svc"}]}`
	cases := map[string]struct {
		reason  string
		body    string
		status  int
		message string
	}{
		"Good": {
			reason: "A configuration is accepted whole.",
			body:   good, status: 201,
		},
		"Empty": {
			reason: "A cluster without routes has a configuration too.",
			body:   `{"_format_version":"3.0"}`, status: 201,
		},
		"NoFormat": {
			reason: "Kong refuses a configuration that does not name its format.",
			body:   `{}`, status: 400, message: "declarative config is invalid: _format_version: required field missing",
		},
		"AllMistakes": {
			reason: "All mistakes are told at once.",
			body:   `{"_format_version":"3.0","services":[{"name":"a"}],"routes":{}}`, status: 400,
			message: "declarative config is invalid: services[0].host: required field missing; routes: expected a list of records",
		},
		"NotJSON": {
			reason: "Anything but a JSON object is refused.",
			body:   `[]`, status: 400, message: "declarative config is invalid: it is no JSON object",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := New()
			status, body := do(s, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/config?check_hash=1&flatten_errors=1", strings.NewReader(tc.body)))
			message, _ := body["message"].(string)
			if diff := cmp.Diff([]any{tc.status, tc.message}, []any{status, message}); diff != "" {
				t.Errorf("\n%s\nPOST /config: -want, +got:\n%s", tc.reason, diff)
			}
			kept, wantKept := string(s.Config()), ""
			if tc.status == 201 {
				wantKept = tc.body
			}
			if diff := cmp.Diff(wantKept, kept); diff != "" {
				t.Errorf("\n%s\nConfig(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestRecordedConfig(t *testing.T) {
	s := New()
	if status, _ := get(t, s, "/_standin/config"); status != http.StatusNotFound {
		t.Errorf("\nBefore the first configuration there is none to read.\nGET /_standin/config: %d", status)
	}
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = zip.Write([]byte(`{"_format_version":"3.0","routes":[{"name":"r"}]}`))
	_ = zip.Close()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/config", &zipped)
	r.Header.Set("Content-Encoding", "gzip")
	if status, body := do(s, r); status != http.StatusCreated {
		t.Fatalf("\nA compressed configuration is accepted.\nPOST /config: %d %v", status, body)
	}
	_, body := get(t, s, "/_standin/config")
	want := map[string]any{"_format_version": "3.0", "routes": []any{map[string]any{"name": "r"}}}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("\nThe last configuration can be read.\nGET /_standin/config: -want, +got:\n%s", diff)
	}
}

func TestStatusHash(t *testing.T) {
	s := New()
	hash := func() any { _, body := get(t, s, "/status"); return body["configuration_hash"] }
	if diff := cmp.Diff(any(emptyHash), hash()); diff != "" {
		t.Errorf("\nThe controller tells a gateway without configuration by its hash, and sends again.\nGET /status: -want, +got:\n%s", diff)
	}
	do(s, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/config", strings.NewReader(`{"_format_version":"3.0"}`)))
	if got := hash(); got == emptyHash {
		t.Errorf("\nA gateway with a configuration has another hash.\nGET /status: %v", got)
	}
}

func TestRoot(t *testing.T) {
	_, body := get(t, New(), "/")
	configuration, _ := body["configuration"].(map[string]any)
	got := []any{body["version"], configuration["database"], configuration["router_flavor"], body["node_id"]}
	want := []any{"3.9.0", "off", "traditional_compatible", nodeID}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\nThe controller chooses how to speak to the gateway by these.\nGET /: -want, +got:\n%s", diff)
	}
	if status, _ := get(t, New(), "/services"); status != http.StatusNotFound {
		t.Errorf("\nWhat is not served is not found.\nGET /services: %d", status)
	}
}
