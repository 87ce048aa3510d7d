package graph

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCreateGroup(t *testing.T) {
	for name, tc := range creations {
		t.Run(name, func(t *testing.T) {
			w := start(t, Options{Users: many(21)})
			got := w.do(http.MethodPost, "/v1.0/groups", tc.body)
			if diff := cmp.Diff(tc.want, got.refused()); diff != "" {
				t.Errorf("\n%s\nPOST /groups: -want, +got:\n%s", tc.reason, diff)
			}
			left := len(w.do(http.MethodGet, "/v1.0/groups", nil).each("id"))
			if diff := cmp.Diff(tc.want == "201", left == 1); diff != "" {
				t.Errorf("\nA group that is refused is not there, and one that is not is.\nGET /groups: -want, +got:\n%s", diff)
			}
		})
	}
}

func TestUniqueName(t *testing.T) {
	w := start(t, Options{})
	path := "/v1.0/groups(uniqueName='it''s%2Fone')"
	if got := w.do(http.MethodPatch, path, security()); got.status != 404 {
		t.Errorf("\nWithout the preference, a group that is not there is not created.\nPATCH: %s", got.refused())
	}
	created := w.must(201, http.MethodPatch, path, security(), "Prefer", "create-if-missing")
	if diff := cmp.Diff(any("it's/one"), created.body["uniqueName"]); diff != "" {
		t.Errorf("\nThe key is the unique name.\nPATCH: -want, +got:\n%s", diff)
	}
	again := w.do(http.MethodPatch, path, with(security(), "description", "d"), "Prefer", "create-if-missing")
	if again.status != 204 || again.body != nil {
		t.Errorf("\nA group that is there is updated, and not answered with.\nPATCH: %d %v", again.status, again.body)
	}
	got := w.must(200, http.MethodGet, path+"?$select=id,description", nil)
	delete(got.body, "@odata.context")
	if diff := cmp.Diff(map[string]any{"id": created.body["id"], "description": "d"}, got.body); diff != "" {
		t.Errorf("\nThe update reached the same group.\nGET: -want, +got:\n%s", diff)
	}
	second := w.do(http.MethodPost, "/v1.0/groups", with(security(), "uniqueName", "it's/one"))
	if diff := cmp.Diff("400 Request_BadRequest: Another object with the same value for property uniqueName already exists.", second.refused()); diff != "" {
		t.Errorf("\nNo second group gets the name.\nPOST /groups: -want, +got:\n%s", diff)
	}
	rename := w.do(http.MethodPatch, "/v1.0/groups/"+fmt.Sprint(created.body["id"]), map[string]string{"uniqueName": "other"})
	if diff := cmp.Diff("400 Request_BadRequest: Property 'uniqueName' is read-only and cannot be set.", rename.refused()); diff != "" {
		t.Errorf("\nA unique name never changes.\nPATCH: -want, +got:\n%s", diff)
	}
}

func TestLag(t *testing.T) {
	w := start(t, Options{Lag: time.Minute})
	path, id := w.newGroup()
	requests := map[string]struct {
		method, path string
		body         any
		want         int
	}{
		"Get":     {http.MethodGet, path, nil, 200},
		"Key":     {http.MethodGet, "/v1.0/groups(uniqueName='a')", nil, 200},
		"Patch":   {http.MethodPatch, path, map[string]string{"description": "d"}, 204},
		"Members": {http.MethodGet, path + "/members", nil, 200},
		"Object":  {http.MethodGet, "/v1.0/directoryObjects/" + id, nil, 200},
	}
	for name, r := range requests {
		if got := w.do(r.method, r.path, r.body); got.status != 404 {
			t.Errorf("\nA new group is not found at first.\n%s: %s", name, got.refused())
		}
	}
	if got := w.do(http.MethodPatch, "/v1.0/groups(uniqueName='a')", security(), "Prefer", "create-if-missing"); got.status != 204 {
		t.Errorf("\nIts key is taken from the first moment, so that no second group is made.\nPATCH: %s", got.refused())
	}
	w.clock = w.clock.Add(time.Minute)
	for name, r := range requests {
		if got := w.do(r.method, r.path, r.body); got.status != r.want {
			t.Errorf("\nIt is found later.\n%s: %s", name, got.refused())
		}
	}
}

func TestDeleteAndRestore(t *testing.T) {
	w := start(t, Options{})
	path, id := w.newGroup()
	ana := ObjectID("ana@example.com")
	w.must(204, http.MethodPost, path+"/members/$ref", refTo(ana))
	w.must(204, http.MethodDelete, path, nil)
	for _, gone := range []string{path, "/v1.0/groups(uniqueName='a')", "/v1.0/directoryObjects/" + id} {
		if got := w.do(http.MethodGet, gone, nil); got.status != 404 {
			t.Errorf("\nA deleted group is not found.\nGET %s: %s", gone, got.refused())
		}
	}
	deleted := "/v1.0/directory/deletedItems/"
	listed := w.must(200, http.MethodGet, deleted+"microsoft.graph.group?$filter=displayName eq 'checkout-prod'&$count=true", nil,
		"ConsistencyLevel", "eventual")
	if diff := cmp.Diff([]any{[]string{id}, 1.0}, []any{listed.each("id"), listed.body["@odata.count"]}); diff != "" {
		t.Errorf("\nIt is among the deleted items.\nGET: -want, +got:\n%s", diff)
	}
	w.must(200, http.MethodPost, deleted+id+"/restore", nil)
	if diff := cmp.Diff([]string{ana}, w.must(200, http.MethodGet, path+"/members", nil).each("id")); diff != "" {
		t.Errorf("\nA restored group has its id and its members.\nGET members: -want, +got:\n%s", diff)
	}
	w.must(404, http.MethodGet, deleted+id, nil)

	w.must(204, http.MethodDelete, path, nil)
	w.newGroup()
	if got := w.do(http.MethodPost, deleted+id+"/restore", nil); got.status != 400 {
		t.Errorf("\nA group is not restored while another has its unique name.\nPOST restore: %s", got.refused())
	}
	w.must(204, http.MethodDelete, deleted+id, nil)
	if got := w.do(http.MethodPost, deleted+id+"/restore", nil); got.status != 404 {
		t.Errorf("\nA purged group is gone.\nPOST restore: %s", got.refused())
	}
}

