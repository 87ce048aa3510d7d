package environment

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func granting(grants ...v1alpha1.RoleGrant) Claim {
	return checkout(func(c *Claim) { c.Spec.Access = &v1alpha1.Access{Roles: grants} })
}

func TestParseRoles(t *testing.T) {
	cases := map[string]struct {
		reason string
		claim  Claim
		want   []string
	}{
		"Right": {
			reason: "One may have two roles, and a group's name may be of several words.",
			claim: granting(
				v1alpha1.RoleGrant{Role: v1alpha1.RoleViewer, Users: []v1alpha1.Subject{"ana@example.com"}, Groups: []v1alpha1.Subject{"Payments Team"}},
				v1alpha1.RoleGrant{Role: v1alpha1.RoleDeployer, Users: []v1alpha1.Subject{"ana@example.com"}, ServiceAccounts: []v1alpha1.ServiceAccount{{Namespace: "ci", Name: "bot"}, {Namespace: "cd", Name: "bot"}}},
			),
		},
		"EveryMistakeAtOnce": {
			reason: "Nobody is let in whom Kubernetes keeps to itself, and all mistakes are told at once.",
			claim: granting(
				v1alpha1.RoleGrant{Role: "Owner", Users: []v1alpha1.Subject{"system:admin", "", "a", "a"}},
				v1alpha1.RoleGrant{Role: "Owner", Groups: []v1alpha1.Subject{"system:masters", " a", "system:serviceaccounts"}},
				v1alpha1.RoleGrant{Role: v1alpha1.RoleAdmin, ServiceAccounts: []v1alpha1.ServiceAccount{{Namespace: "A", Name: "*"}, {Namespace: "ci", Name: "bot"}, {Namespace: "ci", Name: "bot"}}},
			),
			want: []string{
				"FieldValueNotSupported spec.access.roles[0].role",
				"FieldValueInvalid spec.access.roles[0].users[0]",
				"FieldValueInvalid spec.access.roles[0].users[1]",
				"FieldValueDuplicate spec.access.roles[0].users[3]",
				"FieldValueNotSupported spec.access.roles[1].role",
				"FieldValueDuplicate spec.access.roles[1].role",
				"FieldValueInvalid spec.access.roles[1].groups[0]",
				"FieldValueInvalid spec.access.roles[1].groups[1]",
				"FieldValueInvalid spec.access.roles[1].groups[2]",
				"FieldValueInvalid spec.access.roles[2].serviceAccounts[0].namespace",
				"FieldValueInvalid spec.access.roles[2].serviceAccounts[0].name",
				"FieldValueDuplicate spec.access.roles[2].serviceAccounts[2]",
			},
		},
		"TooMany": {
			reason: "A claim is bounded in what it asks for.",
			claim:  granting(v1alpha1.RoleGrant{Role: v1alpha1.RoleViewer, ServiceAccounts: accounts(101)}),
			want:   []string{"FieldValueTooMany spec.access.roles[0].serviceAccounts"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := Parse(tc.claim, builtIn(t))
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\nParse(...): -want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}

// accounts returns service accounts that all differ.
func accounts(n int) []v1alpha1.ServiceAccount {
	var out []v1alpha1.ServiceAccount
	for i := range n {
		out = append(out, v1alpha1.ServiceAccount{Namespace: "ci", Name: strings.Repeat("a", i+1)})
	}
	return out
}

func TestResolveRoles(t *testing.T) {
	b, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
		b["access"] = map[string]any{"clusterRoles": map[string]any{"Deployer": "acme:deploy"}}
	}))
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	ana := []v1alpha1.Subject{"ana@example.com"}
	s, errs := Parse(granting(
		v1alpha1.RoleGrant{Role: v1alpha1.RoleDeployer, Users: ana},
		v1alpha1.RoleGrant{Role: v1alpha1.RoleAdmin, Groups: ana},
		v1alpha1.RoleGrant{Role: v1alpha1.RoleEditor},
	), b)
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	want := []Binding{
		{Name: "role-deployer-acme:deploy", ClusterRole: "acme:deploy", Users: ana},
		{Name: "role-admin-admin", ClusterRole: "admin", Groups: ana},
	}
	if diff := cmp.Diff(want, Resolve(s).Bindings); diff != "" {
		t.Errorf("\nA role gets the Blueprint's ClusterRole, else the default; one that names nobody has no binding.\nResolve(...): -want, +got:\n%s", diff)
	}
}

func TestParseBlueprintRoles(t *testing.T) {
	_, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
		b["access"] = map[string]any{"clusterRoles": map[string]any{"Owner": "admin", "Viewer": "", "Editor": "a/b"}}
	}))
	want := []string{
		"FieldValueInvalid data.access.clusterRoles[Editor]",
		"FieldValueNotSupported data.access.clusterRoles[Owner]",
		"FieldValueRequired data.access.clusterRoles[Viewer]",
	}
	if diff := cmp.Diff(want, mistakes(errs)); diff != "" {
		t.Errorf("\nA role that no claim can name, or that is bound to nothing, is a mistake.\nParseBlueprint(...): -want, +got:\n%s", diff)
	}
}
