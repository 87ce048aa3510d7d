package index

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/world"
)

func report(cr *v1alpha1.Index) { cr.Spec.Drift = &custody.DriftTerms{Mode: custody.DriftReport} }

func ignoring(paths ...string) func(*v1alpha1.Index) {
	return func(cr *v1alpha1.Index) { cr.Spec.Drift = &custody.DriftTerms{Ignore: paths} }
}

// entries tells a ledger without its times.
func entries(cr *v1alpha1.Index) []custody.Drift {
	var out []custody.Drift
	for _, d := range cr.Status.Drift {
		out = append(out, custody.Drift{Field: d.Field, Found: d.Found, Desired: d.Desired, Outcome: d.Outcome})
	}
	return out
}

// TestDrift changes an index by hand.
func TestDrift(t *testing.T) {
	const refresh = "settings.refresh_interval"
	slow := `{"index.refresh_interval":"5s"}`
	corrected := `Normal DriftCorrected: Put right what others changed: settings.refresh_interval was "5s", desired is "30s"`
	reported := `Normal DriftReported: Left as others changed it: settings.refresh_interval was "5s", desired is "30s"`
	cases := map[string]struct {
		reason  string
		cr      *v1alpha1.Index
		path    string
		body    string
		refresh string
		drift   []custody.Drift
		event   string
	}{
		"Corrected": {"A setting that others changed is put right and told.", orders(), "/orders/_settings", slow, "30s",
			[]custody.Drift{{Field: refresh, Found: "5s", Desired: "30s", Outcome: custody.DriftRestored}}, corrected},
		"Reported": {"Where that is all there is to do, it is told and left.", orders(report), "/orders/_settings", slow, "5s",
			[]custody.Drift{{Field: refresh, Found: "5s", Desired: "30s", Outcome: custody.DriftReported}}, reported},
		"Ignored":      {"What is left to others is no drift.", orders(ignoring(refresh)), "/orders/_settings", slow, "5s", nil, ""},
		"IgnoredBelow": {"Nor is what is below that.", orders(ignoring("settings")), "/orders/_settings", slow, "5s", nil, ""},
		"NotBelow": {"A name that only begins alike is not below.", orders(ignoring("settings.refresh")), "/orders/_settings", slow, "30s",
			[]custody.Drift{{Field: refresh, Found: "5s", Desired: "30s", Outcome: custody.DriftRestored}}, corrected},
		"NoOpinion": {"What nobody asked for is no drift.", orders(), "/orders/_settings", `{"index.max_result_window":500}`, "30s", nil, ""},
		"Mapping": {"A parameter of a field is told by its path.", orders(func(cr *v1alpha1.Index) {
			cr.Spec.ForProvider.Mappings = mapping(`{"dynamic":"strict","properties":{"id":{"type":"keyword"}}}`)
		}), "/orders/_mapping", `{"dynamic":"true"}`, "30s",
			[]custody.Drift{{Field: "mappings.dynamic", Found: "true", Desired: "strict", Outcome: custody.DriftRestored}},
			`Normal DriftCorrected: Put right what others changed: mappings.dynamic was "true", desired is "strict"`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := startNode(t)
			w := newPlane(t, e, "local")
			w.Make(tc.cr)
			if len(tc.cr.Status.Drift) > 0 {
				t.Errorf("\nA creation is no drift.\n%v", tc.cr.Status.Drift)
			}
			e.do(t, http.MethodPut, tc.path, tc.body)
			w.Reconcile(tc.cr)
			if diff := cmp.Diff(tc.drift, entries(tc.cr)); diff != "" {
				t.Errorf("\n%s\ndrift: -want, +got:\n%s", tc.reason, diff)
			}
			if got := e.setting(t, "refresh_interval"); got != tc.refresh {
				t.Errorf("\n%s\nrefresh_interval: want %s, got %v", tc.reason, tc.refresh, got)
			}
			told := slices.DeleteFunc(slices.Clone(w.Events), func(s string) bool { return !strings.Contains(s, "Drift") })
			if got := strings.Join(told, "\n"); got != tc.event {
				t.Errorf("\n%s\nevents: -want, +got:\n%s", tc.reason, cmp.Diff(tc.event, got))
			}

			version, sent := tc.cr.ResourceVersion, len(w.Events)
			e.Forget(world.Death{})
			w.Reconcile(tc.cr)
			w.Reconcile(tc.cr)
			if got := e.Writes(); len(got) > 0 || tc.cr.ResourceVersion != version || len(w.Events) != sent {
				t.Errorf("\nAfter that, nothing is written and nothing told.\nwrites: %v, resource version %s was %s, events: %v", got, tc.cr.ResourceVersion, version, w.Events[sent:])
			}
		})
	}
}

// TestDriftDeleted deletes an index by hand.
func TestDriftDeleted(t *testing.T) {
	cases := map[string]struct {
		reason string
		mod    func(*v1alpha1.Index)
		there  bool
		want   custody.Outcome
		ready  string
	}{
		"Correct": {"An index that others deleted is made anew, and told.", func(*v1alpha1.Index) {}, true, custody.DriftRestored, ""},
		"Report": {"Where drift is reported it is not, and not ready either.", report, false, custody.DriftReported,
			"The external object was deleted, and spec.drift.mode Report leaves it so"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := startNode(t)
			w, cr := newPlane(t, e, "local"), orders(tc.mod)
			w.Make(cr)
			e.do(t, http.MethodDelete, "/orders", "")
			w.Settle(cr)
			want := []custody.Drift{{Field: ".", Found: "absent", Desired: "present", Outcome: tc.want}}
			if diff := cmp.Diff(want, entries(cr)); diff != "" {
				t.Errorf("\n%s\ndrift: -want, +got:\n%s", tc.reason, diff)
			}
			if got := e.orders(t) != nil; got != tc.there || cr.GetCondition(xpv2.TypeReady).Message != tc.ready {
				t.Errorf("\n%s\nindex: %t, Ready: %+v", tc.reason, got, cr.GetCondition(xpv2.TypeReady))
			}
		})
	}
}

