package index

import (
	"net/http"
	"testing"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/world"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

// A sweptPlane is a control plane whose provider sweeps. What it remembers is lost with
// a restart.
type sweptPlane struct {
	plane

	node   node
	t      *testing.T
	now    time.Time
	sweeps *connect.Elasticsearch
}

func newSweptPlane(t *testing.T, e node) *sweptPlane {
	t.Helper()
	s := &sweptPlane{node: e, t: t, now: time.Now()}
	s.plane = newPlaneOf(t, e, "eu", func(kube client.Client) kind.Kind[*v1alpha1.Index] {
		s.sweeps = connect.NewElasticsearch(kube, observe.Sweeps{Every: time.Minute, Now: func() time.Time { return s.now }})
		return of(s.sweeps)
	})
	return s
}

// sweep lets a minute pass, and sweeps.
func (s *sweptPlane) sweep() {
	s.now = s.now.Add(time.Minute)
	s.sweeps.Sweep(s.t.Context())
}

// TestMemory polls an index that is well, and one that others changed.
func TestMemory(t *testing.T) {
	e := startNode(t)
	w := newSweptPlane(t, e)
	cr := orders()
	w.Make(cr)
	w.sweep()
	e.Forget(world.Death{})
	for range 5 {
		w.Reconcile(cr)
	}
	if got := e.Calls(); got != 0 {
		t.Errorf("\nA poll of an index that is well asks nobody, got %d requests", got)
	}

	e.do(t, http.MethodPut, "/orders/_settings", `{"index.refresh_interval":"1s"}`)
	w.Reconcile(cr)
	if got := e.setting(t, "refresh_interval"); got != "1s" {
		t.Errorf("\nWhat others changed is not known before a sweep, got %v", got)
	}
	w.sweep()
	if diff := cmp.Diff([]types.NamespacedName{client.ObjectKeyFromObject(cr)}, w.Woken); diff != "" {
		t.Errorf("\nA sweep wakes whose index changed: -want, +got:\n%s", diff)
	}
	w.Reconcile(cr)
	if got := e.setting(t, "refresh_interval"); got != "30s" {
		t.Errorf("\nWho was woken puts it right, got %v", got)
	}
	if n := len(cr.Status.Drift); n != 1 || cr.Status.Drift[0].Outcome != custody.DriftRestored {
		t.Errorf("\nThe ledger tells it once: %+v", cr.Status.Drift)
	}
}

// TestMemoryAndMark has a sweep remember an index that another takes meanwhile.
func TestMemoryAndMark(t *testing.T) {
	e := startNode(t)
	w := newSweptPlane(t, e)
	cr := orders()
	w.Make(cr)
	w.sweep()
	e.do(t, http.MethodPut, "/orders/_mapping", `{"_meta":{"plumbline.dev/owner":"us/other/team"}}`)
	e.Forget(world.Death{})
	w.Change(cr, func(cr *v1alpha1.Index) { cr.Spec.ForProvider.Settings["refresh_interval"] = "5s" })
	if got := e.Writes(); len(got) > 0 {
		t.Errorf("\nAn owner is looked for before each write, whatever is remembered: %v", got)
	}
	if got := synced(cr); got == "" {
		t.Error("\nThe resource says whose it is now")
	}
}

// TestMemoryReports has others change an index whose drift is only reported.
func TestMemoryReports(t *testing.T) {
	e := startNode(t)
	w := newSweptPlane(t, e)
	cr := orders(func(cr *v1alpha1.Index) { cr.Spec.Drift = &custody.DriftTerms{Mode: custody.DriftReport} })
	w.Make(cr)
	w.sweep()
	e.do(t, http.MethodPut, "/orders/_settings", `{"index.refresh_interval":"1s"}`)
	w.sweep()
	w.Reconcile(cr)
	w.sweep()
	e.Forget(world.Death{})
	for range 5 {
		w.Reconcile(cr)
	}
	if got := e.Calls(); got != 0 || cr.GetCondition(kind.TypeAsDesired).Status != corev1.ConditionFalse {
		t.Errorf("\nDrift that stays is told, and costs no requests: %d, %+v", got, cr.Status.Conditions)
	}
}

// TestDeathWhileSweeping has others change and delete an index, and the provider die at
// any request, those of sweeps included.
func TestDeathWhileSweeping(t *testing.T) {
	world.Deaths(t, func(t *testing.T, d world.Death) int {
		t.Helper()
		e := startNode(t)
		w := newSweptPlane(t, e)
		cr := orders()
		w.Make(cr)
		e.do(t, http.MethodPut, "/orders/_doc/1", `{"id":"x"}`)
		e.Forget(d)
		w.sweep()
		e.do(t, http.MethodPut, "/orders/_settings", `{"index.refresh_interval":"1s"}`)
		w.sweep()
		w.Settle(cr)
		w.sweep()
		w.Settle(cr)
		calls := e.Calls()
		if e.setting(t, "refresh_interval") != "30s" || e.documents(t) == any(nil) || e.created() > 0 {
			t.Errorf("\nThe index is as desired, and the one it was: %v, %v", e.orders(t), e.Writes())
		}
		if cr.GetCondition(xpv2.TypeReady).Status != corev1.ConditionTrue {
			t.Errorf("\nIt is Ready: %+v", cr.Status.Conditions)
		}
		return calls
	})
}
