package index

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/world"
)

func adoption(a custody.Adoption) func(*v1alpha1.Index) {
	return func(cr *v1alpha1.Index) { cr.Spec.Adoption = a }
}

const (
	identical = `"settings":{"number_of_replicas":0,"refresh_interval":"30s","max_result_window":500},`
	different = `"settings":{"number_of_replicas":0,"refresh_interval":"1s"},`
)

// TestAdoption meets an index that is there already, in every mode.
func TestAdoption(t *testing.T) {
	unmarked := `"mappings":{"_meta":{"team":"x"},"properties":{"id":{"type":"keyword"},"more":{"type":"long"}}}}`
	markedAs := func(mark string) string {
		return `"mappings":{"_meta":{"team":"x","plumbline.dev/owner":"` + mark + `"},"properties":{"id":{"type":"keyword"}}}}`
	}
	elsewhere := `OwnedElsewhere: index "orders" belongs to "other/a/b", not to "local/payments/checkout"; choose another name, or delete it there first`
	cases := map[string]struct {
		reason string
		mode   custody.Adoption
		there  string
		mark   any // Afterwards.
		says   string
		writes int
	}{
		"Never": {"An index without our marker is refused.", custody.AdoptionNever, "{" + identical + unmarked, nil,
			`ExistsNotOwned: index "orders" exists and carries no owner marker; choose another name, remove it, or take it over: ` +
				`set spec.adoption to Adopt, and set plumbline.dev/owner in the _meta of its mapping to "local/payments/checkout;offered"`, 0},
		"NeverOffered": {"Nor is one taken that is offered.", custody.AdoptionNever, "{" + identical + markedAs("local/payments/checkout;offered"), "local/payments/checkout;offered",
			`ExistsNotOwned: index "orders" carries the mark "local/payments/checkout;offered", and spec.adoption is Never; set it to Adopt to take over what is offered`, 0},
		"NeverElsewhere": {"The holder is named.", custody.AdoptionNever, "{" + identical + markedAs("other/a/b"), "other/a/b", elsewhere, 0},
		"IfIdentical":    {"An index that is as desired is marked, and nothing else.", custody.AdoptionIfIdentical, "{" + identical + unmarked, "local/payments/checkout;adopted", "", 1},
		"IfIdenticalDiffers": {"One that is not is refused, and the fields named.", custody.AdoptionIfIdentical, "{" + different + unmarked, nil,
			`ExistsNotOwned: index "orders" exists and is not identical to what is desired; it differs in settings.refresh_interval; change one of the two, or choose another name`, 0},
		"IfIdenticalElsewhere": {"The holder is named in this mode too.", custody.AdoptionIfIdentical, "{" + identical + markedAs("other/a/b"), "other/a/b", elsewhere, 0},
		"Adopt":                {"An index that is offered is marked and brought to what is desired.", custody.AdoptionAdopt, "{" + different + markedAs("local/payments/checkout;offered"), "local/payments/checkout;adopted", "", 2},
		"AdoptUnmarked": {"One that nobody offered is refused.", custody.AdoptionAdopt, "{" + identical + unmarked, nil,
			`ExistsNotOwned: index "orders" exists and is not offered to this resource; have its owner set plumbline.dev/owner in the _meta of its mapping to "local/payments/checkout;offered", or choose another name`, 0},
		"AdoptElsewhere": {"The holder is named in this mode too.", custody.AdoptionAdopt, "{" + identical + markedAs("other/a/b"), "other/a/b", elsewhere, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := startNode(t)
			e.do(t, http.MethodPut, "/orders", tc.there)
			e.put(t, "1")
			before := e.orders(t)
			w := newPlane(t, e, "local")
			cr := orders(adoption(tc.mode))
			w.Make(cr)
			if diff := cmp.Diff(tc.says, synced(cr)); diff != "" {
				t.Errorf("\n%s\nSynced: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.mark, e.mark(t)); diff != "" {
				t.Errorf("\n%s\nmark: -want, +got:\n%s", tc.reason, diff)
			}
			if got := e.Writes(); len(got) != tc.writes {
				t.Errorf("\n%s\nwrites: want %d, got %v", tc.reason, tc.writes, got)
			}
			refused := tc.says != ""
			if diff := cmp.Diff(before, e.orders(t)); refused && diff != "" {
				t.Errorf("\nWhat is refused is left as it is.\n-before, +after:\n%s", diff)
			}
			if cr.Status.AtProvider.Adopted == refused || !refused && e.setting(t, "refresh_interval") != "30s" {
				t.Errorf("\n%s\nadopted: %t, settings: %v", tc.reason, cr.Status.AtProvider.Adopted, e.orders(t))
			}
			if len(cr.Status.Drift) > 0 {
				t.Errorf("\nTaking over is no drift.\ndrift: %v", cr.Status.Drift)
			}

			w.Restart()
			if w.Remove(cr) {
				t.Fatalf("\nThe resource can go.\n%s", synced(cr))
			}
			if got := e.documents(t); got != 1.0 {
				t.Errorf("\nWhat was there before is there after.\ndocuments: %v", got)
			}
			if got := e.mark(t); !refused && got != nil {
				t.Errorf("\nWhat was adopted is left behind without our mark.\nmark: %v", got)
			}
		})
	}
}

