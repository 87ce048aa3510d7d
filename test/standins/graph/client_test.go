package graph

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const (
	testTenant = "11111111-1111-4111-8111-111111111111"
	testClient = "22222222-2222-4222-8222-222222222222"
	testSecret = "right"
	missing    = "00000000-0000-4000-8000-000000000001"
)

// A world is a stand-in, its clock, and a client that has signed in.
type world struct {
	t      *testing.T
	server *Server
	clock  time.Time
	bearer string
}

// A reply is an answer as a client sees it.
type reply struct {
	status int
	header http.Header
	body   map[string]any
}

// start returns a world whose clock stands still until the test moves it.
func start(t *testing.T, o Options) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	o.TenantID, o.ClientID, o.ClientSecret = testTenant, testClient, testSecret
	o.Now = func() time.Time { return w.clock }
	w.server = New(o)
	got := w.token(url.Values{"client_secret": {testSecret}})
	token, ok := got.body["access_token"].(string)
	if !ok {
		t.Fatalf("cannot sign in: %d %v", got.status, got.body)
	}
	w.bearer = "Bearer " + token
	return w
}

func (w *world) token(form url.Values) reply {
	w.t.Helper()
	for name, value := range map[string]string{
		"grant_type": "client_credentials", "client_id": testClient, "scope": "https://graph.microsoft.com/.default",
	} {
		if !form.Has(name) {
			form.Set(name, value)
		}
	}
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/"+testTenant+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.send(r)
}

// do sends a request to Microsoft Graph. Headers are pairs of name and value.
func (w *world) do(method, path string, body any, headers ...string) reply {
	w.t.Helper()
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), method, strings.ReplaceAll(path, " ", "%20"), in)
	r.Header.Set("Authorization", w.bearer)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return w.send(r)
}

func (w *world) send(r *http.Request) reply {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	w.server.ServeHTTP(recorder, r)
	out := reply{status: recorder.Code, header: recorder.Header()}
	if recorder.Body.Len() > 0 {
		if err := json.Unmarshal(recorder.Body.Bytes(), &out.body); err != nil {
			w.t.Fatalf("cannot decode answer %q: %v", recorder.Body, err)
		}
	}
	return out
}

// must fails the test unless a request is answered with a status.
func (w *world) must(status int, method, path string, body any, headers ...string) reply {
	w.t.Helper()
	got := w.do(method, path, body, headers...)
	if got.status != status {
		w.t.Fatalf("%s %s: want %d, got %d %v", method, path, status, got.status, got.body)
	}
	return got
}

// newGroup creates a group of unique name a and returns its path and its id.
func (w *world) newGroup() (path, id string) {
	w.t.Helper()
	got := w.must(201, http.MethodPost, "/v1.0/groups", with(security(), "uniqueName", "a"))
	id, _ = got.body["id"].(string)
	return "/v1.0/groups/" + id, id
}

// security returns the body that creates a security group.
func security() map[string]any {
	return map[string]any{"displayName": "checkout-prod", "mailEnabled": false, "mailNickname": "checkout-prod", "securityEnabled": true}
}

// with returns a body with one more property, or without it if its value is nil.
func with(body map[string]any, name string, value any) map[string]any {
	body[name] = value
	if value == nil {
		delete(body, name)
	}
	return body
}

func ref(id string) string { return "https://graph.microsoft.com/v1.0/directoryObjects/" + id }

func refTo(id string) map[string]string { return map[string]string{"@odata.id": ref(id)} }

// many returns n users, who have nothing but names.
func many(n int) []User {
	out := make([]User, n)
	for i := range out {
		out[i].UserPrincipalName = fmt.Sprintf("user%d@example.com", i)
	}
	return out
}

func refs(users []User) []string {
	out := make([]string, len(users))
	for i, u := range users {
		out[i] = ref(ObjectID(u.UserPrincipalName))
	}
	return out
}

// refused returns status, code and message of an answer, or its status alone.
func (r reply) refused() string {
	e, ok := r.body["error"].(map[string]any)
	if !ok {
		return fmt.Sprint(r.status)
	}
	return fmt.Sprintf("%d %v: %v", r.status, e["code"], e["message"])
}

// each returns a property of all objects of a list.
func (r reply) each(property string) []string {
	out := []string{}
	for _, o := range objects(r.body["value"]) {
		out = append(out, fmt.Sprint(o[property]))
	}
	return out
}

// objects returns the JSON objects of a JSON list.
func objects(list any) []map[string]any {
	var out []map[string]any
	all, _ := list.([]any)
	for _, o := range all {
		object, _ := o.(map[string]any)
		out = append(out, object)
	}
	return out
}
