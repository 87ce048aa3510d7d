// Package environment decides what an environment is. It is pure: the same claim
// and Blueprint give the same Plan on the same day, and nothing else is asked.
//
//	Claim      what a developer wrote, and for whom
//	Blueprint  what the platform team answered, checked, with every default filled in
//	Spec       a claim that is valid under a Blueprint; to hold one is the proof
//	Plan       a Spec with every open question answered: names, sizes, hosts, lifetimes
//
// ParseBlueprint and Parse find every mistake in one round, each at its field and
// with its remedy. Resolve cannot fail: whatever Parse accepts has a Plan.
//
// # Names
//
// A service may contain hyphens, an environment may not. So <service>-<environment>
// splits in one way only, at its last hyphen, and two environments never meet in
// one name. Every name that leaves the claim's namespace derives from it; templates
// of the Blueprint can add letters around it, not take it apart.
package environment
