package inventory

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func TestOfHost(t *testing.T) {
	cases := map[string]struct {
		reason, name, host string
		want               bool
	}{
		"Same":         {"An Ingress is called as its host", "shop.example.com", "shop.example.com", true},
		"Another":      {"A host that begins alike is another", "shop.example.com.au", "shop.example.com", false},
		"Suffix":       {"One of several Ingresses ends with a hash", "shop.example.com-6923ae06", "shop.example.com", true},
		"LongerSuffix": {"What is no hash is part of another name", "shop.example.com-something", "shop.example.com", false},
		"Wildcard":     {"A wildcard stands behind its domain", "shop.example.com-wildcard", "*.shop.example.com", true},
		"WildcardHost": {"A DNS record of a wildcard is called as its host", "*.shop.example.com", "*.shop.example.com", true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := OfHost(v1alpha1.ResourceStatus{Name: tc.name}, tc.host); got != tc.want {
				t.Errorf("%s: want %v, got %v", tc.reason, tc.want, got)
			}
		})
	}
}

func TestClaim(t *testing.T) {
	condition := func(kind, status, reason string) metav1.Condition {
		return metav1.Condition{Type: kind, Status: metav1.ConditionStatus(status), Reason: reason}
	}
	failed := v1alpha1.ResourceStatus{Kind: "Namespace", State: v1alpha1.ResourceFailed, Reason: "NameTaken", WhoFixes: v1alpha1.FixerDeveloper}
	cases := map[string]struct {
		reason    string
		status    Status
		ready     bool
		word      string
		who       v1alpha1.Fixer
		displaced bool
	}{
		"New":       {"A claim that nobody looked at is not ready", Status{}, false, "", "", false},
		"Ready":     {"Crossplane's word counts", Status{Conditions: []metav1.Condition{condition("Accepted", "True", "Accepted"), condition("Ready", "True", "Available")}}, true, "Available", "", false},
		"Refused":   {"Why a claim is not accepted goes before whether it is ready", Status{Conditions: []metav1.Condition{condition("Ready", "True", "Available"), condition("Accepted", "False", "InvalidClaim")}}, true, "InvalidClaim", v1alpha1.FixerDeveloper, false},
		"Blueprint": {"A wrong Blueprint is the platform team's", Status{Conditions: []metav1.Condition{condition("Accepted", "False", "InvalidBlueprint")}}, false, "InvalidBlueprint", v1alpha1.FixerPlatformTeam, false},
		"Missing":   {"So is one that is not there", Status{Conditions: []metav1.Condition{condition("Accepted", "False", "BlueprintMissing")}}, false, "BlueprintMissing", v1alpha1.FixerPlatformTeam, false},
		"Displaced": {
			"A claim whose namespace another has is not the environment", Status{ServiceEnvironmentStatus: v1alpha1.ServiceEnvironmentStatus{Resources: []v1alpha1.ResourceStatus{failed}}},
			false, "NameTaken", v1alpha1.FixerDeveloper, true,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := Claim{Status: tc.status}
			if c.Ready() != tc.ready || c.Reason() != tc.word || c.WhoActs() != tc.who || c.Displaced() != tc.displaced {
				t.Errorf("%s: got ready %v, reason %q, who acts %q, displaced %v", tc.reason, c.Ready(), c.Reason(), c.WhoActs(), c.Displaced())
			}
		})
	}
}
