package group

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/world"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// late is a directory that shows what was written only after a while.
var late = standin.Options{Lag: 2 * time.Second, RelationLag: time.Second}

// TestDeaths kills the provider at every request of a group's life.
func TestDeaths(t *testing.T) {
	stories := map[string]func(*testing.T, world.Death) int{
		"Create":     creation(standin.Options{}),
		"CreateLate": creation(late),
		"Update": func(t *testing.T, at world.Death) int {
			t.Helper()
			d := startTenant(t, standin.Options{})
			w, cr := newPlane(t, d, "local"), managedGroup(members("ana@example.com"), owners("cy@example.com"))
			w.Make(cr)
			id := meta.GetExternalName(cr)
			d.Forget(at)
			w.Change(cr, func(cr *v1alpha1.Group) {
				cr.Spec.ForProvider.DisplayName = "renamed"
				cr.Spec.ForProvider.Members = []string{"bo@example.com", "nobody@example.com", "dee@example.com"}
				cr.Spec.ForProvider.Owners = []string{"ana@example.com"}
			})
			asDesired(t, d, cr, "bo@example.com", "dee@example.com")
			if diff := cmp.Diff(userIDs("ana@example.com"), d.related(t, id, "owners")); diff != "" || meta.GetExternalName(cr) != id || len(cr.Status.Drift) > 0 {
				t.Errorf("\nThe same group has the new owners, and nothing drifted.\n%v, owners: -want, +got:\n%s", cr.Status.Drift, diff)
			}
			return d.Calls()
		},
		"Correct": func(t *testing.T, at world.Death) int {
			t.Helper()
			d := startTenant(t, standin.Options{})
			w, cr := newPlane(t, d, "local"), managedGroup(members("ana@example.com"))
			w.Make(cr)
			d.add(t, meta.GetExternalName(cr), userIDs("bo@example.com")[0])
			d.removeMember(t, meta.GetExternalName(cr), userIDs("ana@example.com")[0])
			d.Forget(at)
			w.Settle(cr)
			asDesired(t, d, cr, "ana@example.com")
			return d.Calls()
		},
		"Restore": func(t *testing.T, at world.Death) int {
			t.Helper()
			d := startTenant(t, standin.Options{})
			w, cr := newPlane(t, d, "local"), managedGroup(members("ana@example.com"))
			w.Make(cr)
			id := meta.GetExternalName(cr)
			d.do(t, http.MethodDelete, "/v1.0/groups/"+id, nil)
			d.Forget(at)
			w.Settle(cr)
			asDesired(t, d, cr, "ana@example.com")
			if meta.GetExternalName(cr) != id {
				t.Errorf("\nIt is the same group.\nid: %s, was %s", meta.GetExternalName(cr), id)
			}
			return d.Calls()
		},
		"Adopt": func(t *testing.T, at world.Death) int {
			t.Helper()
			d := startTenant(t, standin.Options{})
			id := d.make(t, "", "checkout-prod", "Staff [plumbline.dev/owner="+marker+";offered]")
			w, cr := newPlane(t, d, "local"), managedGroup(adoption(custody.AdoptionAdopt), members("ana@example.com"))
			d.Forget(at)
			w.Make(cr)
			asDesired(t, d, cr, "ana@example.com")
			if meta.GetExternalName(cr) != id || !cr.Status.AtProvider.Adopted {
				t.Errorf("\nThe group is adopted.\nid: %s, was %s", meta.GetExternalName(cr), id)
			}
			return d.Calls()
		},
		"Delete": func(t *testing.T, at world.Death) int {
			t.Helper()
			d := startTenant(t, standin.Options{})
			w, cr := newPlane(t, d, "local"), managedGroup(members("ana@example.com"))
			w.Make(cr)
			d.Forget(at)
			if w.Remove(cr) || len(d.found(t)) != 0 || len(d.bin(t)) != 1 {
				t.Errorf("\nThe group goes to the deleted items with its resource.\ngroups: %v, deleted: %v, %s", d.found(t), d.bin(t), synced(cr))
			}
			return d.Calls()
		},
		"Release": func(t *testing.T, at world.Death) int {
			t.Helper()
			d := startTenant(t, standin.Options{})
			d.make(t, "plumbline.checkout-prod", "checkout-prod", "")
			w, cr := newPlane(t, d, "local"), managedGroup(adoption(custody.AdoptionIfIdentical))
			w.Make(cr)
			d.Forget(at)
			if w.Remove(cr) || len(d.found(t)) != 1 || stringOf(d.found(t)[0]["description"]) != "" {
				t.Errorf("\nThe group is released.\ngroups: %v, %s", d.found(t), synced(cr))
			}
			return d.Calls()
		},
	}
	for name, story := range stories {
		t.Run(name, func(t *testing.T) { world.Deaths(t, story) })
	}
}

