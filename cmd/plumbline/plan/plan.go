// Package plan tells what a change of claims would do to a control plane, before it
// is merged.
//
// It runs the function's own code on each claim, with what the claim is by now, and
// compares the outcome with what Crossplane last applied. It reads the control plane
// and writes nothing, nor asks it to try: no request but get and list leaves this
// package. It never reads a Secret.
//
// Elasticsearch and Entra ID it reads only for whoever gives credentials of their own,
// and by the provider's own observation: what has the name of something new, and whose
// it is. Without credentials it sees what the managed resources report.
package plan

import "slices"

// An Action is what becomes of a claim or an object.
type Action string

// Actions, from the harmless to the one that cannot be undone.
const (
	None     Action = "none"
	Create   Action = "create"
	Change   Action = "change"
	Adopt    Action = "adopt"    // It exists, and the claim takes it over.
	Retain   Action = "retain"   // It leaves the claim, and stays in the system behind it.
	Delete   Action = "delete"   // It goes, and would be made anew without a loss.
	Recreate Action = "recreate" // Another claim's environment of the same name goes first.
	Destroy  Action = "destroy"  // It goes, with what only it holds.
	Collide  Action = "collide"  // Somebody else has it.
)

// A Plan is what a number of claims become, by team and name.
type Plan struct {
	Claims []Claim `json:"claims"`
}

// A Claim is what becomes of one.
type Claim struct {
	Title     string     `json:"claim"` // Team and name.
	File      string     `json:"file"`
	Action    Action     `json:"action"`
	Refused   []string   `json:"refused,omitempty"` // Why the control plane would not have it so.
	Quota     []Field    `json:"quota,omitempty"`
	Tags      []Field    `json:"tags,omitempty"`
	Resources []Resource `json:"resources,omitempty"` // Those to which something happens.
	Notes     []string   `json:"notes,omitempty"`
}

// A Resource is an object to which something happens.
type Resource struct {
	Action     Action  `json:"action"`
	APIVersion string  `json:"apiVersion"`
	Kind       string  `json:"kind"`
	Namespace  string  `json:"namespace,omitempty"`
	Name       string  `json:"name"`
	Note       string  `json:"note,omitempty"`
	Fields     []Field `json:"fields,omitempty"` // Only of a change.
}

// A Field changes. Nil is a field that is not there.
type Field struct {
	Path string `json:"path"`
	From any    `json:"from,omitempty"`
	To   any    `json:"to,omitempty"`
}

// Refused says whether the control plane would refuse any of it.
func (p Plan) Refused() bool {
	return slices.ContainsFunc(p.Claims, func(c Claim) bool { return len(c.Refused) > 0 })
}

// Destroys says whether anything is lost that a claim cannot bring back.
func (p Plan) Destroys() bool { return p.count()[Destroy]+p.count()[Recreate] > 0 }

// Empty says whether nothing happens.
func (p Plan) Empty() bool {
	return !slices.ContainsFunc(p.Claims, func(c Claim) bool { return c.Action != None || len(c.Refused) > 0 })
}

// count returns how many objects meet which fate.
func (p Plan) count() map[Action]int {
	out := map[Action]int{}
	for _, c := range p.Claims {
		for _, r := range c.Resources {
			out[r.Action]++
		}
	}
	return out
}

// key tells objects apart. The version of a kind is no part of it.
func (r Resource) key() string {
	return groupOf(r.APIVersion) + "/" + r.Kind + "/" + r.Namespace + "/" + r.Name
}

// Exit codes of the command.
const (
	ExitNothing  = 0
	ExitRefused  = 1 // As every error: what is planned cannot come true.
	ExitChanges  = 2
	ExitDestroys = 3
)

// ExitCode is the most severe that holds.
func (p Plan) ExitCode() int {
	switch {
	case p.Refused():
		return ExitRefused
	case p.Destroys():
		return ExitDestroys
	case !p.Empty():
		return ExitChanges
	default:
		return ExitNothing
	}
}
