package group

import (
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

func ignoring(paths ...string) func(*v1alpha1.Group) {
	return func(cr *v1alpha1.Group) { cr.Spec.Drift = &custody.DriftTerms{Ignore: paths} }
}

// TestDrift changes a group by hand, in directories that show it at once or late.
func TestDrift(t *testing.T) {
	drift := func(field, found, desired string) custody.Drift {
		return custody.Drift{Field: field, Found: found, Desired: desired, Outcome: custody.DriftRestored}
	}
	cases := map[string]struct {
		reason  string
		options standin.Options
		mod     func(*v1alpha1.Group)
		drift   []custody.Drift
		members []string
		display string
	}{
		"Corrected": {"What others changed is put right, and told by name.", standin.Options{}, func(*v1alpha1.Group) {},
			[]custody.Drift{drift("displayName", "Staff", "checkout-prod"), drift("members", "without ana@example.com", "with"), drift("members", "with bo@example.com", "without")},
			userIDs("ana@example.com"), "checkout-prod"},
		"Lagging": {"A directory that shows corrections late makes no more of it.", standin.Options{Lag: 2 * time.Second, RelationLag: 3 * time.Second}, func(*v1alpha1.Group) {},
			[]custody.Drift{drift("displayName", "Staff", "checkout-prod"), drift("members", "without ana@example.com", "with"), drift("members", "with bo@example.com", "without")},
			userIDs("ana@example.com"), "checkout-prod"},
		"Additive": {"Members that others added are none where membership is additive.", standin.Options{}, additive,
			[]custody.Drift{drift("displayName", "Staff", "checkout-prod"), drift("members", "without ana@example.com", "with")},
			userIDs("ana@example.com", "bo@example.com"), "checkout-prod"},
		"Ignored": {"What is left to others is no drift.", standin.Options{}, ignoring("members", "displayName"), nil, userIDs("bo@example.com"), "Staff"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			d := startTenant(t, tc.options)
			w, cr := newPlane(t, d, "local"), managedGroup(members("ana@example.com"), tc.mod)
			w.Make(cr)
			id := meta.GetExternalName(cr)
			d.do(t, "PATCH", "/v1.0/groups/"+id, map[string]string{"displayName": "Staff"})
			d.removeMember(t, id, userIDs("ana@example.com")[0])
			d.add(t, id, userIDs("bo@example.com")[0])
			*d.clock = d.clock.Add(time.Minute)
			w.Settle(cr)
			var got []custody.Drift
			for _, e := range cr.Status.Drift {
				got = append(got, custody.Drift{Field: e.Field, Found: e.Found, Desired: e.Desired, Outcome: e.Outcome})
			}
			if diff := cmp.Diff(tc.drift, got); diff != "" {
				t.Errorf("\n%s\ndrift: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.members, d.related(t, id, "members")); diff != "" || d.found(t)[0]["displayName"] != tc.display {
				t.Errorf("\n%s\nmembers: -want, +got:\n%s\n%v", tc.reason, diff, d.found(t))
			}
			told := 0
			for _, e := range w.Events {
				told += strings.Count(e, "DriftCorrected")
			}
			if want := min(len(tc.drift), 1); told != want {
				t.Errorf("\nIt is told once.\nevents: %v", w.Events)
			}
		})
	}
}
