package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/google/go-cmp/cmp"

	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// ids returns the object ids of users, in order.
func ids(names ...string) []string {
	var out []string
	for _, n := range names {
		out = append(out, standin.ObjectID(n))
	}
	slices.Sort(out)
	return out
}

// awaitMembers waits until a group has exactly the members.
func awaitMembers(t *testing.T, reason string, d *tenant, g *entra.Group, want []string) {
	t.Helper()
	eventually(t, reason, func() error {
		if got := d.related(t, meta.GetExternalName(g), "members"); !slices.Equal(got, want) {
			return fmt.Errorf("members are %v, want %v", got, want)
		}
		return nil
	})
}

// TestGroupLife takes a group from creation through drift to deletion.
func TestGroupLife(t *testing.T) {
	d := startTenant(t, standin.Options{})
	startProvider(t)
	ns := newNamespace(t)
	entraConfig(t, d, ns)
	g := newGroup(ns, withMembers("ana@example.com", "nobody@example.com"))
	create(t, g)
	awaitReady(t, g)

	found := d.groups(t, g.Spec.ForProvider.DisplayName)
	if len(found) != 1 {
		t.Fatalf("\nOne Group is one group.\ngroups: %v", found)
	}
	want := entra.GroupObservation{ObjectID: found[0]["id"].(string), Members: 1,
		Unresolved: []string{"nobody@example.com"}, Owner: "test/" + ns + "/checkout-prod"}
	if diff := cmp.Diff(want, g.Status.AtProvider); diff != "" {
		t.Errorf("\nThe status names the group, its members and who could not be found.\n-want, +got:\n%s", diff)
	}
	if diff := cmp.Diff("[plumbline.dev/owner=test/"+ns+"/checkout-prod]", found[0]["description"]); diff != "" {
		t.Errorf("\nThe group carries the owner marker.\n-want, +got:\n%s", diff)
	}
	awaitMembers(t, "Who can be found is a member.", d, g, ids("ana@example.com"))

	stays(t, "A Group that nothing happens to is not written to.", g, 3*time.Second)

	d.addMember(t, want.ObjectID, ids("bo@example.com")[0])
	awaitMembers(t, "A member that was added by hand is removed.", d, g, ids("ana@example.com"))
	d.removeMember(t, want.ObjectID, ids("ana@example.com")[0])
	awaitMembers(t, "A member that was removed by hand is added.", d, g, ids("ana@example.com"))

	change(t, g, withMembers("bo@example.com", "cy@example.com"))
	awaitMembers(t, "An edit of the members is carried out.", d, g, ids("bo@example.com", "cy@example.com"))
	awaitReady(t, g)

	d.do(t, http.MethodDelete, "/v1.0/groups/"+want.ObjectID, nil)
	eventually(t, "A group that was deleted by hand comes back with its object id.", func() error {
		if found := d.groups(t, g.Spec.ForProvider.DisplayName); len(found) != 1 || found[0]["id"] != want.ObjectID {
			return fmt.Errorf("groups: %v", found)
		}
		return nil
	})
	awaitReady(t, g)

	remove(t, g)
	awaitGone(t, g)
	if found := d.groups(t, g.Spec.ForProvider.DisplayName); len(found) != 0 {
		t.Errorf("\nDeleting the Group deletes the group.\ngroups: %v", found)
	}
}

// TestForeignGroup checks that a group that is not ours is refused and untouched,
// and that its Group can go.
func TestForeignGroup(t *testing.T) {
	cases := map[string]struct {
		reason      string
		description string
		uniqueName  func(ns string) any
		says        string
	}{
		"SameDisplayName": {"A group with our display name is refused.", "Staff", func(string) any { return nil }, "ExistsNotOwned: "},
		"SameUniqueName":  {"A group with our unique name is refused.", "Staff", func(ns string) any { return "plumbline." + ns }, "ExistsNotOwned: "},
		"OtherMarker": {"A group of another control plane is refused, and its holder named.", "Staff [plumbline.dev/owner=other/a/b]",
			func(ns string) any { return "plumbline." + ns }, `OwnedElsewhere: a group with display name`},
	}
	d := startTenant(t, standin.Options{})
	startProvider(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			ns := newNamespace(t)
			entraConfig(t, d, ns)
			g := newGroup(ns, withMembers("ana@example.com"))
			body := map[string]any{"displayName": g.Spec.ForProvider.DisplayName, "description": tc.description,
				"mailNickname": ns, "mailEnabled": false, "securityEnabled": true}
			if u := tc.uniqueName(ns); u != nil {
				d.header.Set("Prefer", "create-if-missing")
				d.do(t, http.MethodPatch, "/v1.0/groups(uniqueName='"+u.(string)+"')", body)
				d.header.Del("Prefer")
			} else {
				d.do(t, http.MethodPost, "/v1.0/groups", body)
			}
			before := d.groups(t, g.Spec.ForProvider.DisplayName)

			create(t, g)
			awaitRefusal(t, g, tc.says)
			stays(t, "A refusal is said once.", g, 2*time.Second)
			remove(t, g)
			awaitGone(t, g)
			if diff := cmp.Diff(before, d.groups(t, g.Spec.ForProvider.DisplayName)); diff != "" {
				t.Errorf("\n%s\n-before, +after:\n%s", tc.reason, diff)
			}
			if got := d.related(t, before[0]["id"], "members"); len(got) != 0 {
				t.Errorf("\n%s\nmembers: %v", tc.reason, got)
			}
		})
	}
}

