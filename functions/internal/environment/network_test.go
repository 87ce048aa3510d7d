package environment

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// permitting returns the built-in Blueprint with networks that claims may name.
func permitting(t *testing.T, egress, permitted []any) Blueprint {
	t.Helper()
	b, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
		b["network"] = map[string]any{"egressCIDRs": egress, "permittedCIDRs": permitted}
	}))
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	return b
}

func connecting(from, to []v1alpha1.Peer) Claim {
	return checkout(func(c *Claim) { c.Spec.Network = &v1alpha1.Connections{AllowFrom: from, AllowTo: to} })
}

func TestParseConnections(t *testing.T) {
	cases := map[string]struct {
		reason            string
		egress, permitted []any
		from, to          []v1alpha1.Peer
		want              []string
	}{
		"Right": {
			reason:    "Services and networks within the permitted ones may be named, the same ones in both directions.",
			egress:    []any{"10.0.0.0/8"},
			permitted: []any{"192.0.2.0/24", "2001:db8::/32"},
			from:      []v1alpha1.Peer{{Service: "ledger"}, {Service: "ledger", Environment: "dev"}, {CIDR: "10.1.0.0/16"}},
			to:        []v1alpha1.Peer{{Service: "ledger"}, {CIDR: "192.0.2.0/24"}, {CIDR: "2001:db8:1::/48", Ports: []v1alpha1.Port{443, 8443}}},
		},
		"NothingPermitted": {
			reason: "Without a word of the Blueprint no network is open.",
			to:     []v1alpha1.Peer{{CIDR: "192.0.2.0/24"}},
			want:   []string{"FieldValueForbidden spec.network.allowTo[0].cidr"},
		},
		"Beyond": {
			reason:    "A network lies within one that is permitted as a whole: not around it, beside it, or in the other family.",
			permitted: []any{"192.0.2.0/24"},
			from:      []v1alpha1.Peer{{CIDR: "0.0.0.0/0"}, {CIDR: "192.0.2.0/23"}, {CIDR: "192.0.3.0/24"}, {CIDR: "::/0"}},
			want: []string{
				"FieldValueInvalid spec.network.allowFrom[0].cidr", "FieldValueInvalid spec.network.allowFrom[1].cidr",
				"FieldValueInvalid spec.network.allowFrom[2].cidr", "FieldValueInvalid spec.network.allowFrom[3].cidr",
			},
		},
		"EveryMistakeAtOnce": {
			reason:    "Every mistake is told at once, and one that makes no sense is not called twice there.",
			permitted: []any{"0.0.0.0/0", "::/0"},
			from: []v1alpha1.Peer{
				{}, {}, {Service: "a", CIDR: "10.0.0.0/8"}, {Environment: "prod", CIDR: "10.0.0.0/8"}, {Service: "A", Environment: "moon"},
				{Service: "ledger", Environment: "prod"}, {Service: "ledger", Ports: []v1alpha1.Port{0, 80, 80}},
			},
			to: []v1alpha1.Peer{{CIDR: "10.0.0.1/8"}, {CIDR: "2001:DB8::/32"}, {CIDR: "::ffff:10.0.0.0/104"}, {CIDR: "example.com"}, {CIDR: "10.0.0.0/8"}, {CIDR: "10.0.0.0/8"}},
			want: []string{
				"FieldValueInvalid spec.network.allowFrom[0]", "FieldValueInvalid spec.network.allowFrom[1]",
				"FieldValueInvalid spec.network.allowFrom[2]", "FieldValueInvalid spec.network.allowFrom[3]",
				"FieldValueInvalid spec.network.allowFrom[4].service", "FieldValueNotSupported spec.network.allowFrom[4].environment",
				"FieldValueDuplicate spec.network.allowFrom[6]",
				"FieldValueInvalid spec.network.allowFrom[6].ports[0]", "FieldValueDuplicate spec.network.allowFrom[6].ports[2]",
				"FieldValueInvalid spec.network.allowTo[0].cidr", "FieldValueInvalid spec.network.allowTo[1].cidr",
				"FieldValueInvalid spec.network.allowTo[2].cidr", "FieldValueInvalid spec.network.allowTo[3].cidr",
				"FieldValueDuplicate spec.network.allowTo[5]",
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := Parse(connecting(tc.from, tc.to), permitting(t, tc.egress, tc.permitted))
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\nParse(...): -want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}

func TestParseBlueprintNetworks(t *testing.T) {
	_, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
		b["network"] = map[string]any{"permittedCIDRs": []any{"10.0.0.0/8", "10.0.0.1/8", "internet"}}
	}))
	want := []string{"FieldValueInvalid data.network.permittedCIDRs[1]", "FieldValueInvalid data.network.permittedCIDRs[2]"}
	if diff := cmp.Diff(want, mistakes(errs)); diff != "" {
		t.Errorf("\nWhat is permitted are networks.\nParseBlueprint(...): -want, +got:\n%s", diff)
	}
}

