// Package score holds environments against what a platform team wants of each. Every
// check passes or fails, and says in a sentence why, and who acts.
package score

import (
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
)

// A Card has a result for each check.
type Card []Result

// A Result of one check.
type Result struct {
	Check    string         `json:"check"`
	Pass     bool           `json:"pass"`
	Sentence string         `json:"sentence"`
	WhoActs  v1alpha1.Fixer `json:"whoActs,omitempty"` // Nobody has to where it passes.
}

// Passed is how many checks pass.
func (c Card) Passed() int {
	passed := 0
	for _, r := range c {
		if r.Pass {
			passed++
		}
	}
	return passed
}

// A subject is what checks look at.
type subject struct {
	claim     inventory.Claim
	blueprint v1alpha1.Blueprint
	class     v1alpha1.EnvironmentClass
	world     inventory.World
	now       time.Time
}

// A check is a name, which dashboards keep, and a judgement.
type check struct {
	name  string
	judge func(subject) Result
}

// ofClaims need no more than the claim and the Blueprint.
func ofClaims() []check {
	return []check{
		{"has-owner", hasOwner},
		{"tags-complete", tagsComplete},
		{"protected-in-production", protected},
		{"certificates-ready", certificatesReady},
		{"reviewed", reviewed},
	}
}

// ofWorlds need the objects that were composed, too.
func ofWorlds() []check {
	return []check{
		{"certificates-fresh", certificatesFresh},
		{"quota-in-range", quotaInRange},
		{"no-drift", noDrift},
	}
}

// Of returns the card of a claim as far as the claim itself tells.
func Of(claim inventory.Claim, blueprint v1alpha1.Blueprint) Card {
	return card(ofClaims(), subject{claim: claim, blueprint: blueprint, class: classOf(claim, blueprint)})
}

// InWorld returns the whole card of a claim.
func InWorld(claim inventory.Claim, blueprint v1alpha1.Blueprint, world inventory.World, now time.Time) Card {
	s := subject{claim: claim, blueprint: blueprint, class: classOf(claim, blueprint), world: world, now: now}
	return append(card(ofClaims(), s), card(ofWorlds(), s)...)
}

func card(checks []check, s subject) Card {
	var out Card
	for _, c := range checks {
		r := c.judge(s)
		r.Check = c.name
		out = append(out, r)
	}
	return out
}

// Production says whether the Blueprint counts the claim's environment as production.
func Production(claim inventory.Claim, blueprint v1alpha1.Blueprint) bool {
	return classOf(claim, blueprint).Tier == v1alpha1.TierProduction
}

// classOf is what the Blueprint says of the claim's environment: under its own name, or
// the longest that it begins with and that ends with *.
func classOf(claim inventory.Claim, blueprint v1alpha1.Blueprint) v1alpha1.EnvironmentClass {
	if class, ok := blueprint.Environments[claim.Spec.Environment]; ok {
		return class
	}
	longest := ""
	for name := range blueprint.Environments {
		prefix, many := strings.CutSuffix(name, "*")
		if many && strings.HasPrefix(claim.Spec.Environment, prefix) && len(name) > len(longest) {
			longest = name
		}
	}
	return blueprint.Environments[longest]
}

func pass(sentence string) Result { return Result{Pass: true, Sentence: sentence} }

func fail(sentence string, by v1alpha1.Fixer) Result { return Result{Sentence: sentence, WhoActs: by} }