// TestAdoptedIsRemembered loses all that the control plane knew of an adopted
// index.
func TestAdoptedIsRemembered(t *testing.T) {
	e := startNode(t)
	e.do(t, http.MethodPut, "/orders", `{`+identical+`"mappings":{"properties":{"id":{"type":"keyword"}}}}`)
	uuid := e.setting(t, "uuid")
	newPlane(t, e, "local").Make(orders(adoption(custody.AdoptionIfIdentical)))

	w, cr := newPlane(t, e, "local"), orders()
	w.Make(cr)
	if !cr.Status.AtProvider.Adopted {
		t.Errorf("\nThe index itself tells that it was adopted.\n%+v", cr.Status.AtProvider)
	}
	w.Remove(cr)
	if got := e.setting(t, "uuid"); got != uuid || e.mark(t) != nil {
		t.Errorf("\nIt is released, and not deleted.\nuuid: %v, was %v; mark: %v", got, uuid, e.mark(t))
	}
}

// TestRetained deletes a resource whose index is to stay.
func TestRetained(t *testing.T) {
	e := startNode(t)
	w, cr := newPlane(t, e, "local"), orders(retain)
	w.Make(cr)
	e.put(t, "1", "2")
	uuid := e.setting(t, "uuid")
	e.Forget(world.Death{})
	if w.Remove(cr) {
		t.Fatal("the resource stays")
	}
	if e.mark(t) != "local/payments/checkout" || e.Calls() != 0 {
		t.Errorf("\nAn index that is retained waits for its resource, with its marker.\nmark: %v, requests: %d", e.mark(t), e.Calls())
	}

	other := orders(retain, func(cr *v1alpha1.Index) { cr.Name = "basket" })
	w.Make(other)
	if want := `NameTaken: index "orders" belongs to payments/checkout (team payments); choose another name, or delete it there first`; synced(other) != want {
		t.Errorf("\nA resource of another name is refused.\nSynced: -want, +got:\n%s", cmp.Diff(want, synced(other)))
	}

	again := orders()
	w.Make(again)
	if got := again.Status.AtProvider.UUID; got != uuid || synced(again) != "" {
		t.Errorf("\nA resource of the same name has the same index.\nuuid: %v, was %v; %s", got, uuid, synced(again))
	}
	if got := e.documents(t); got != 2.0 {
		t.Errorf("\nThe documents are all there.\ndocuments: %v", got)
	}
	if got := e.Writes(); len(got) != 0 {
		t.Errorf("\nNothing is written on the way.\nwrites: %v", got)
	}
}
