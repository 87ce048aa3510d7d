package compose

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func TestBelowUse(t *testing.T) {
	small := v1alpha1.ServiceEnvironmentSpec{Service: "checkout", Environment: "prod", Size: "small"}
	quota := func(hard, used map[string]any) Observed {
		return Observed{partQuota: {"spec": map[string]any{"hard": hard}, "status": map[string]any{"used": used}}}
	}
	cases := map[string]struct {
		reason   string
		observed Observed
		want     []string
	}{
		"New": {
			reason: "Nothing is in use before there is a quota.",
		},
		"Room": {
			reason:   "What is in use has room in the smaller size.",
			observed: quota(map[string]any{"pods": "50"}, map[string]any{"pods": "20"}),
		},
		"Below": {
			reason:   "Every bound that falls below use is told with its numbers, whatever their unit.",
			observed: quota(map[string]any{"pods": "50", "limits.memory": "16Gi", "requests.cpu": "4"}, map[string]any{"pods": "34", "limits.memory": "5120Mi", "requests.cpu": "900m"}),
			want: []string{
				"spec.size: Forbidden: would bound limits.memory to 4Gi, and 5Gi are in use; use less first, or choose a larger size",
				"spec.size: Forbidden: would bound pods to 20, and 34 are in use; use less first, or choose a larger size",
			},
		},
		"Already": {
			reason:   "A bound that stays or grows is right, even where more than it is in use.",
			observed: quota(map[string]any{"pods": "20", "limits.memory": "1Gi"}, map[string]any{"pods": "34", "limits.memory": "8Gi"}),
		},
		"Unbounded": {
			reason:   "What was not bounded before is in no way made smaller.",
			observed: quota(map[string]any{}, map[string]any{"pods": "34"}),
		},
		"Rubbish": {
			reason:   "What is no quantity says nothing.",
			observed: quota(map[string]any{"pods": "50"}, map[string]any{"pods": "many"}),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, err := range BelowUse(planOf(t, small), tc.observed) {
				got = append(got, err.Error())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nBelowUse(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