func TestResolveConnections(t *testing.T) {
	s, errs := Parse(connecting(
		[]v1alpha1.Peer{{Service: "ledger"}},
		[]v1alpha1.Peer{{Service: "ledger", Environment: "dev", Ports: []v1alpha1.Port{80}}, {CIDR: "2001:db8::/32"}},
	), permitting(t, nil, []any{"::/0"}))
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	n := Resolve(s).Namespace
	want := [][]Flow{
		{{Name: "allow-from-ledger-prod", Namespaces: map[string]string{LabelService: "ledger", LabelEnvironment: "prod"}}},
		{
			{Name: "allow-to-ledger-dev", Namespaces: map[string]string{LabelService: "ledger", LabelEnvironment: "dev"}, Ports: []v1alpha1.Port{80}},
			{Name: "allow-to-2001-db8---32", CIDR: "2001:db8::/32"},
		},
	}
	if diff := cmp.Diff(want, [][]Flow{n.AllowFrom, n.AllowTo}); diff != "" {
		t.Errorf("\nA service that names no environment is that of the claim's.\nResolve(...): -want, +got:\n%s", diff)
	}
}

// FuzzPeers holds that whatever peers Parse accepts have names that Kubernetes
// takes, and that two peers never share one: the second would be the first's end.
func FuzzPeers(f *testing.F) {
	f.Add("ledger", "dev", "", "", "", "fd00::/8")
	f.Add("fd00--", "prod", "", "fd00", "prod", "")
	f.Add("", "", "2001:db8::/32", "", "", "2001:db8:0:1::/64")
	f.Add("a-b", "dev", "", "a", "dev", "")
	f.Add("", "", "10.0.0.0/8", "", "", "1.0.0.0/8")
	f.Fuzz(func(t *testing.T, service, environment, cidr, otherService, otherEnvironment, otherCIDR string) {
		peers := []v1alpha1.Peer{
			{Service: service, Environment: environment, CIDR: cidr},
			{Service: otherService, Environment: otherEnvironment, CIDR: otherCIDR},
		}
		b := permitting(t, nil, []any{"0.0.0.0/0", "::/0"})
		for i := range peers {
			s, errs := Parse(connecting(nil, peers[i:i+1]), b)
			if len(errs) > 0 {
				t.Skip("a peer that Parse refuses")
			}
			name := Resolve(s).Namespace.AllowTo[0].Name
			if problems := validation.IsDNS1123Subdomain(name); len(problems) > 0 {
				t.Errorf("Kubernetes takes %q as a NetworkPolicy: %v", name, problems)
			}
		}
		s, errs := Parse(connecting(nil, peers), b)
		same := cidr == otherCIDR && service == otherService && (cidr != "" || orProd(environment) == orProd(otherEnvironment))
		if same != (len(errs) > 0) {
			t.Fatalf("only the same peer twice is a duplicate, got %v", errs.ToAggregate())
		}
		if same {
			return
		}
		if to := Resolve(s).Namespace.AllowTo; to[0].Name == to[1].Name {
			t.Errorf("%v and %v meet in the name %q", peers[0], peers[1], to[0].Name)
		}
	})
}

func orProd(environment string) string {
	if environment == "" {
		return "prod"
	}
	return environment
}
