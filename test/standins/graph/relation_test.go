package graph

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

func TestRelate(t *testing.T) {
	ana, bo := ObjectID("ana@example.com"), ObjectID("bo@example.com")
	exists := "400 Request_BadRequest: One or more added object references already exist for the following modified properties: 'members'."
	absent := "404 Request_ResourceNotFound: Resource '" + missing + "' does not exist or one of its queried reference-property objects are not present."
	bind := func(ids ...string) map[string]any {
		urls := []string{}
		for _, id := range ids {
			urls = append(urls, ref(id))
		}
		return map[string]any{"members@odata.bind": urls}
	}
	cases := map[string]struct {
		reason string
		method string
		path   string
		body   any
		want   string
		after  []string
	}{
		"Post":          {"An object is added.", http.MethodPost, "/members/$ref", refTo(bo), "204", []string{ana, bo}},
		"PostTwice":     {"An object that is there already is refused.", http.MethodPost, "/members/$ref", refTo(ana), exists, []string{ana}},
		"PostAbsent":    {"An object that does not exist is named.", http.MethodPost, "/members/$ref", refTo(missing), absent, []string{ana}},
		"PostNonsense":  {"A reference is a URL.", http.MethodPost, "/members/$ref", refTo("x"), "400 Request_BadRequest: Invalid URL specified for the entity reference: '" + ref("x") + "'.", []string{ana}},
		"Patch":         {"Several objects are added at once.", http.MethodPatch, "", bind(bo, ObjectID("dee@example.com")), "204", []string{ana, bo, ObjectID("dee@example.com")}},
		"PatchExisting": {"One that is there already holds up all.", http.MethodPatch, "", bind(bo, ana), exists, []string{ana}},
		"PatchAbsent":   {"One that does not exist holds up all.", http.MethodPatch, "", bind(bo, missing), absent, []string{ana}},
		"PatchAlso":     {"If the objects are refused, no property changes.", http.MethodPatch, "", with(bind(ana), "description", "changed"), exists, []string{ana}},
		"PatchOwners": {"Owners of a group that exists are added one by one.", http.MethodPatch, "", map[string]any{"owners@odata.bind": []string{ref(bo)}},
			"400 Request_BadRequest: Owners can only be added one by one to a group that exists.", []string{ana}},
		"Remove": {"An object is removed.", http.MethodDelete, "/members/" + ana + "/$ref", nil, "204", nil},
		"RemoveAbsent": {"An object that is not in the group is not found.", http.MethodDelete, "/members/" + bo + "/$ref", nil,
			"404 Request_ResourceNotFound: Resource '" + bo + "' does not exist or one of its queried reference-property objects are not present.", []string{ana}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := start(t, Options{})
			path, _ := w.newGroup()
			w.must(204, http.MethodPost, path+"/members/$ref", refTo(ana))
			got := w.do(tc.method, path+tc.path, tc.body)
			if diff := cmp.Diff(tc.want, got.refused()); diff != "" {
				t.Errorf("\n%s\n%s: -want, +got:\n%s", tc.reason, tc.method, diff)
			}
			after := w.must(200, http.MethodGet, path+"/members?$select=id", nil).each("id")
			if diff := cmp.Diff(sorted(append([]string{}, tc.after...)), after); diff != "" {
				t.Errorf("\n%s\nGET members: -want, +got:\n%s", tc.reason, diff)
			}
			if got := w.must(200, http.MethodGet, path, nil).body["description"]; got != nil {
				t.Errorf("\n%s\nGET group: description is %v", tc.reason, got)
			}
		})
	}
}

func TestLastOwner(t *testing.T) {
	w := start(t, Options{})
	path, id := w.newGroup()
	ana, bo, app := ObjectID("ana@example.com"), ObjectID("bo@example.com"), ObjectID(testClient)
	for _, o := range []string{ana, bo, app} {
		w.must(204, http.MethodPost, path+"/owners/$ref", refTo(o))
	}
	w.must(204, http.MethodDelete, path+"/owners/"+ana+"/$ref", nil)
	got := w.do(http.MethodDelete, path+"/owners/"+bo+"/$ref", nil)
	want := "400 Request_BadRequest: The group must have at least one owner, hence this owner cannot be removed."
	if diff := cmp.Diff(want, got.refused()); diff != "" {
		t.Errorf("\nThe last owner that is a user stays, though an application is owner too.\nDELETE owner: -want, +got:\n%s", diff)
	}
	w.must(204, http.MethodDelete, path+"/owners/"+app+"/$ref", nil)
	if got := w.do(http.MethodPost, path+"/owners/$ref", refTo(id)); got.status != 400 {
		t.Errorf("\nA group owns no group.\nPOST owner: %s", got.refused())
	}
}

