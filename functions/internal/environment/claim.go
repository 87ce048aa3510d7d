package environment

import "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"

// A Claim is what a developer asks for.
type Claim struct {
	// Name of the claim. Managed resources are named after it.
	Name string

	// Team that owns the claim: its namespace, which also holds the managed
	// resources. It is empty for a composite without a claim, which belongs to the
	// Blueprint's platform namespace.
	Team string

	// Spec as written.
	Spec v1alpha1.ServiceEnvironmentSpec

	// Today is the day on which it is asked. The same claim and Blueprint give the same
	// on the same day.
	Today v1alpha1.Date
}

// A Spec is a valid claim under a valid Blueprint. Only Parse makes one.
type Spec struct {
	claim     Claim
	team      string
	named     string // The environment, as the Blueprint names it.
	class     v1alpha1.EnvironmentClass
	size      v1alpha1.Size
	blueprint Blueprint // As it is for the team.
}
