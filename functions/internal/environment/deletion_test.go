package environment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// TestGrace holds who says for how long data is kept first.
func TestGrace(t *testing.T) {
	const week = 7 * 24 * time.Hour
	type deletion = v1alpha1.Deletion
	for name, tc := range map[string]struct {
		reason    string
		blueprint string
		claim     deletion
		index     time.Duration
		group     time.Duration
	}{
		"None":    {reason: "Without a grace what is deleted goes at once.", claim: deletion{Policy: v1alpha1.DeletionDelete}},
		"Deletes": {reason: "What is deleted is kept first.", blueprint: "7d", claim: deletion{Policy: v1alpha1.DeletionDelete}, index: week, group: week},
		"Hours":   {reason: "A grace may be hours.", blueprint: "12h", claim: deletion{Policy: v1alpha1.DeletionDelete}, index: 12 * time.Hour, group: 12 * time.Hour},
		"Retains": {reason: "What is kept for good has no end.", blueprint: "7d"},
		"One":     {reason: "Each capability has its own policy.", blueprint: "7d", claim: deletion{Group: v1alpha1.DeletionDelete}, group: week},
	} {
		t.Run(name, func(t *testing.T) {
			b, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
				if tc.blueprint != "" {
					b["environments"].(map[string]any)["prod"].(map[string]any)["deletionGrace"] = tc.blueprint
				}
			}))
			if len(errs) > 0 {
				t.Fatal(errs.ToAggregate())
			}
			s, errs := Parse(checkout(func(c *Claim) {
				c.Spec.Deletion = &tc.claim
				c.Spec.Search = &v1alpha1.Search{Indices: []v1alpha1.Index{{Name: "orders"}}}
			}), b)
			if len(errs) > 0 {
				t.Fatal(errs.ToAggregate())
			}
			plan := Resolve(s)
			if got := []time.Duration{plan.Indices[0].Grace, plan.Group.Grace}; !cmp.Equal(got, []time.Duration{tc.index, tc.group}) {
				t.Errorf("\n%s\nindex and group: want %v and %v, got %v", tc.reason, tc.index, tc.group, got)
			}
		})
	}
}

// TestHeldBy holds the claim's word above what its namespace holds.
func TestHeldBy(t *testing.T) {
	b, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
		b["environments"].(map[string]any)["prod"].(map[string]any)["protectInUse"] = []any{"Pods"}
	}))
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	no := false
	for name, tc := range map[string]struct {
		reason string
		claim  *bool
		want   []v1alpha1.Use
	}{
		"Silent":    {reason: "What is in use is held where the claim is silent.", want: []v1alpha1.Use{v1alpha1.UsePods}},
		"Confirmed": {reason: "A claim that was told to let go lets go of what is in use as well.", claim: &no},
	} {
		t.Run(name, func(t *testing.T) {
			s, errs := Parse(checkout(func(c *Claim) { c.Spec.Deletion = &v1alpha1.Deletion{Protect: tc.claim} }), b)
			if len(errs) > 0 {
				t.Fatal(errs.ToAggregate())
			}
			if diff := cmp.Diff(tc.want, Resolve(s).Namespace.HeldBy); diff != "" {
				t.Errorf("\n%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