// creation is the story of a new group in a directory.
func creation(o standin.Options) func(*testing.T, world.Death) int {
	return func(t *testing.T, at world.Death) int {
		t.Helper()
		d := startTenant(t, o)
		w, cr := newPlane(t, d, "local"), managedGroup(members("ana@example.com", "bo@example.com"), owners("cy@example.com"))
		d.Forget(at)
		w.Make(cr)
		asDesired(t, d, cr, "ana@example.com", "bo@example.com")
		if len(d.bin(t)) > 0 || len(cr.Status.Drift) > 0 {
			t.Errorf("\nNo other group was made on the way, and nothing drifted.\ndeleted: %v, drift: %v", d.bin(t), cr.Status.Drift)
		}
		return d.Calls()
	}
}

func asDesired(t *testing.T, d tenant, cr *v1alpha1.Group, members ...string) {
	t.Helper()
	found := d.found(t)
	if len(found) != 1 || found[0]["id"] != meta.GetExternalName(cr) || found[0]["displayName"] != cr.Spec.ForProvider.DisplayName {
		t.Fatalf("\nIn the end there is one group, and its resource knows it.\ngroups: %v, resource: %s, %s", found, meta.GetExternalName(cr), synced(cr))
	}
	if diff := cmp.Diff(userIDs(members...), d.related(t, found[0]["id"], "members")); diff != "" {
		t.Errorf("\nIts members are those desired.\n-want, +got:\n%s", diff)
	}
	if cr.GetCondition(xpv2.TypeReady).Status != corev1.ConditionTrue || synced(cr) != "" || meta.ExternalCreateIncomplete(cr) {
		t.Errorf("\nIts resource says so, and nothing is left for a person to do.\n%+v", cr)
	}
}

// TestRecovery loses all state of the control plane and applies the same again;
// then another control plane does.
func TestRecovery(t *testing.T) {
	d := startTenant(t, standin.Options{})
	first := managedGroup(members("ana@example.com"))
	newPlane(t, d, "local").Make(first)

	d.Forget(world.Death{})
	again := managedGroup(members("ana@example.com"))
	newPlane(t, d, "local").Make(again)
	asDesired(t, d, again, "ana@example.com")
	if got := d.Writes(); len(got) != 0 || meta.GetExternalName(again) != meta.GetExternalName(first) {
		t.Errorf("\nThe same manifests find the same group, and write nothing.\nwrites: %v, id: %s, was %s", got, meta.GetExternalName(again), meta.GetExternalName(first))
	}

	for _, mode := range []custody.Adoption{custody.AdoptionNever, custody.AdoptionIfIdentical, custody.AdoptionAdopt} {
		second, cr := newPlane(t, d, "second"), managedGroup(adoption(mode), members("bo@example.com"))
		second.Make(cr)
		if says := synced(cr); !strings.Contains(says, "OwnedElsewhere: ") || !strings.Contains(says, `belongs to "`+marker+`"`) || second.Remove(cr) {
			t.Errorf("\nA second control plane is refused, and can give up.\n%s", synced(cr))
		}
	}
	if got := d.Writes(); len(got) != 0 {
		t.Errorf("\nIt writes nothing.\nwrites: %v", got)
	}
	asDesired(t, d, again, "ana@example.com")
}
