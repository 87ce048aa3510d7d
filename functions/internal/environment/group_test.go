package environment

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func TestResolveGroup(t *testing.T) {
	b, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
		b["identity"] = map[string]any{
			"providerConfig":    "default",
			"owners":            []any{"platform@example.com"},
			"breakGlassMembers": []any{"rescue@example.com", "Ana@example.com"},
		}
	}))
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	cases := map[string]struct {
		reason string
		edit   func(*Claim)
		want   Group
	}{
		"Silent": {
			reason: "Whom the Blueprint puts into every group is there though the claim names nobody.",
			edit:   func(*Claim) {},
			want: Group{
				Resource: "checkout-prod", Name: "checkout-prod", ProviderConfig: "default", Policy: v1alpha1.DeletionRetain,
				Owners: []string{"platform@example.com"}, Members: []string{"rescue@example.com", "Ana@example.com"}, Membership: v1alpha1.MembershipExclusive,
			},
		},
		"Everything": {
			reason: "The claim's owners replace the Blueprint's, its members come first and nobody comes twice; its tags end the description.",
			edit: func(c *Claim) {
				c.Spec.Description, c.Spec.Tags = "Takes orders", map[string]v1alpha1.TagValue{"team": "a", "costCenter": "4711"}
				c.Spec.Deletion = &v1alpha1.Deletion{Policy: v1alpha1.DeletionRetain, Group: v1alpha1.DeletionDelete}
				c.Spec.Access = &v1alpha1.Access{
					Members: []v1alpha1.Member{"ana@example.com"}, Owners: []v1alpha1.Member{"bo@example.com"}, Membership: v1alpha1.MembershipAdditive,
				}
			},
			want: Group{
				Resource: "checkout-prod", Name: "checkout-prod", ProviderConfig: "default", Policy: v1alpha1.DeletionDelete,
				Description: "Takes orders (costCenter=4711, team=a)",
				Owners:      []string{"bo@example.com"}, Members: []string{"ana@example.com", "rescue@example.com"}, Membership: v1alpha1.MembershipAdditive,
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s, errs := Parse(checkout(tc.edit), b)
			if len(errs) > 0 {
				t.Fatal(errs.ToAggregate())
			}
			if diff := cmp.Diff(tc.want, Resolve(s).Group); diff != "" {
				t.Errorf("\n%s\nResolve(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestParseGroup(t *testing.T) {
	claim := checkout(func(c *Claim) {
		c.Spec.Description = strings.Repeat("ä", 200)
		c.Spec.Tags = map[string]v1alpha1.TagValue{}
		for i := range 10 {
			c.Spec.Tags[fmt.Sprintf("key%d", i)] = v1alpha1.TagValue(strings.Repeat("v", 60))
		}
		c.Spec.Access = &v1alpha1.Access{Owners: []v1alpha1.Member{"everybody", "a@b", "a@b"}, Membership: "Open"}
		c.Spec.Deletion = &v1alpha1.Deletion{Search: "Keep", Group: "Drop"}
	})
	want := []string{
		"FieldValueInvalid spec.tags",
		"FieldValueInvalid spec.access.owners[0]",
		"FieldValueDuplicate spec.access.owners[2]",
		"FieldValueNotSupported spec.access.membership",
		"FieldValueNotSupported spec.deletion.search",
		"FieldValueNotSupported spec.deletion.group",
	}
	_, errs := Parse(claim, builtIn(t))
	if diff := cmp.Diff(want, mistakes(errs)); diff != "" {
		t.Errorf("\nAll mistakes are told at once.\nParse(...): -want, +got:\n%s\n%v", diff, errs.ToAggregate())
	}
	if got := errs.ToAggregate().Error(); !strings.Contains(got, "they take 871 of the 600 characters") {
		t.Errorf("tags that do not fit are counted for the reader, got: %s", got)
	}
}

// TestProtected holds the claim's word above the Blueprint's.
func TestProtected(t *testing.T) {
	yes, no := true, false
	for name, tc := range map[string]struct {
		reason    string
		blueprint bool
		claim     *bool
		want      string
	}{
		"Neither":   {reason: "Nothing is protected that nobody protects."},
		"Blueprint": {reason: "The Blueprint protects where the claim is silent.", blueprint: true, want: "true"},
		"Claim":     {reason: "The claim protects itself.", claim: &yes, want: "true"},
		"Released":  {reason: "A claim that says so may go.", blueprint: true, claim: &no},
	} {
		t.Run(name, func(t *testing.T) {
			b, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
				b["environments"].(map[string]any)["prod"].(map[string]any)["protect"] = tc.blueprint
			}))
			if len(errs) > 0 {
				t.Fatal(errs.ToAggregate())
			}
			s, errs := Parse(checkout(func(c *Claim) { c.Spec.Deletion = &v1alpha1.Deletion{Protect: tc.claim} }), b)
			if len(errs) > 0 {
				t.Fatal(errs.ToAggregate())
			}
			if got := Resolve(s).Labels[LabelProtected]; got != tc.want {
				t.Errorf("\n%s\nwant the label %q, got %q", tc.reason, tc.want, got)
			}
		})
	}
}
