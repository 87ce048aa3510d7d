package graph

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestUsers(t *testing.T) {
	w := start(t, Options{})
	ana := ObjectID("ana@example.com")
	for _, name := range []string{"ana@example.com", "ANA@example.com", ana} {
		got := w.must(200, http.MethodGet, "/v1.0/users/"+name, nil)
		if diff := cmp.Diff(any(ana), got.body["id"]); diff != "" {
			t.Errorf("\nA user is found by id and by name.\nGET %s: -want, +got:\n%s", name, diff)
		}
		if _, shown := got.body["accountEnabled"]; shown {
			t.Errorf("\nWhether a user may sign in is shown only if selected.\nGET: %v", got.body)
		}
	}
	dee := w.must(200, http.MethodGet, "/v1.0/users/dee@example.com?$select=accountEnabled,userType", nil)
	if diff := cmp.Diff([]any{false, "Member"}, []any{dee.body["accountEnabled"], dee.body["userType"]}); diff != "" {
		t.Errorf("\nDee may not sign in.\nGET: -want, +got:\n%s", diff)
	}
	guests := w.must(200, http.MethodGet, "/v1.0/users?$filter=userType eq 'Guest'", nil).each("userPrincipalName")
	if diff := cmp.Diff([]string{"eli@example.com"}, guests); diff != "" {
		t.Errorf("\nEli is a guest.\nGET /users: -want, +got:\n%s", diff)
	}
	if got := w.do(http.MethodGet, "/v1.0/users/nobody@example.com", nil); got.status != 404 {
		t.Errorf("\nWho is not there is not found.\nGET: %s", got.refused())
	}
}

func TestObjectID(t *testing.T) {
	if diff := cmp.Diff("8e43ca37-7012-88e7-8983-efdbd0cff5c1", ObjectID("Ana@example.com")); diff != "" {
		t.Errorf("\nObject ids never change, so that tests and examples can name them.\nObjectID(...): -want, +got:\n%s", diff)
	}
}

func TestGetByIDs(t *testing.T) {
	w := start(t, Options{})
	ana, app := ObjectID("ana@example.com"), ObjectID(testClient)
	body := map[string]any{"ids": []string{ana, missing, app}, "types": []string{"user"}}
	got := w.must(200, http.MethodPost, "/v1.0/directoryObjects/getByIds", body)
	if diff := cmp.Diff([]string{ana}, got.each("id")); diff != "" {
		t.Errorf("\nThose of the wanted types that exist are told.\nPOST getByIds: -want, +got:\n%s", diff)
	}
}

func TestBatch(t *testing.T) {
	w := start(t, Options{})
	path, id := w.newGroup()
	item := func(n, method, url string, body any) map[string]any {
		return map[string]any{"id": n, "method": method, "url": url, "body": body,
			"headers": map[string]string{"Content-Type": "application/json"}}
	}
	got := w.must(200, http.MethodPost, "/v1.0/$batch", map[string]any{"requests": []any{
		item("1", "POST", "/groups/"+id+"/members/$ref", refTo(ObjectID("bo@example.com"))),
		item("2", "GET", "/groups/"+missing, nil),
		item("3", "GET", "/users?$filter=mail eq 'cy@example.com'", nil),
	}})
	statuses := map[string]any{}
	for _, one := range objects(got.body["responses"]) {
		statuses[fmt.Sprint(one["id"])] = one["status"]
	}
	if diff := cmp.Diff(map[string]any{"1": 204.0, "2": 404.0, "3": 200.0}, statuses); diff != "" {
		t.Errorf("\nEach request of a batch has its own answer.\nPOST $batch: -want, +got:\n%s", diff)
	}
	if got := w.must(200, http.MethodGet, path+"/members", nil).each("id"); len(got) != 1 {
		t.Errorf("\nWhat a batch writes is there.\nGET members: %v", got)
	}
	var items []any
	for i := range maxBatch + 1 {
		items = append(items, item(fmt.Sprint(i), "GET", "/users", nil))
	}
	if got := w.do(http.MethodPost, "/v1.0/$batch", map[string]any{"requests": items}); got.status != 400 {
		t.Errorf("\nA batch holds at most 20 requests.\nPOST $batch: %s", got.refused())
	}
}

func TestAnswer(t *testing.T) {
	w := start(t, Options{})
	got := w.do(http.MethodGet, "/v1.0/groups/"+missing, nil, "client-request-id", "mine")
	outer, _ := got.body["error"].(map[string]any)
	inner, _ := outer["innerError"].(map[string]any)
	want := []any{"mine", "mine", got.header.Get("Request-Id"), "2026-11-21T12:00:00"}
	if diff := cmp.Diff(want, []any{inner["client-request-id"], got.header.Get("Client-Request-Id"), inner["request-id"], inner["date"]}); diff != "" {
		t.Errorf("\nAn error names the request in headers and body.\nGET group: -want, +got:\n%s", diff)
	}
	if got.header.Get("Date") != "Sat, 21 Nov 2026 12:00:00 GMT" {
		t.Errorf("\nEvery answer tells the server's time.\nDate: %s", got.header.Get("Date"))
	}
	strange := w.do(http.MethodGet, "/v1.0/teams", nil)
	if diff := cmp.Diff("400 BadRequest: Resource not found for the segment 'teams'.", strange.refused()); diff != "" {
		t.Errorf("\nWhat is not served is refused as Microsoft Graph does it, not as a missing object.\nGET /teams: -want, +got:\n%s", diff)
	}
}

// FuzzFilter checks that a display name, whatever it holds, is found by the
// filter that quotes it, and that no name makes the filter mean something else.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"checkout-prod", "it's", "a' or displayName eq 'b", " ", "''", "x,)("} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !isDisplayName(name) || !utf8.ValidString(name) {
			return // JSON carries no such name.
		}
		r := &request{query: map[string][]string{"$filter": {"displayName eq '" + strings.ReplaceAll(name, "'", "''") + "'"}}}
		satisfy, err := r.filter(group)
		if err != nil {
			t.Fatalf("\nEvery name can be asked for.\nfilter(%q): %v", name, err)
		}
		own := &object{kind: group, properties: map[string]any{"displayName": name}}
		other := &object{kind: group, properties: map[string]any{"displayName": name + "x"}}
		if !satisfy(own) || satisfy(other) {
			t.Errorf("\nA name finds its own group and no other.\nfilter(%q): own %t, other %t", name, satisfy(own), satisfy(other))
		}
	})
}