func TestDeletedKeepUniqueName(t *testing.T) {
	w := start(t, Options{DeletedKeepUniqueName: true})
	w.newGroup()
	w.must(204, http.MethodDelete, "/v1.0/groups(uniqueName='a')", nil)
	got := w.do(http.MethodPatch, "/v1.0/groups(uniqueName='a')", security(), "Prefer", "create-if-missing")
	if diff := cmp.Diff("400 Request_BadRequest: Another object with the same value for property uniqueName already exists.", got.refused()); diff != "" {
		t.Errorf("\nOn demand, a deleted group keeps its unique name.\nPATCH: -want, +got:\n%s", diff)
	}
}

func TestListGroups(t *testing.T) {
	w := start(t, Options{})
	for key, name := range map[string]string{"a": "Orders", "b": "orders", "c": "it's", "d": "a and b"} {
		w.must(201, http.MethodPost, "/v1.0/groups", with(with(security(), "uniqueName", key), "displayName", name))
	}
	cases := map[string]struct {
		reason string
		query  string
		want   []string
		err    string
	}{
		"DisplayName":  {reason: "Names are compared without case.", query: "$filter=displayName eq 'ORDERS'", want: []string{"a", "b"}},
		"UniqueName":   {reason: "A unique name finds one group.", query: "$filter=uniqueName eq 'b'", want: []string{"b"}},
		"Quote":        {reason: "A quote in a literal is doubled.", query: "$filter=displayName eq 'it''s'", want: []string{"c"}},
		"Space":        {reason: "Words in a literal are no operators.", query: "$filter=displayName eq 'a and b'", want: []string{"d"}},
		"StartsWith":   {reason: "A beginning finds all names that have it.", query: "$filter=startswith(displayName,'ord')", want: []string{"a", "b"}},
		"Or":           {reason: "Either of two may hold.", query: "$filter=uniqueName eq 'a' or uniqueName eq 'c'", want: []string{"a", "c"}},
		"AndBeforeOr":  {reason: "And binds closer than or.", query: "$filter=uniqueName eq 'a' or uniqueName eq 'b' and displayName eq 'x'", want: []string{"a"}},
		"Parentheses":  {reason: "Parentheses bind closest.", query: "$filter=(uniqueName eq 'a' or uniqueName eq 'b') and displayName eq 'x'", want: []string{}},
		"Boolean":      {reason: "Flags can be asked for.", query: "$filter=securityEnabled eq false", want: []string{}},
		"NoOperator":   {reason: "A filter that is none is refused.", query: "$filter=displayName", err: "400 Request_UnsupportedQuery: Unsupported or invalid query filter clause specified for property 'displayName': operator ''."},
		"NotFiltered":  {reason: "Not every property can be asked for.", query: "$filter=description eq 'x'", err: "400 Request_UnsupportedQuery: Unsupported or invalid query filter clause specified for property 'description' of resource 'group'."},
		"OpenLiteral":  {reason: "A literal must end.", query: "$filter=displayName eq 'x", err: "400 BadRequest: Invalid filter clause: displayName eq 'x"},
		"SelectAbsent": {reason: "A property that does not exist cannot be selected.", query: "$select=nam", err: "400 BadRequest: Parsing OData Select and Expand failed: Could not find a property named 'nam' on type 'microsoft.graph.group'."},
		"NotServed":    {reason: "What is not served is refused, not ignored.", query: "$orderby=displayName", err: "400 BadRequest: Query option '$orderby' is not served by this stand-in."},
		"TooLarge":     {reason: "A page has at most 999 objects.", query: "$top=1000", err: "400 Request_BadRequest: Invalid page size specified: '1000'. Must be between 1 and 999 inclusive."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := w.do(http.MethodGet, "/v1.0/groups?"+tc.query, nil)
			if tc.err != "" {
				if diff := cmp.Diff(tc.err, got.refused()); diff != "" {
					t.Errorf("\n%s\nGET /groups: -want, +got:\n%s", tc.reason, diff)
				}
				return
			}
			if diff := cmp.Diff(tc.want, sorted(got.each("uniqueName"))); diff != "" {
				t.Errorf("\n%s\nGET /groups: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestCompressedBody(t *testing.T) {
	w := start(t, Options{})
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(zip, `{"displayName":"n","mailEnabled":false,"mailNickname":"n","securityEnabled":true}`)
	_ = zip.Close()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1.0/groups", &zipped)
	r.Header.Set("Authorization", w.bearer)
	r.Header.Set("Content-Encoding", "gzip")
	if got := w.send(r); got.status != 201 {
		t.Errorf("\nMicrosoft's SDK compresses what it sends.\nPOST /groups: %s", got.refused())
	}
}
