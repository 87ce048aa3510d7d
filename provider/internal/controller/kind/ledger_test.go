package kind

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func members(found string) []custody.Difference {
	return []custody.Difference{{Field: "members", Found: found, Desired: "without"}}
}

func TestLedger(t *testing.T) {
	type step struct {
		after   time.Duration
		found   []custody.Difference
		outcome custody.Outcome // None: all is as desired.
		news    int
	}
	const restored, pending, reported, resolved = custody.DriftRestored, custody.DriftPending, custody.DriftReported, custody.DriftResolved
	entry := func(after time.Duration, found string, o custody.Outcome) custody.Drift {
		return custody.Drift{Field: "members", Found: found, Desired: "without", At: metav1.NewTime(start.Add(after)), Outcome: o}
	}
	cases := map[string]struct {
		reason string
		steps  []step
		want   []custody.Drift
	}{
		"Restored": {"What was put right is entered.", []step{{0, members("a"), restored, 1}}, []custody.Drift{entry(0, "a", restored)}},
		"Echo": {
			"What a server that lags still shows is no second change.",
			[]step{{0, members("a"), restored, 1}, {time.Second, members("a"), restored, 0}}, []custody.Drift{entry(0, "a", restored)},
		},
		"Again": {
			"The same change later is one more.",
			[]step{{0, members("a"), restored, 1}, {time.Hour, members("a"), restored, 1}},
			[]custody.Drift{entry(0, "a", restored), entry(time.Hour, "a", restored)},
		},
		"Pending": {
			"An attempt that fails again and again is one entry, with its first time.",
			[]step{{0, members("a"), pending, 1}, {time.Hour, members("a"), pending, 0}, {2 * time.Hour, members("a"), restored, 1}},
			[]custody.Drift{entry(0, "a", restored)},
		},
		"Partly": {
			"What a failed attempt put right after all was restored.",
			[]step{{0, members("a"), pending, 1}, {time.Hour, nil, "", 0}}, []custody.Drift{entry(0, "a", restored)},
		},
		"Resolved": {
			"What was reported and differs no more is resolved.",
			[]step{{0, members("a"), reported, 1}, {time.Hour, members("a"), reported, 0}, {2 * time.Hour, nil, "", 0}},
			[]custody.Drift{entry(0, "a", resolved)},
		},
		"Other": {
			"Another value is another change.",
			[]step{{0, members("a"), reported, 1}, {time.Hour, members("b"), reported, 1}},
			[]custody.Drift{entry(0, "a", resolved), entry(time.Hour, "b", reported)},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			record := &custody.Record{}
			for i, s := range tc.steps {
				l := openLedger(record, start.Add(s.after))
				if s.outcome == "" {
					l.agree("x")
				} else if got := l.enter(s.found, s.outcome); len(got) != s.news {
					t.Errorf("\n%s\nstep %d: want %d news, got %v", tc.reason, i, s.news, got)
				}
				record = &l.Record
			}
			if diff := cmp.Diff(tc.want, record.Drift); diff != "" {
				t.Errorf("\n%s\ndrift: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestLedgerIsBounded enters more than a ledger holds, at once and over time.
func TestLedgerIsBounded(t *testing.T) {
	var many []custody.Difference
	for i := range 25 {
		many = append(many, custody.Difference{Field: fmt.Sprint("settings.", i), Found: strings.Repeat("ü", 1000)})
	}
	l := openLedger(&custody.Record{}, start)
	if got := l.enter(many, custody.DriftReported); len(got) != maxDrift || len(l.Drift) != maxDrift {
		t.Errorf("\nA ledger holds ten entries.\nnews: %d, entries: %d", len(got), len(l.Drift))
	}
	again := openLedger(&l.Record, start.Add(time.Minute))
	if got := again.enter(many, custody.DriftReported); len(got) != 0 || !cmp.Equal(l.Record, again.Record) {
		t.Errorf("\nWhat a ledger cannot hold is not told each time anew.\nnews: %d\n%s", len(got), cmp.Diff(l.Record, again.Record))
	}
	if got := len(l.Drift[0].Found); got > maxValue+len("…") {
		t.Errorf("\nA value is cut.\nlength: %d", got)
	}
	for i := range 15 {
		l = openLedger(&l.Record, start.Add(time.Duration(i)*time.Hour))
		l.enter(members(fmt.Sprint(i)), custody.DriftRestored)
	}
	if got := []string{l.Drift[0].Found, l.Drift[9].Found}; !cmp.Equal(got, []string{"5", "14"}) {
		t.Errorf("\nThe last ten are kept, the latest at the end.\nfirst and last: %v", got)
	}
}

// TestDriftIsCounted puts drift right, in vain at first.
func TestDriftIsCounted(t *testing.T) {
	fail := errors.New("boom")
	next := managed.TypedExternalClientFns[*v1alpha1.Group]{
		ObserveFn: func(ctx context.Context, _ *v1alpha1.Group) (managed.ExternalObservation, error) {
			Differs(ctx, append(members("a"), custody.Difference{Field: "displayName"}))
			return managed.ExternalObservation{ResourceExists: true}, nil
		},
		UpdateFn: func(context.Context, *v1alpha1.Group) (managed.ExternalUpdate, error) {
			return managed.ExternalUpdate{}, fail
		},
	}
	drifts := newDrifts("Group")
	registry := prometheus.NewRegistry()
	registry.MustRegister(drifts, newDrifts("Index")) // Each kind brings its own.
	sent := &sentEvents{}
	cr := &v1alpha1.Group{}
	cr.SetConditions(xpv2.Available())
	cr.Status.Agreed = fingerprint(cr.Spec.ForProvider)
	for range 3 {
		ctx := context.WithValue(t.Context(), visitKey{}, &visit{})
		k := &keeper[*v1alpha1.Group]{TypedExternalClient: next, keeping: keeping[*v1alpha1.Group]{events: sent, drifts: drifts, now: time.Now}}
		if _, err := k.Observe(ctx, cr); err != nil {
			t.Fatal(err)
		}
		_, _ = k.Update(ctx, cr)
		cr.Status.Record = visitOf(ctx).ledger.Record
		if len(*sent) == 0 {
			fail = nil
		}
	}
	families, err := registry.Gather()
	if err != nil || len(families) != 1 {
		t.Fatalf("cannot gather: %v, %v", families, err)
	}
	got := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		key := []string{families[0].GetName()}
		for _, l := range m.GetLabel() {
			key = append(key, l.GetName()+"="+l.GetValue())
		}
		got[strings.Join(key, " ")] = m.GetCounter().GetValue()
	}
	want := map[string]float64{
		"plumbline_drift_total kind=Group outcome=Pending":  2,
		"plumbline_drift_total kind=Group outcome=Restored": 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\nEach field counts once for what became of it.\n-want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(sentEvents{`Put right what others changed: members was "a", desired is "without"; displayName was "", desired is ""`}, *sent); diff != "" {
		t.Errorf("\nIt is told once.\n-want, +got:\n%s", diff)
	}
}

// TestAgreement observes an object that is as desired, as far as anybody can say.
func TestAgreement(t *testing.T) {
	cases := map[string]struct {
		reason string
		ready  xpv2.Condition
		soon   bool
		agreed bool
	}{
		"Ready":    {"An object that serves its users is believed.", xpv2.Available(), false, true},
		"OnItsWay": {"One that is to be looked at again soon is not: a server that lags knows no edit.", xpv2.Available(), true, false},
		"Creating": {"Nor is one that is not complete.", xpv2.Creating(), false, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			next := managed.TypedExternalClientFns[*v1alpha1.Group]{
				ObserveFn: func(ctx context.Context, _ *v1alpha1.Group) (managed.ExternalObservation, error) {
					if tc.soon {
						Soon(ctx)
					}
					return managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: true}, nil
				},
			}
			ctx := context.WithValue(t.Context(), visitKey{}, &visit{})
			k := &keeper[*v1alpha1.Group]{TypedExternalClient: next, keeping: keeping[*v1alpha1.Group]{now: time.Now}}
			cr := &v1alpha1.Group{}
			cr.SetConditions(tc.ready)
			if _, err := k.Observe(ctx, cr); err != nil {
				t.Fatal(err)
			}
			if got := visitOf(ctx).ledger.Agreed == fingerprint(cr.Spec.ForProvider); got != tc.agreed {
				t.Errorf("\n%s\nagreed: want %t, got %t", tc.reason, tc.agreed, got)
			}
		})
	}
}