// TestKilledBetweenCreateAndRecord kills the provider when the group exists and
// its object id is not recorded.
func TestKilledBetweenCreateAndRecord(t *testing.T) {
	d := startTenant(t, standin.Options{})
	p := startProvider(t)
	ns := newNamespace(t)
	entraConfig(t, d, ns)

	made, killed := make(chan struct{}, 1), make(chan struct{})
	d.meddle(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || r.URL.Path != "/v1.0/groups" {
			return false
		}
		d.inner.ServeHTTP(httptest.NewRecorder(), r)
		made <- struct{}{}
		<-killed
		return true
	})
	g := newGroup(ns, withMembers("ana@example.com"))
	create(t, g)
	<-made
	p.kill()
	close(killed)
	d.meddle(nil)

	get(t, g)
	if meta.GetExternalName(g) != "" || !meta.ExternalCreateIncomplete(g) {
		t.Fatalf("\nThe provider died before it recorded the group.\nannotations: %v", g.Annotations)
	}
	before := d.groups(t, g.Spec.ForProvider.DisplayName)
	startProvider(t)
	awaitReady(t, g)
	after := d.groups(t, g.Spec.ForProvider.DisplayName)
	if len(before) != 1 || len(after) != 1 || before[0]["id"] != after[0]["id"] || meta.GetExternalName(g) != after[0]["id"] {
		t.Errorf("\nThe same group is found, and no second one made.\nbefore: %v\nafter: %v\nexternal name: %s", before, after, meta.GetExternalName(g))
	}
	if meta.ExternalCreateIncomplete(g) {
		t.Errorf("\nNothing is left for a person to do.\nannotations: %v", g.Annotations)
	}
	remove(t, g)
	awaitGone(t, g)
}

// TestSlowDirectory uses a directory that shows what was written only after a
// while.
func TestSlowDirectory(t *testing.T) {
	d := startTenant(t, standin.Options{Lag: 2 * time.Second, RelationLag: time.Second})
	startProvider(t)
	ns := newNamespace(t)
	entraConfig(t, d, ns)
	g := newGroup(ns, withMembers("ana@example.com", "bo@example.com"))
	create(t, g)
	awaitReady(t, g)
	if found := d.groups(t, g.Spec.ForProvider.DisplayName); len(found) != 1 {
		t.Errorf("\nA group that is not found yet is not made again.\ngroups: %v", found)
	}
	_, writes := d.seen()
	if made := slices.DeleteFunc(slices.Clone(writes), func(w string) bool { return w != "POST /v1.0/groups" }); len(made) != 1 {
		t.Errorf("\nCreation is asked for once.\nwrites: %v", writes)
	}
	stays(t, "A Group that is ready does not flap.", g, 2*time.Second)
	remove(t, g)
	awaitGone(t, g)

	young := newGroup(ns, func(g *entra.Group) { g.Name, g.Spec.ForProvider.UniqueName = "young", "plumbline.young."+ns })
	young.Spec.ForProvider.DisplayName = ns + " young"
	create(t, young)
	eventually(t, "The young group is created.", func() error {
		if get(t, young); meta.GetExternalName(young) == "" {
			return fmt.Errorf("no external name")
		}
		return nil
	})
	id := meta.GetExternalName(young)
	remove(t, young)
	awaitGone(t, young)
	if status, _ := d.call(t, d.header, http.MethodGet, "/v1.0/directory/deletedItems/"+id, nil); status != http.StatusOK {
		t.Errorf("\nA group that is deleted before it is found is not left behind.\nGET deletedItems: %d", status)
	}
}

// refuse answers as Microsoft Graph refuses.
func refuse(w http.ResponseWriter, status int, code string) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	body := map[string]any{"error": map[string]any{"code": code, "message": "at " + time.Now().String(),
		"innerError": map[string]string{"request-id": fmt.Sprint(time.Now().UnixNano())}}}
	_ = json.NewEncoder(w).Encode(body) //nolint:errchkjson // The client is gone; there is nobody to tell.
	return true
}