// TestNoDrift edits a resource, loses its status, and spells values otherwise.
func TestNoDrift(t *testing.T) {
	e := startNode(t)
	w, cr := newPlane(t, e, "local"), orders()
	w.Make(cr)
	w.Change(cr, func(cr *v1alpha1.Index) { cr.Spec.ForProvider.Settings["refresh_interval"] = "7s" })
	if got := e.setting(t, "refresh_interval"); got != "7s" || len(cr.Status.Drift) > 0 {
		t.Errorf("\nAn edit is carried out, and is no drift.\nrefresh_interval: %v, drift: %v", got, cr.Status.Drift)
	}
	e.do(t, http.MethodPut, "/orders/_settings", `{"index.refresh_interval":"5s"}`)
	lost := newPlane(t, e, "local")
	again := orders()
	lost.Make(again)
	if got := e.setting(t, "refresh_interval"); got != "30s" || len(again.Status.Drift) > 0 {
		t.Errorf("\nWhoever lost the past cannot tell drift, and puts it right.\nrefresh_interval: %v, drift: %v", got, again.Status.Drift)
	}
	spelled := func(cr *v1alpha1.Index) {
		cr.Spec.ForProvider.Mappings = mapping(`{"properties":{"id":{"type":"keyword","index":true}}}`)
	}
	lost.Change(again, spelled)
	e.do(t, http.MethodPut, "/orders/_settings", `{"index.refresh_interval":"5s"}`)
	lost.Settle(again)
	want := []custody.Drift{{Field: "settings.refresh_interval", Found: "5s", Desired: "30s", Outcome: custody.DriftRestored}}
	if diff := cmp.Diff(want, entries(again)); diff != "" {
		t.Errorf("\nAnother spelling of the same is no drift, even beside one.\ndrift: -want, +got:\n%s", diff)
	}
}

// TestReportThenEdit edits a resource whose drift is reported, and then takes the
// mode back.
func TestReportThenEdit(t *testing.T) {
	e := startNode(t)
	w, cr := newPlane(t, e, "local"), orders(report)
	w.Make(cr)
	e.do(t, http.MethodPut, "/orders/_settings", `{"index.refresh_interval":"5s"}`)
	w.Settle(cr)
	if got := cr.GetCondition("AsDesired"); got.Status != "False" || got.Message != "Others changed settings.refresh_interval" {
		t.Errorf("\nA condition tells the drift.\n%+v", got)
	}
	w.Change(cr, func(cr *v1alpha1.Index) { cr.Spec.ForProvider.NumberOfReplicas = new(int32(1)) })
	if got := e.setting(t, "number_of_replicas"); got != "1" || cr.GetCondition("AsDesired").Status != "True" {
		t.Errorf("\nAn edit is carried out.\nreplicas: %v, %+v", got, cr.GetCondition("AsDesired"))
	}
	e.do(t, http.MethodPut, "/orders/_settings", `{"index.refresh_interval":"6s"}`)
	w.Settle(cr)
	w.Change(cr, func(cr *v1alpha1.Index) { cr.Spec.Drift.Mode = custody.DriftCorrect })
	want := []custody.Drift{
		{Field: "settings.refresh_interval", Found: "5s", Desired: "30s", Outcome: custody.DriftResolved},
		{Field: "settings.refresh_interval", Found: "6s", Desired: "30s", Outcome: custody.DriftRestored},
	}
	if diff := cmp.Diff(want, entries(cr)); diff != "" || e.setting(t, "refresh_interval") != "30s" {
		t.Errorf("\nWhat was only reported is put right once it may be.\ndrift: -want, +got:\n%s", diff)
	}
}

// TestDriftPending has the correction of drift fail.
func TestDriftPending(t *testing.T) {
	e := startNode(t)
	w, cr := newPlane(t, e, "local"), orders()
	w.Make(cr)
	e.do(t, http.MethodPut, "/orders/_settings", `{"index.refresh_interval":"5s"}`)
	for _, outcome := range []custody.Outcome{custody.DriftPending, custody.DriftPending, custody.DriftRestored} {
		e.refuse(outcome == custody.DriftPending)
		w.Reconcile(cr)
		want := []custody.Drift{{Field: "settings.refresh_interval", Found: "5s", Desired: "30s", Outcome: outcome}}
		if diff := cmp.Diff(want, entries(cr), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("\nDrift is told once, and stays pending until it is put right.\ndrift: -want, +got:\n%s", diff)
		}
	}
}

// TestDriftAndConflict has somebody else write a resource while the provider puts its
// index right.
func TestDriftAndConflict(t *testing.T) {
	e := startNode(t)
	w := newPlane(t, e, "local")
	cr := orders()
	w.Make(cr)
	e.do(t, http.MethodPut, "/orders/_settings", `{"index.refresh_interval":"5s"}`)
	w.Conflicts = 1
	w.Reconcile(cr)
	w.Settle(cr)
	want := []custody.Drift{{Field: "settings.refresh_interval", Found: "5s", Desired: "30s", Outcome: custody.DriftRestored}}
	if diff := cmp.Diff(want, entries(cr)); diff != "" {
		t.Errorf("\nWhat was put right is told, although the status could not be written at first.\ndrift: -want, +got:\n%s", diff)
	}
}
