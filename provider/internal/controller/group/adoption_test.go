package group

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/world"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

func adoption(a custody.Adoption) func(*v1alpha1.Group) {
	return func(cr *v1alpha1.Group) { cr.Spec.Adoption = a }
}

// TestAdoption meets a group that is there already, in every mode.
func TestAdoption(t *testing.T) {
	const (
		uniqueName = "plumbline.checkout-prod"
		display    = "checkout-prod"
		offered    = "Staff [plumbline.dev/owner=" + marker + ";offered]"
		adopted    = "[plumbline.dev/owner=" + marker + ";adopted]"
	)
	cases := map[string]struct {
		reason      string
		mode        custody.Adoption
		uniqueName  string
		description string
		want        string // The description afterwards.
		left        string // The description once it is released.
		says        string
	}{
		"Never":              {"A group without our marker is refused.", custody.AdoptionNever, uniqueName, "Staff", "Staff", "Staff", "ExistsNotOwned: "},
		"NeverNamesake":      {"So is one that has our display name alone.", custody.AdoptionNever, "", "Staff", "Staff", "Staff", "ExistsNotOwned: "},
		"NeverOffered":       {"Nor is one taken that is offered.", custody.AdoptionNever, uniqueName, offered, offered, offered, "ExistsNotOwned: "},
		"IfIdentical":        {"A group that is as desired is marked.", custody.AdoptionIfIdentical, uniqueName, "", adopted, "", ""},
		"IfIdenticalDiffers": {"One that is not is refused, and the fields named.", custody.AdoptionIfIdentical, uniqueName, "Staff", "Staff", "Staff", "it differs in description; "},
		"Adopt":              {"A group that is offered is brought to what is desired.", custody.AdoptionAdopt, uniqueName, offered, adopted, "", ""},
		"AdoptNamesake":      {"So is one that never had a unique name.", custody.AdoptionAdopt, "", offered, adopted, "", ""},
		"AdoptUnmarked":      {"One that nobody offered is refused.", custody.AdoptionAdopt, uniqueName, "Staff", "Staff", "Staff", "is not offered to this resource"},
		"AdoptElsewhere": {"The holder is named in this mode too.", custody.AdoptionAdopt, uniqueName, "[plumbline.dev/owner=a/b/c]", "[plumbline.dev/owner=a/b/c]", "[plumbline.dev/owner=a/b/c]",
			`belongs to "a/b/c"`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			d := startTenant(t, standin.Options{})
			id := d.make(t, tc.uniqueName, display, tc.description)
			d.add(t, id, userIDs("ana@example.com")[0])
			w := newPlane(t, d, "local")
			cr := managedGroup(adoption(tc.mode), members("ana@example.com"))
			w.Make(cr)
			if got := synced(cr); !strings.Contains(got, tc.says) || tc.says == "" && got != "" {
				t.Errorf("\n%s\nSynced: want %q, got %q", tc.reason, tc.says, got)
			}
			found := d.found(t)
			if len(found) != 1 || found[0]["id"] != id || stringOf(found[0]["description"]) != tc.want {
				t.Errorf("\n%s\nwant %q, got %v", tc.reason, tc.want, found)
			}
			if refused := tc.says != ""; refused && len(d.Writes()) != 0 || cr.Status.AtProvider.Adopted == refused {
				t.Errorf("\n%s\nwrites: %v, adopted: %t", tc.reason, d.Writes(), cr.Status.AtProvider.Adopted)
			}
			if len(cr.Status.Drift) > 0 {
				t.Errorf("\nTaking over is no drift.\ndrift: %v", cr.Status.Drift)
			}

			// The control plane is lost. What it adopted it knows again.
			if tc.says == "" {
				w = newPlane(t, d, "local")
				cr = managedGroup(members("ana@example.com"))
				d.Forget(world.Death{})
				w.Make(cr)
				if !cr.Status.AtProvider.Adopted || meta.GetExternalName(cr) != id || len(d.Writes()) != 0 {
					t.Errorf("\nThe group itself tells that it was adopted.\n%+v, %s, writes: %v", cr.Status.AtProvider, synced(cr), d.Writes())
				}
			}
			if w.Remove(cr) {
				t.Fatalf("\nThe resource can go.\n%s", synced(cr))
			}
			found = d.found(t)
			if len(found) != 1 || stringOf(found[0]["description"]) != tc.left {
				t.Errorf("\nThe group is left behind without our mark.\nwant %q, got %v", tc.left, found)
			}
			if diff := cmp.Diff(userIDs("ana@example.com"), d.related(t, id, "members")); diff != "" {
				t.Errorf("\nIts members stay.\n-want, +got:\n%s", diff)
			}
		})
	}
}

// TestRetained deletes a resource whose group is to stay.
func TestRetained(t *testing.T) {
	d := startTenant(t, standin.Options{})
	w, cr := newPlane(t, d, "local"), managedGroup(retain, members("ana@example.com"))
	w.Make(cr)
	id := meta.GetExternalName(cr)
	d.Forget(world.Death{})
	if w.Remove(cr) || d.Calls() != 0 {
		t.Fatalf("\nThe resource goes, and the directory hears nothing of it.\nrequests: %d", d.Calls())
	}
	other := managedGroup(retain, func(cr *v1alpha1.Group) { cr.Name = "basket" })
	w.Make(other)
	if !strings.Contains(synced(other), `NameTaken: `) || !strings.Contains(synced(other), `belongs to payments/checkout-prod (team payments); `) {
		t.Errorf("\nA resource of another name is refused, and the holder named.\nSynced: %s", synced(other))
	}
	again := managedGroup(members("ana@example.com"))
	w.Make(again)
	if meta.GetExternalName(again) != id || len(d.Writes()) != 0 {
		t.Errorf("\nA resource of the same name has the same group.\nid: %s, was %s; writes: %v", meta.GetExternalName(again), id, d.Writes())
	}
	d.do(t, http.MethodGet, "/v1.0/groups/"+id, nil)
}
