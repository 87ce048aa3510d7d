package compose

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
)

// TestInUse holds what a namespace is found to hold, and whether that protects it.
func TestInUse(t *testing.T) {
	using := func(used map[string]any) Observed {
		return Observed{partQuota: {"status": map[string]any{"used": used}}}
	}
	pods, volumes := []v1alpha1.Use{v1alpha1.UsePods}, []v1alpha1.Use{v1alpha1.UseVolumes}
	cases := map[string]struct {
		reason    string
		heldBy    []v1alpha1.Use
		protected string
		observed  Observed
		inUse     []v1alpha1.Use
		label     string
	}{
		"New":       {reason: "Nothing is in use before there is a quota.", heldBy: pods},
		"Empty":     {reason: "None of something is no use.", heldBy: pods, observed: using(map[string]any{"pods": "0", "persistentvolumeclaims": "0"})},
		"Pods":      {reason: "Pods hold a namespace that they are to hold.", heldBy: pods, observed: using(map[string]any{"pods": "3"}), inUse: pods, label: "in-use"},
		"Other":     {reason: "What is not to hold it is told, and no more.", heldBy: pods, observed: using(map[string]any{"persistentvolumeclaims": "1"}), inUse: volumes},
		"Protected": {reason: "What is protected anyway stays so.", heldBy: pods, protected: "true", observed: using(map[string]any{"pods": "3"}), inUse: pods, label: "true"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.inUse, InUse(tc.observed)); diff != "" {
				t.Errorf("\n%s\nInUse(...): -want, +got:\n%s", tc.reason, diff)
			}
			plan := environment.Plan{Namespace: environment.Namespace{HeldBy: tc.heldBy, Labels: map[string]string{}}}
			if tc.protected != "" {
				plan.Namespace.Labels[environment.LabelProtected] = tc.protected
			}
			if got := namespace(plan, World{Observed: tc.observed})[0].Resource.GetLabels()[environment.LabelProtected]; got != tc.label {
				t.Errorf("\n%s\nlabel: want %q, got %q", tc.reason, tc.label, got)
			}
		})
	}
}
