package provider

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// A backend is a stand-in behind TLS, with a place before it where a test can
// make it fail.
type backend struct {
	*httptest.Server
	inner http.Handler

	mu       sync.Mutex
	before   func(w http.ResponseWriter, r *http.Request) (done bool)
	requests []string // Method and path, in order.
}

func serve(t *testing.T, inner http.Handler) *backend {
	t.Helper()
	b := &backend{inner: inner}
	b.Server = httptest.NewTLSServer(b)
	t.Cleanup(b.Close)
	return b
}

func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := methodOf(r)
	b.mu.Lock()
	b.requests = append(b.requests, method+" "+r.URL.Path)
	before := b.before
	b.mu.Unlock()
	if before == nil || !before(w, r) {
		b.inner.ServeHTTP(w, r)
	}
}

// methodOf is the method of a request. A batch of Microsoft Graph that only gets is a GET.
func methodOf(r *http.Request) string {
	if !strings.HasSuffix(r.URL.Path, "/$batch") {
		return r.Method
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var batch struct {
		Requests []struct {
			Method string `json:"method"`
		} `json:"requests"`
	}
	if err != nil || json.Unmarshal(body, &batch) != nil || len(batch.Requests) == 0 {
		return r.Method
	}
	for _, part := range batch.Requests {
		if part.Method != http.MethodGet {
			return r.Method
		}
	}
	return http.MethodGet
}

// meddle has every request pass through f first; nil ends it.
func (b *backend) meddle(f func(http.ResponseWriter, *http.Request) (done bool)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.before = f
}

// seen returns the requests so far that write.
func (b *backend) seen() (all int, writes []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.requests {
		if !strings.HasPrefix(r, http.MethodGet) && !strings.HasSuffix(r, "/token") {
			writes = append(writes, r)
		}
	}
	return len(b.requests), writes
}

// asked returns how many requests so far name something.
func (b *backend) asked(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, r := range b.requests {
		if strings.Contains(r, name) {
			n++
		}
	}
	return n
}

func (b *backend) ca() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.Certificate().Raw})
}

// call asks the stand-in itself, past everything that is ours, as an
// administrator would.
func (b *backend) call(t *testing.T, header http.Header, method, path string, body any) (int, map[string]any) {
	t.Helper()
	payload := &bytes.Buffer{}
	if body != nil {
		if err := json.NewEncoder(payload).Encode(body); err != nil {
			t.Fatal(err)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), method, b.URL+path, payload)
	r.Header = header.Clone()
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	b.inner.ServeHTTP(w, r)
	answer := map[string]any{}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s %s answers %q: %v", method, path, w.Body, err)
		}
	}
	return w.Code, answer
}

const (
	tenantID     = "11111111-1111-4111-8111-111111111111"
	clientID     = "22222222-2222-4222-8222-222222222222"
	clientSecret = "the-right-secret"
)

// A tenant is a stand-in for Microsoft Graph.
type tenant struct {
	*backend
	header http.Header
}

func startTenant(t *testing.T, o standin.Options) *tenant {
	t.Helper()
	o.TenantID, o.ClientID, o.ClientSecret = tenantID, clientID, clientSecret
	d := &tenant{backend: serve(t, standin.New(o))}
	d.header = d.signIn(t)
	return d
}

// signIn returns the header of an administrator.
func (d *tenant) signIn(t *testing.T) http.Header {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {clientSecret},
		"scope": {"https://graph.microsoft.com/.default"}}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, d.URL+"/"+tenantID+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.inner.ServeHTTP(w, r)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &token); err != nil || token.AccessToken == "" {
		t.Fatalf("cannot sign in to the stand-in: %s", w.Body)
	}
	return http.Header{"Authorization": {"Bearer " + token.AccessToken}}
}

func (d *tenant) do(t *testing.T, method, path string, body any) map[string]any {
	t.Helper()
	status, answer := d.call(t, d.header, method, path, body)
	if status >= 300 {
		t.Fatalf("%s %s: %d %v", method, path, status, answer)
	}
	return answer
}

// groups returns the groups of a display name.
func (d *tenant) groups(t *testing.T, displayName string) []map[string]any {
	t.Helper()
	return values(d.do(t, http.MethodGet, "/v1.0/groups?$filter="+url.QueryEscape("displayName eq '"+displayName+"'"), nil))
}

// related returns the object ids of a group's members or owners, in order.
func (d *tenant) related(t *testing.T, id any, relation string) []string {
	t.Helper()
	var ids []string
	for _, o := range values(d.do(t, http.MethodGet, fmt.Sprintf("/beta/groups/%s/%s", id, relation), nil)) {
		ids = append(ids, o["id"].(string))
	}
	slices.Sort(ids)
	return ids
}

func (d *tenant) addMember(t *testing.T, id any, member string) {
	t.Helper()
	d.do(t, http.MethodPost, fmt.Sprintf("/v1.0/groups/%s/members/$ref", id),
		map[string]string{"@odata.id": d.URL + "/v1.0/directoryObjects/" + member})
}

func (d *tenant) removeMember(t *testing.T, id any, member string) {
	t.Helper()
	d.do(t, http.MethodDelete, fmt.Sprintf("/v1.0/groups/%s/members/%s/$ref", id, member), nil)
}

func values(answer map[string]any) []map[string]any {
	var out []map[string]any
	list, _ := answer["value"].([]any)
	for _, v := range list {
		out = append(out, v.(map[string]any))
	}
	return out
}
