package graph

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// tenantOf returns a client of a stand-in for Microsoft Graph.
func tenantOf(t *testing.T, o standin.Options) *Client {
	t.Helper()
	o.TenantID, o.ClientID, o.ClientSecret = tenant, app, "right"
	server := httptest.NewTLSServer(standin.New(o))
	t.Cleanup(server.Close)
	return connect(t, server, "right")
}

// TestLifeOfAGroup takes one group through every call, in the order that a life
// has, against a directory that keeps state.
func TestLifeOfAGroup(t *testing.T) {
	ctx := t.Context()
	var users []standin.User
	var people []string
	for n := range 45 {
		name := fmt.Sprintf("user%d@example.com", n)
		users, people = append(users, standin.User{UserPrincipalName: name}), append(people, standin.ObjectID(name))
	}
	slices.Sort(people)
	robot := standin.ServicePrincipal{AppID: id(7), DisplayName: "robot"}
	c := tenantOf(t, standin.Options{Users: users, ServicePrincipals: []standin.ServicePrincipal{robot}})

	if _, err := c.GroupByUniqueName(ctx, "a.prod"); !IsNotFound(err) {
		t.Fatalf("\nA group that is not there is not found.\nGroupByUniqueName(...): %v", err)
	}
	want := Group{UniqueName: "a.prod", DisplayName: "a o'b & c+d", Description: "d [x]"}
	objectID, created, err := c.CreateGroup(ctx, want)
	if err != nil || !created {
		t.Fatalf("CreateGroup(...): created %t, %v", created, err)
	}
	if _, again, err := c.CreateGroup(ctx, want); err != nil || again {
		t.Errorf("\nCreating twice makes one group.\nCreateGroup(...): created %t, %v", again, err)
	}
	want.ID = objectID
	for call, get := range map[string]func() (Group, error){
		"Group":             func() (Group, error) { return c.Group(ctx, objectID) },
		"GroupByUniqueName": func() (Group, error) { return c.GroupByUniqueName(ctx, "a.prod") },
		"GroupsByDisplayName": func() (Group, error) {
			found, err := c.GroupsByDisplayName(ctx, want.DisplayName)
			return append(found, Group{})[0], err
		},
	} {
		got, err := get()
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("\nA group is found by whatever it has.\n%s(...): %v, -want, +got:\n%s", call, err, diff)
		}
	}

	everybody := append(slices.Clone(people), standin.ObjectID(robot.AppID))
	slices.Sort(everybody)
	if missing, err := c.Relate(ctx, objectID, Members, append([]string{id(404)}, everybody...)); err != nil || !slices.Equal(missing, []string{id(404)}) {
		t.Errorf("\nWho the directory does not know is named, and everybody else added.\nRelate(...): %v, %v", missing, err)
	}
	expect(t, c, objectID, Members, everybody)
	if err := c.Unrelate(ctx, objectID, Members, append([]string{id(404)}, people...)); err != nil {
		t.Errorf("Unrelate(...): %v", err)
	}
	expect(t, c, objectID, Members, []string{standin.ObjectID(robot.AppID)})
	if _, err := c.Relate(ctx, objectID, Owners, []string{people[0], people[0]}); err != nil {
		t.Errorf("\nAn owner that is there already is no mistake.\nRelate(...): %v", err)
	}
	expect(t, c, objectID, Owners, people[:1])

	resolved, err := c.Resolve(ctx, "USER3@example.com")
	if err != nil || resolved != standin.ObjectID("user3@example.com") {
		t.Errorf("Resolve(...): %q, %v", resolved, err)
	}
	if resolved, err := c.Resolve(ctx, id(404)); err != nil || resolved != "" {
		t.Errorf("Resolve(...): %q, %v", resolved, err)
	}

	if err := c.UpdateGroup(ctx, objectID, "renamed", "d"); err != nil {
		t.Errorf("UpdateGroup(...): %v", err)
	}
	if err := c.DeleteGroup(ctx, objectID); err != nil {
		t.Fatalf("DeleteGroup(...): %v", err)
	}
	if _, err := c.DeletedGroup(ctx, objectID); err != nil {
		t.Errorf("DeletedGroup(...): %v", err)
	}
	if bin, err := c.DeletedGroupsByDisplayName(ctx, "renamed"); err != nil || len(bin) != 1 || bin[0].UniqueName != "a.prod" {
		t.Errorf("DeletedGroupsByDisplayName(...): %v, %v", bin, err)
	}
	if bin, err := c.DeletedGroups(ctx); err != nil || len(bin) != 1 || bin[0].UniqueName != "a.prod" {
		t.Errorf("DeletedGroups(...): %v, %v", bin, err)
	}
	if err := c.RestoreGroup(ctx, objectID); err != nil {
		t.Errorf("RestoreGroup(...): %v", err)
	}
	expect(t, c, objectID, Owners, people[:1])
}

func expect(t *testing.T, c *Client, group string, r Relation, want []string) {
	t.Helper()
	found, err := c.Related(t.Context(), group, r)
	if err != nil {
		t.Fatalf("Related(...): %v", err)
	}
	var got []string
	for _, p := range found {
		got = append(got, p.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Related(%s): -want, +got:\n%s", r, diff)
	}
}
