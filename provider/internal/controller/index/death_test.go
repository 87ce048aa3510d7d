package index

import (
	"net/http"
	"testing"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/world"
)

// TestDeaths kills the provider at every request of an index' life.
func TestDeaths(t *testing.T) {
	stories := map[string]func(*testing.T, world.Death) int{
		"Create": func(t *testing.T, at world.Death) int {
			t.Helper()
			e := startNode(t)
			w, cr := newPlane(t, e, "local"), orders()
			e.Forget(at)
			w.Make(cr)
			asDesired(t, e, cr)
			if creates := e.created(); creates > 2 || at.At == 0 && creates != 1 {
				t.Errorf("\nAn index is asked for once, and once more if nobody heard the answer.\nwrites: %v", e.Writes())
			}
			return e.Calls()
		},
		"Update": func(t *testing.T, at world.Death) int {
			t.Helper()
			e := startNode(t)
			w, cr := newPlane(t, e, "local"), orders()
			w.Make(cr)
			e.put(t, "1")
			uuid := e.setting(t, "uuid")
			e.Forget(at)
			w.Change(cr, func(cr *v1alpha1.Index) {
				cr.Spec.ForProvider.NumberOfReplicas = new(int32(1))
				cr.Spec.ForProvider.Mappings = mapping(`{"dynamic":"strict","properties":{"id":{"type":"keyword","ignore_above":9},"total":{"type":"long"}}}`)
			})
			asDesired(t, e, cr)
			if got := e.setting(t, "number_of_replicas"); got != "1" || e.setting(t, "uuid") != uuid || e.documents(t) != 1.0 {
				t.Errorf("\nThe same index has the new settings and the old documents.\n%v, %v documents", e.orders(t), e.documents(t))
			}
			if len(cr.Status.Drift) > 0 {
				t.Errorf("\nAn edit that is carried out in two goes is no drift.\n%v", cr.Status.Drift)
			}
			return e.Calls()
		},
		"Correct": func(t *testing.T, at world.Death) int {
			t.Helper()
			e := startNode(t)
			w, cr := newPlane(t, e, "local"), orders()
			w.Make(cr)
			e.do(t, http.MethodPut, "/orders/_settings", `{"index.refresh_interval":"5s","index.number_of_replicas":2}`)
			e.Forget(at)
			w.Settle(cr)
			asDesired(t, e, cr)
			return e.Calls()
		},
		"Adopt": func(t *testing.T, at world.Death) int {
			t.Helper()
			e := startNode(t)
			e.do(t, http.MethodPut, "/orders", `{"settings":{"refresh_interval":"1s"},"mappings":{"_meta":{"plumbline.dev/owner":"local/payments/checkout;offered"}}}`)
			uuid := e.setting(t, "uuid")
			w, cr := newPlane(t, e, "local"), orders(adoption(custody.AdoptionAdopt))
			e.Forget(at)
			w.Make(cr)
			if got := e.setting(t, "uuid"); got != uuid || !cr.Status.AtProvider.Adopted || e.setting(t, "refresh_interval") != "30s" {
				t.Errorf("\nThe index is adopted.\n%v, %s", e.orders(t), synced(cr))
			}
			return e.Calls()
		},
		"Delete": func(t *testing.T, at world.Death) int {
			t.Helper()
			e := startNode(t)
			w, cr := newPlane(t, e, "local"), orders()
			w.Make(cr)
			e.Forget(at)
			if w.Remove(cr) || e.orders(t) != nil {
				t.Errorf("\nThe index goes with its resource.\n%v, %s", e.orders(t), synced(cr))
			}
			return e.Calls()
		},
		"Refuse": func(t *testing.T, at world.Death) int {
			t.Helper()
			e := startNode(t)
			w, cr := newPlane(t, e, "local"), orders()
			w.Make(cr)
			e.put(t, "1")
			e.Forget(at)
			if !w.Remove(cr) || e.documents(t) != 1.0 {
				t.Errorf("\nDocuments are not lost to a death.\n%s", synced(cr))
			}
			return e.Calls()
		},
		"Release": func(t *testing.T, at world.Death) int {
			t.Helper()
			e := startNode(t)
			e.do(t, http.MethodPut, "/orders", `{`+identical+`"mappings":{"properties":{"id":{"type":"keyword"}}}}`)
			w, cr := newPlane(t, e, "local"), orders(adoption(custody.AdoptionIfIdentical))
			w.Make(cr)
			e.put(t, "1")
			e.Forget(at)
			if w.Remove(cr) || e.documents(t) != 1.0 || e.mark(t) != nil {
				t.Errorf("\nThe index is released.\nmark: %v, %s", e.mark(t), synced(cr))
			}
			return e.Calls()
		},
	}
	for name, story := range stories {
		t.Run(name, func(t *testing.T) { world.Deaths(t, story) })
	}
}

func asDesired(t *testing.T, e node, cr *v1alpha1.Index) {
	t.Helper()
	ready := cr.GetCondition(xpv2.TypeReady).Status == corev1.ConditionTrue
	if !ready || synced(cr) != "" || cr.Status.AtProvider.UUID != e.setting(t, "uuid") || e.mark(t) != "local/payments/checkout" || e.setting(t, "refresh_interval") != "30s" {
		t.Errorf("\nIn the end the index is as desired, and its resource says so.\nindex: %v\nresource: %+v", e.orders(t), cr.Status)
	}
}

// TestRecovery loses all state of the control plane and applies the same again;
// then another control plane does.
func TestRecovery(t *testing.T) {
	e := startNode(t)
	newPlane(t, e, "local").Make(orders())
	e.put(t, "1", "2")
	uuid := e.setting(t, "uuid")

	e.Forget(world.Death{})
	again := orders()
	newPlane(t, e, "local").Make(again)
	asDesired(t, e, again)
	if got := e.Writes(); len(got) != 0 || again.Status.AtProvider.UUID != uuid || e.documents(t) != 2.0 {
		t.Errorf("\nThe same manifests find the same index, and write nothing.\nwrites: %v, uuid: %s, was %v", got, again.Status.AtProvider.UUID, uuid)
	}

	before := e.orders(t)
	for _, mode := range []custody.Adoption{custody.AdoptionNever, custody.AdoptionIfIdentical, custody.AdoptionAdopt} {
		second, cr := newPlane(t, e, "second"), orders(adoption(mode))
		second.Make(cr)
		const says = `OwnedElsewhere: index "orders" belongs to "local/payments/checkout", not to "second/payments/checkout"; choose another name, or delete it there first`
		if synced(cr) != says || second.Remove(cr) {
			t.Errorf("\nA second control plane is refused, and can give up.\n%s", synced(cr))
		}
	}
	if got := e.Writes(); len(got) != 0 || len(e.orders(t)) != len(before) {
		t.Errorf("\nIt writes nothing.\nwrites: %v", got)
	}
}