func TestServicePrincipals(t *testing.T) {
	w := start(t, Options{})
	path, id := w.newGroup()
	app := ObjectID(testClient)
	w.must(204, http.MethodPost, path+"/members/$ref", refTo(app))
	if got := w.must(200, http.MethodGet, path+"/members", nil).each("id"); len(got) != 0 {
		t.Errorf("\nThe list of v1.0 leaves out service principals.\nGET members: %v", got)
	}
	beta := w.must(200, http.MethodGet, "/beta/groups/"+id+"/members", nil)
	if diff := cmp.Diff([]string{app, "#microsoft.graph.servicePrincipal"}, append(beta.each("id"), beta.each("@odata.type")...)); diff != "" {
		t.Errorf("\nThat of beta shows them.\nGET members: -want, +got:\n%s", diff)
	}
	expanded := w.must(200, http.MethodGet, path+"?$expand=members", nil)
	if got, _ := expanded.body["members"].([]any); len(got) != 1 {
		t.Errorf("\nSo does the expanded group.\nGET group: %v", expanded.body)
	}
}

func TestPages(t *testing.T) {
	cases := map[string]struct {
		reason string
		top    string
		pages  int
	}{
		"Default": {"A page has 100 objects unless the client says otherwise.", "", 3},
		"Small":   {"A page has as many objects as the client says.", "&$top=50", 5},
		"Large":   {"The last page links no further.", "&$top=999", 1},
		"Exact":   {"A full last page links no further.", "&$top=125", 2},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			users := many(250)
			w := start(t, Options{Users: users})
			path, _ := w.newGroup()
			var want []string
			for chunk := range slices.Chunk(users, 20) {
				w.must(204, http.MethodPatch, path, map[string]any{"members@odata.bind": refs(chunk)})
				for _, u := range chunk {
					want = append(want, ObjectID(u.UserPrincipalName))
				}
			}
			var got []string
			pages := 0
			for next := path + "/members?$select=id" + tc.top; next != ""; pages++ {
				page := w.must(200, http.MethodGet, next, nil)
				got = append(got, page.each("id")...)
				next, _ = page.body["@odata.nextLink"].(string)
			}
			if diff := cmp.Diff([]any{tc.pages, sorted(want)}, []any{pages, sorted(got)}); diff != "" {
				t.Errorf("\n%s\nGET members: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestRemovalWhilePaging(t *testing.T) {
	w := start(t, Options{})
	path, _ := w.newGroup()
	var ids []string
	for _, u := range DefaultUsers() {
		ids = append(ids, ObjectID(u.UserPrincipalName))
		w.must(204, http.MethodPost, path+"/members/$ref", refTo(ObjectID(u.UserPrincipalName)))
	}
	first := w.must(200, http.MethodGet, path+"/members?$top=2", nil)
	for _, id := range first.each("id") {
		w.must(204, http.MethodDelete, path+"/members/"+id+"/$ref", nil)
	}
	rest := w.must(200, http.MethodGet, fmt.Sprint(first.body["@odata.nextLink"]), nil)
	got := append(first.each("id"), rest.each("id")...)
	if diff := cmp.Diff(sorted(ids)[:4], sorted(got)[:4]); diff != "" || len(rest.each("id")) != 2 {
		t.Errorf("\nRemoving what was read makes the next page skip nobody.\nGET members: -want, +got:\n%s", diff)
	}
}

func TestRelationLag(t *testing.T) {
	w := start(t, Options{RelationLag: time.Minute})
	path, _ := w.newGroup()
	ana := ObjectID("ana@example.com")
	listed := func() []string { return w.must(200, http.MethodGet, path+"/members", nil).each("id") }

	w.must(204, http.MethodPost, path+"/members/$ref", refTo(ana))
	if got := listed(); len(got) != 0 {
		t.Errorf("\nA new member is not listed at first.\nGET members: %v", got)
	}
	if got := w.do(http.MethodPost, path+"/members/$ref", refTo(ana)); got.status != 400 {
		t.Errorf("\nIt is a member nevertheless.\nPOST member: %s", got.refused())
	}
	w.clock = w.clock.Add(time.Minute)
	if diff := cmp.Diff([]string{ana}, listed()); diff != "" {
		t.Errorf("\nIt is listed later.\nGET members: -want, +got:\n%s", diff)
	}
	w.must(204, http.MethodDelete, path+"/members/"+ana+"/$ref", nil)
	if diff := cmp.Diff([]string{ana}, listed()); diff != "" {
		t.Errorf("\nA removed member is still listed at first.\nGET members: -want, +got:\n%s", diff)
	}
	w.clock = w.clock.Add(time.Minute)
	if got := listed(); len(got) != 0 {
		t.Errorf("\nIt is not listed later.\nGET members: %v", got)
	}
}
