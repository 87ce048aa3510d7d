package environment

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// bounded returns the built-in Blueprint with bounds for one size.
func bounded(t *testing.T, size string, maxQuota map[string]any) Blueprint {
	t.Helper()
	b, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
		b["sizes"].(map[string]any)[size].(map[string]any)["maxQuota"] = maxQuota
	}))
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	return b
}

func overriding(size string, quota map[string]v1alpha1.Quantity) Claim {
	return checkout(func(c *Claim) { c.Spec.Size, c.Spec.Overrides = size, &v1alpha1.Overrides{Quota: quota} })
}

func TestParseOverrides(t *testing.T) {
	cases := map[string]struct {
		reason string
		claim  Claim
		want   []string
	}{
		"Nothing": {
			reason: "Overrides that override nothing are right.",
			claim:  overriding("", nil),
		},
		"AtTheBound": {
			reason: "The bound itself may be asked for, in whatever unit, and so may less than the size gives.",
			claim:  overriding("", map[string]v1alpha1.Quantity{"limits.memory": "32768Mi", "pods": "1", "requests.cpu": "500m"}),
		},
		"EveryMistakeAtOnce": {
			reason: "What is beyond the bound, or has none, is refused at its name.",
			claim:  overriding("medium", map[string]v1alpha1.Quantity{"limits.memory": "32769Mi", "pods": "101", "services.loadbalancers": "1", "requests.cpu": "8"}),
			want: []string{
				"FieldValueInvalid spec.overrides.quota[limits.memory]", "FieldValueInvalid spec.overrides.quota[pods]",
				"FieldValueForbidden spec.overrides.quota[services.loadbalancers]",
			},
		},
		"BoundOfAnotherSize": {
			reason: "Each size has its own bounds.",
			claim:  overriding("small", map[string]v1alpha1.Quantity{"pods": "21"}),
			want:   []string{"FieldValueForbidden spec.overrides.quota[pods]"},
		},
		"NoQuantity": {
			reason: "What is no quantity, or takes minutes to read, is never read.",
			claim:  overriding("", map[string]v1alpha1.Quantity{"pods": "1e99999999", "limits.memory": "-1", "a b": "1"}),
			want: []string{
				"FieldValueInvalid spec.overrides.quota", "FieldValueInvalid spec.overrides.quota[limits.memory]", "FieldValueInvalid spec.overrides.quota[pods]",
			},
		},
		"HalfAPod": {
			reason: "Kubernetes refuses parts of what is counted.",
			claim:  overriding("", map[string]v1alpha1.Quantity{"pods": "1.5", "requests.cpu": "1.5", "limits.memory": "1.5Gi"}),
			want:   []string{"FieldValueInvalid spec.overrides.quota[pods]"},
		},
		"UnknownSize": {
			reason: "A size that is not known is one mistake, and has no bounds to miss.",
			claim:  overriding("huge", map[string]v1alpha1.Quantity{"pods": "1"}),
			want:   []string{"FieldValueNotSupported spec.size"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := Parse(tc.claim, bounded(t, "medium", map[string]any{"limits.memory": "32Gi", "pods": "100", "requests.cpu": "8"}))
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\nParse(...): -want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}

func TestOverrideSaysBothNumbers(t *testing.T) {
	_, errs := Parse(overriding("medium", map[string]v1alpha1.Quantity{"pods": "101"}), bounded(t, "medium", map[string]any{"pods": "100"}))
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), `"101"`) || !strings.Contains(errs[0].Error(), "at most 100") {
		t.Errorf("a developer reads what was asked for and what is the most, got: %v", errs.ToAggregate())
	}
}

func TestResolveOverrides(t *testing.T) {
	b := bounded(t, "medium", map[string]any{"pods": "100", "secrets": "9"})
	s, errs := Parse(overriding("", map[string]v1alpha1.Quantity{"pods": "60", "secrets": "5"}), b)
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	got := map[string]string{}
	for name, q := range Resolve(s).Namespace.Quota {
		got[string(name)] = q.String()
	}
	want := map[string]string{
		"limits.memory": "16Gi", "pods": "60", "requests.cpu": "4", "requests.memory": "8Gi",
		"secrets": "5", "services.loadbalancers": "0", "services.nodeports": "0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\nWhat is not overridden is as the size says.\nResolve(...): -want, +got:\n%s", diff)
	}
	if b.Sizes["medium"].Quota["pods"] != "50" {
		t.Errorf("one claim's override is not the next one's size, got %v", b.Sizes["medium"].Quota)
	}
}

func TestParseBlueprintQuotas(t *testing.T) {
	_, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
		sizes := b["sizes"].(map[string]any)
		sizes["large"].(map[string]any)["maxQuota"] = map[string]any{"pods": "199", "requests.cpu": "16"}
		sizes["medium"].(map[string]any)["maxQuota"] = map[string]any{"pods": "many"}
		sizes["small"].(map[string]any)["quota"] = map[string]any{"pods": "500m"}
	}))
	want := []string{
		"FieldValueInvalid data.sizes[large].quota[pods]", "FieldValueInvalid data.sizes[medium].maxQuota[pods]", "FieldValueInvalid data.sizes[small].quota[pods]",
	}
	if diff := cmp.Diff(want, mistakes(errs)); diff != "" {
		t.Errorf("\nA size does not give more than a claim may ask for.\nParseBlueprint(...): -want, +got:\n%s", diff)
	}
}
