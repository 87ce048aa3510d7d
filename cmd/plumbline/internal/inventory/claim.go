// Package inventory holds ServiceEnvironments as a reader sees them: what a team
// committed, and what became of it.
package inventory

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// Reasons by which a claim does not have its namespace: another has it.
const (
	reasonNameTaken      = "NameTaken"
	reasonExistsNotOwned = "ExistsNotOwned"
)

// A Claim with the status that Crossplane's conditions are part of, which the Go type
// of the claim leaves to Crossplane.
type Claim struct {
	metav1.ObjectMeta `json:"metadata"`

	Spec   v1alpha1.ServiceEnvironmentSpec `json:"spec"`
	Status Status                          `json:"status"`
}

// Status of a Claim.
type Status struct {
	v1alpha1.ServiceEnvironmentStatus

	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Title of the claim, which no other has: its team and its name.
func (c Claim) Title() string { return c.Namespace + "/" + c.Name }

// Environment is the name of the environment, service and environment joined.
func (c Claim) Environment() string { return c.Spec.Service + "-" + c.Spec.Environment }

// Live says whether the claim is one of a control plane, whose state is known.
func (c Claim) Live() bool { return c.UID != "" }

// Ready says whether all of the environment serves its users.
func (c Claim) Ready() bool {
	ready, found := c.Condition("Ready")
	return found && ready.Status == metav1.ConditionTrue && c.DeletionTimestamp == nil
}

// Condition returns a condition of the claim.
func (c Claim) Condition(kind string) (metav1.Condition, bool) {
	for _, condition := range c.Status.Conditions {
		if condition.Type == kind {
			return condition, true
		}
	}
	return metav1.Condition{}, false
}

// Summary is what the claim says of itself in one sentence.
func (c Claim) Summary() string {
	switch {
	case c.DeletionTimestamp != nil:
		return c.Environment() + " is being deleted"
	case c.Status.Summary == "":
		return "Crossplane has not looked at it yet"
	default:
		return c.Status.Summary
	}
}

// Reason is the word for the claim's state: why it is not accepted, or else why it is
// ready, or is not.
func (c Claim) Reason() string {
	if accepted, found := c.Condition(v1alpha1.ConditionAccepted); found && accepted.Status != metav1.ConditionTrue {
		return accepted.Reason
	}
	for _, r := range c.Status.Resources {
		if r.State == v1alpha1.ResourceFailed {
			return r.Reason
		}
	}
	ready, _ := c.Condition("Ready")
	return ready.Reason
}

// WhoActs is who has to do something about the claim; nobody has to where it is empty.
func (c Claim) WhoActs() v1alpha1.Fixer {
	for _, r := range c.Status.Resources {
		if r.State == v1alpha1.ResourceFailed && r.WhoFixes != "" {
			return r.WhoFixes
		}
	}
	switch accepted, _ := c.Condition(v1alpha1.ConditionAccepted); accepted.Reason {
	case "InvalidClaim", reasonNameTaken:
		return v1alpha1.FixerDeveloper
	case "InvalidBlueprint", "BlueprintMissing":
		return v1alpha1.FixerPlatformTeam
	default:
		return ""
	}
}

// Displaced says whether another has the name of the environment, so that this claim
// is one of a service and environment that are not its own.
func (c Claim) Displaced() bool {
	for _, r := range c.Status.Resources {
		if r.Kind == "Namespace" && r.State == v1alpha1.ResourceFailed && (r.Reason == reasonNameTaken || r.Reason == reasonExistsNotOwned) {
			return true
		}
	}
	return false
}

// Resources returns what the environment has of the kinds.
func (c Claim) Resources(kinds ...string) []v1alpha1.ResourceStatus {
	var out []v1alpha1.ResourceStatus
	for _, kind := range kinds {
		for _, r := range c.Status.Resources {
			if r.Kind == kind {
				out = append(out, r)
			}
		}
	}
	return out
}

// wildcard begins a host that stands for all below a domain.
const wildcard = "*."

// OfHost says whether a resource is about a host: it has the host's name, or that with
// a suffix that tells several of one host apart.
func OfHost(r v1alpha1.ResourceStatus, host string) bool {
	object := host
	if domain, ok := strings.CutPrefix(host, wildcard); ok {
		object = domain + "-wildcard"
	}
	suffix, ok := strings.CutPrefix(r.Name, object)
	const hash = 8
	return r.Name == host || (ok && (suffix == "" || (len(suffix) == hash+1 && suffix[0] == '-')))
}
