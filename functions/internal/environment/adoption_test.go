package environment

import (
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func TestAdoption(t *testing.T) {
	cases := map[string]struct {
		reason string
		bounds v1alpha1.AdoptionBounds
		asked  custody.Adoption
		want   custody.Adoption
		err    string
	}{
		"Silent":    {reason: "Nothing is taken over that nobody spoke of.", want: custody.AdoptionNever},
		"Refused":   {reason: "Nor may a claim ask for it.", asked: custody.AdoptionIfIdentical, err: `spec.adoption: Invalid value: "IfIdentical": must be at most Never in environment "prod"; ask the platform team for environments[prod].adoption.max`},
		"Default":   {reason: "The Blueprint speaks for a claim that says nothing.", bounds: v1alpha1.AdoptionBounds{Default: custody.AdoptionIfIdentical}, want: custody.AdoptionIfIdentical},
		"Above":     {reason: "The default is the most where no other is.", bounds: v1alpha1.AdoptionBounds{Default: custody.AdoptionIfIdentical}, asked: custody.AdoptionAdopt, err: "must be at most IfIdentical"},
		"Permitted": {reason: "A claim may ask for what the Blueprint permits.", bounds: v1alpha1.AdoptionBounds{Max: custody.AdoptionAdopt}, asked: custody.AdoptionAdopt, want: custody.AdoptionAdopt},
		"Less":      {reason: "And for less than the default.", bounds: v1alpha1.AdoptionBounds{Default: custody.AdoptionAdopt}, asked: custody.AdoptionNever, want: custody.AdoptionNever},
		"Unknown":   {reason: "Another word is a mistake.", bounds: v1alpha1.AdoptionBounds{Max: custody.AdoptionAdopt}, asked: "Always", err: "supported values"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b, mistaken := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
				prod(b)["adoption"] = map[string]any{"default": tc.bounds.Default, "max": tc.bounds.Max}
			}))
			if len(mistaken) > 0 {
				t.Fatalf("\n%s\ncannot parse Blueprint: %v", tc.reason, mistaken)
			}
			spec, errs := Parse(checkout(func(c *Claim) { c.Spec.Adoption = tc.asked }), b)
			if tc.err == "" && len(errs) > 0 || tc.err != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), tc.err)) {
				t.Fatalf("\n%s\nwant mistake %q, got %v", tc.reason, tc.err, errs)
			}
			if tc.err != "" {
				return
			}
			if got := Resolve(spec).Adoption; got != tc.want {
				t.Errorf("\n%s\nwant %s, got %s", tc.reason, tc.want, got)
			}
		})
	}
}

func TestAdoptionBounds(t *testing.T) {
	_, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
		prod(b)["adoption"] = map[string]any{"default": "Adopt", "max": "IfIdentical"}
	}))
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "must be at most max, which is IfIdentical") {
		t.Errorf("a default above the most is the Blueprint's mistake, got %v", errs)
	}
}
