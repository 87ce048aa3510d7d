package e2e

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// A backend is a backend as its administrator sees it: over HTTP, with an
// administrator's credentials, past everything that is ours.
type backend struct {
	base      string
	authorize func(t *testing.T, req *http.Request)
}

func elasticsearch() backend {
	return backend{base: plane.ElasticsearchURL(), authorize: func(_ *testing.T, req *http.Request) {
		req.SetBasicAuth("plumbline", plane.BackendSecret())
	}}
}

func graph() backend {
	return backend{base: plane.GraphURL(), authorize: func(t *testing.T, req *http.Request) {
		t.Helper()
		req.Header.Set("Authorization", "Bearer "+graphToken(t))
	}}
}

// do sends a request and returns the status and the decoded body of the answer.
func (b backend) do(t *testing.T, method, path string, body any) (int, map[string]any) {
	t.Helper()
	var payload io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatalf("cannot encode body: %v", err)
		}
		payload = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, b.base+path, payload)
	if err != nil {
		t.Fatalf("cannot make request: %v", err)
	}
	req.Header.Set("Content-Type", "application/json")
	b.authorize(t, req)
	return send(t, req)
}

func send(t *testing.T, req *http.Request) (int, map[string]any) {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(plane.CA())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	rsp, err := (&http.Client{Transport: transport, Timeout: 30 * time.Second}).Do(req)
	if err != nil {
		t.Fatalf("cannot %s %s: %v", req.Method, req.URL, err)
	}
	defer rsp.Body.Close() //nolint:errcheck // It is read to its end.
	raw, err := io.ReadAll(rsp.Body)
	if err != nil {
		t.Fatalf("cannot read answer: %v", err)
	}
	out := map[string]any{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatalf("%s %s answers %q: %v", req.Method, req.URL, raw, err)
		}
	}
	return rsp.StatusCode, out
}

func graphToken(t *testing.T) string {
	t.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {plane.ClientID()}, "client_secret": {plane.BackendSecret()},
		"scope": {"https://graph.microsoft.com/.default"},
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		plane.GraphURL()+"/"+plane.TenantID()+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatalf("cannot make request: %v", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	code, body := send(t, req)
	token, ok := body["access_token"].(string)
	if !ok {
		t.Fatalf("the token endpoint answers %d: %v", code, body)
	}
	return token
}

// index returns the settings of an index, or nil if there is none.
func index(t *testing.T, name string) map[string]any {
	t.Helper()
	code, body := elasticsearch().do(t, http.MethodGet, "/"+name+"/_settings?flat_settings=true", nil)
	if code == http.StatusNotFound {
		return nil
	}
	found, ok := body[name].(map[string]any)
	if code != http.StatusOK || !ok {
		t.Fatalf("index %s: status %d: %v", name, code, body)
	}
	return found["settings"].(map[string]any)
}

// groups returns the groups of a display name.
func groups(t *testing.T, name string) []map[string]any {
	t.Helper()
	filter := url.QueryEscape(fmt.Sprintf("displayName eq '%s'", name))
	code, body := graph().do(t, http.MethodGet, "/v1.0/groups?$filter="+filter, nil)
	if code != http.StatusOK {
		t.Fatalf("groups named %s: status %d: %v", name, code, body)
	}
	var out []map[string]any
	for _, g := range body["value"].([]any) {
		out = append(out, g.(map[string]any))
	}
	return out
}

// members returns the names by which the members of a group sign in, sorted.
func members(t *testing.T, id string) []string {
	t.Helper()
	code, body := graph().do(t, http.MethodGet, "/beta/groups/"+id+"/members", nil)
	if code != http.StatusOK {
		t.Fatalf("members of %s: status %d: %v", id, code, body)
	}
	out := []string{}
	for _, m := range body["value"].([]any) {
		out = append(out, m.(map[string]any)["userPrincipalName"].(string))
	}
	slices.Sort(out)
	return out
}

// user returns the object id of a user.
func user(t *testing.T, name string) string {
	t.Helper()
	code, body := graph().do(t, http.MethodGet, "/v1.0/users/"+name, nil)
	if code != http.StatusOK {
		t.Fatalf("user %s: status %d: %v", name, code, body)
	}
	return body["id"].(string)
}
