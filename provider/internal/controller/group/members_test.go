package group

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/world"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// TestManyMembers manages more members than a page, a request, or a group of
// Kubernetes' own would hold.
func TestManyMembers(t *testing.T) {
	var users []standin.User
	var names []string
	for n := range 1250 {
		names = append(names, fmt.Sprintf("user%d@example.com", n))
		users = append(users, standin.User{UserPrincipalName: names[n]})
	}
	d := startTenant(t, standin.Options{Users: users})
	w, cr := newPlane(t, d, "local"), managedGroup(members(names...))
	w.Make(cr)
	id := meta.GetExternalName(cr)
	if diff := cmp.Diff(userIDs(names...), d.related(t, id, "members")); diff != "" || cr.Status.AtProvider.Members != 1250 {
		t.Fatalf("\nAll are members, and each counts once.\nmembers: %d, -want, +got:\n%s", cr.Status.AtProvider.Members, diff)
	}
	// One creation, and 1,250 members by 20.
	if got := len(d.Writes()); got != 1+63 {
		t.Errorf("\nTwenty members are added by a request.\nwrites: %d", got)
	}
	d.Forget(world.Death{})
	few := append(slices.Clone(names[:40]), names[1249])
	w.Change(cr, members(few...))
	if diff := cmp.Diff(userIDs(few...), d.related(t, id, "members")); diff != "" || len(cr.Status.Drift) > 0 {
		t.Errorf("\nWho is not named any more is removed, and that is no drift.\n%v, members: -want, +got:\n%s", cr.Status.Drift, diff)
	}
	if got := len(d.Writes()); got != 61 { // 1,209 members by 20.
		t.Errorf("\nTwenty members are removed by a request.\nwrites: %d", got)
	}
}

// TestKindsOfMembers has every kind of member that a group can have, and some
// that it cannot.
func TestKindsOfMembers(t *testing.T) {
	robot := standin.ServicePrincipal{AppID: "33333333-3333-4333-8333-333333333333", DisplayName: "robot"}
	d := startTenant(t, standin.Options{ServicePrincipals: []standin.ServicePrincipal{robot}})
	nested := d.make(t, "", "nested", "")
	w := newPlane(t, d, "local")
	cr := managedGroup(members("ana@example.com", "dee@example.com", "eli@example.com", "nobody@example.com",
		nested, standin.ObjectID(robot.AppID), strings.ToUpper(standin.ObjectID("bo@example.com")), "44444444-4444-4444-8444-444444444444"))
	w.Make(cr)
	id := meta.GetExternalName(cr)
	want := append(userIDs("ana@example.com", "dee@example.com", "eli@example.com", "bo@example.com", robot.AppID), nested)
	slices.Sort(want)
	if diff := cmp.Diff(want, d.related(t, id, "members")); diff != "" {
		t.Errorf("\nWho can be a member is, whoever cannot.\n-want, +got:\n%s", diff)
	}
	status := v1alpha1.GroupObservation{ObjectID: id, Members: 6, Owner: marker,
		Unresolved: []string{"44444444-4444-4444-8444-444444444444", "nobody@example.com"},
		Disabled:   []string{"dee@example.com"}, Guests: []string{"eli@example.com"}}
	if diff := cmp.Diff(status, cr.Status.AtProvider); diff != "" {
		t.Errorf("\nWho is unknown, disabled or a guest is told by name.\n-want, +got:\n%s", diff)
	}
	says := "Not found in the directory, or not unique: 44444444-4444-4444-8444-444444444444, nobody@example.com. Members that may not sign in: dee@example.com"
	if diff := cmp.Diff(says, cr.GetCondition(xpv2.TypeReady).Message); diff != "" {
		t.Errorf("\nThe group is ready, and says who misses what it gives.\n-want, +got:\n%s", diff)
	}
	d.Forget(world.Death{})
	w.Settle(cr)
	if got := d.Writes(); len(got) > 0 {
		t.Errorf("\nA service principal or a nested group is not added again and again.\nwrites: %v", got)
	}
}

// TestUnknownAreBounded names more people that nobody knows than a status holds.
func TestUnknownAreBounded(t *testing.T) {
	d := startTenant(t, standin.Options{})
	var names []string
	for n := range 200 {
		names = append(names, fmt.Sprintf("nobody%03d@example.com", n))
	}
	cr := managedGroup(members(append(names, "ana@example.com")...))
	newPlane(t, d, "local").Make(cr)
	if diff := cmp.Diff(names[:maxNamed], cr.Status.AtProvider.Unresolved); diff != "" || cr.Status.AtProvider.Members != 1 {
		t.Errorf("\nThe first are told, and always the same.\n-want, +got:\n%s", diff)
	}
}

// TestRestored deletes a group by hand, renames it before, loses the control
// plane, and brings everything back from Git.
func TestRestored(t *testing.T) {
	cases := map[string]struct {
		reason  string
		options standin.Options
		before  func(t *testing.T, d tenant, id string)
	}{
		"Deleted": {"A deleted group is restored.", standin.Options{}, func(*testing.T, tenant, string) {}},
		"KeyKept": {"Also where it keeps its unique name from others.", standin.Options{DeletedKeepUniqueName: true}, func(*testing.T, tenant, string) {}},
		"Renamed": {"Also under another display name.", standin.Options{}, func(t *testing.T, d tenant, id string) {
			t.Helper()
			d.do(t, http.MethodPatch, "/v1.0/groups/"+id, map[string]string{"displayName": "old"})
		}},
		"Lagging": {"Also in a directory that shows it late.", standin.Options{Lag: 3 * time.Second, RelationLag: 2 * time.Second}, func(*testing.T, tenant, string) {}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			d := startTenant(t, tc.options)
			first := managedGroup(members("ana@example.com"))
			newPlane(t, d, "local").Make(first)
			id := meta.GetExternalName(first)
			*d.clock = d.clock.Add(time.Minute)
			tc.before(t, d, id)
			d.do(t, http.MethodDelete, "/v1.0/groups/"+id, nil)

			w, cr := newPlane(t, d, "local"), managedGroup(members("ana@example.com"))
			w.Make(cr)
			found := d.found(t)
			if len(found) != 1 || found[0]["id"] != id || meta.GetExternalName(cr) != id || found[0]["displayName"] != "checkout-prod" {
				t.Errorf("\n%s\nid was %s, groups: %v, %s", tc.reason, id, found, synced(cr))
			}
			if diff := cmp.Diff(userIDs("ana@example.com"), d.related(t, id, "members")); diff != "" {
				t.Errorf("\n%s\nmembers: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
