// Package status says in words what became of an environment.
//
// A Row tells of one resource, a Report folds rows into conditions and a sentence.
// The words follow from the rows alone: no clock, no counter, no map order. So a
// condition changes only when the environment does, and a resource that merely
// waits never takes the blame for what it waits for.
package status

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// A Capability is what a claim can ask for, by the condition that tells of it.
type Capability string

// Capabilities, in the order in which a user meets them.
const (
	Namespace Capability = v1alpha1.ConditionNamespaceReady
	Identity  Capability = v1alpha1.ConditionIdentityReady
	Search    Capability = v1alpha1.ConditionSearchReady
	Route     Capability = v1alpha1.ConditionRouteReady
)

// Capabilities returns all capabilities in order.
func Capabilities() []Capability { return []Capability{Namespace, Identity, Search, Route} }

// Health is how one resource is. A resource can be ready and yet have a message
// that names who has to act.
type Health struct {
	State    v1alpha1.ResourceState
	Reason   string
	Message  string
	WhoFixes v1alpha1.Fixer
}

// Available is a resource that serves its users.
func Available() Health {
	return Health{State: v1alpha1.ResourceReady, Reason: ReasonAvailable}
}

// Noted is a resource that serves its users, but for what somebody should put right.
func Noted(reason, message string, by v1alpha1.Fixer) Health {
	return Health{State: v1alpha1.ResourceReady, Reason: reason, Message: bounded(message), WhoFixes: by}
}

// Progressing is a resource that time alone will make ready.
func Progressing(reason, message string) Health {
	return Health{State: v1alpha1.ResourceProgressing, Reason: reason, Message: bounded(message)}
}

// Waiting is a resource that cannot be created before another is usable.
func Waiting() Health {
	return Health{State: v1alpha1.ResourceWaiting, Reason: ReasonWaiting}
}

// Failed is a resource that somebody has to look after.
func Failed(reason, message string, by v1alpha1.Fixer) Health {
	return Health{State: v1alpha1.ResourceFailed, Reason: reason, Message: bounded(message), WhoFixes: by}
}

// A Row tells of one resource.
type Row struct {
	Capability Capability
	Kind       string
	Name       string
	WaitingFor string // The root of what it waits for, by kind and name.
	Adopted    bool   // Whether it was there before.
	Health
}

// Ready says whether the resource serves its users.
func (r Row) Ready() bool { return r.State == v1alpha1.ResourceReady }

// Title is how a sentence calls the resource.
func (r Row) Title() string { return r.Kind + " " + r.Name }

// A Condition of the composite and its claim.
type Condition struct {
	Type    string
	True    bool
	Reason  string
	Message string
}

// A Report is the rows of an environment, in the order of its parts.
type Report []Row

// Ready says whether all resources serve their users.
func (r Report) Ready() bool {
	return !slices.ContainsFunc(r, func(row Row) bool { return !row.Ready() })
}

// Taken says whether only names that others have are in the way. Then time alone
// changes nothing: the developer edits the claim, or the other goes.
func (r Report) Taken() bool {
	return slices.ContainsFunc(r, Row.taken) && !slices.ContainsFunc(r, func(row Row) bool {
		return !row.Ready() && !row.taken() && row.State != v1alpha1.ResourceWaiting
	})
}

func (r Row) taken() bool { return r.State == v1alpha1.ResourceFailed && r.Reason == ReasonNameTaken }

// Resources returns the table for the status.
func (r Report) Resources() []v1alpha1.ResourceStatus {
	table := make([]v1alpha1.ResourceStatus, len(r))
	for i, row := range r {
		table[i] = v1alpha1.ResourceStatus{
			Name:       row.Name,
			Kind:       row.Kind,
			State:      row.State,
			Reason:     row.Reason,
			Message:    row.Message,
			WaitingFor: row.WaitingFor,
			WhoFixes:   row.WhoFixes,
			Adopted:    row.Adopted,
		}
	}
	return table
}

// Conditions returns one condition for each capability.
func (r Report) Conditions() []Condition {
	var conditions []Condition
	for _, c := range Capabilities() {
		conditions = append(conditions, r.of(c).condition(c))
	}
	return conditions
}

// Summary is one sentence about the whole environment. It stands in a column, so it
// has room for one failure in full, and else for the names of what is under way. The
// conditions and the table tell the rest.
func (r Report) Summary(environment string) string {
	if !r.Ready() {
		return environment + " is not ready: " + r.first()
	}
	if notes := r.notes(); len(notes) > 0 {
		return environment + " is ready, but " + strings.Join(notes, "; ")
	}
	return environment + " is ready"
}

func (r Report) of(c Capability) Report {
	return slices.DeleteFunc(slices.Clone(r), func(row Row) bool { return row.Capability != c })
}

// condition folds the rows of one capability: what failed comes before what is
// under way, and both before what only waits.
func (r Report) condition(c Capability) Condition {
	if len(r) == 0 {
		return Condition{Type: string(c), True: true, Reason: ReasonNotRequested, Message: "The claim does not ask for it"}
	}
	if r.Ready() {
		return Condition{Type: string(c), True: true, Reason: r.reasonWhenReady(), Message: strings.Join(r.notes(), "; ")}
	}
	if causes := r.causes(); len(causes) > 0 {
		return Condition{Type: string(c), Reason: r.worst().Reason, Message: strings.Join(causes, "; ")}
	}
	return Condition{Type: string(c), Reason: ReasonWaiting, Message: "Waiting for " + strings.Join(r.roots(), ", ")}
}

// roots are what the rows wait for in the end.
func (r Report) roots() []string {
	var roots []string
	for _, row := range r {
		if row.WaitingFor != "" && !slices.Contains(roots, row.WaitingFor) {
			roots = append(roots, row.WaitingFor)
		}
	}
	return roots
}

func (r Report) reasonWhenReady() string {
	for _, row := range r {
		if row.Reason != ReasonAvailable {
			return row.Reason
		}
	}
	return ReasonAvailable
}

// first is the first failure, or else what is under way.
func (r Report) first() string {
	worst := r.worst()
	if worst.State == v1alpha1.ResourceFailed {
		return r.causes()[0]
	}
	var titles []string
	for _, row := range r {
		if row.State == v1alpha1.ResourceProgressing {
			titles = append(titles, row.Title())
		}
	}
	if len(titles) == 0 {
		titles = r.roots() // What they wait for is ready, and yet not usable: a group without its object id.
	}
	if len(titles) > maxTitles {
		titles = append(titles[:maxTitles], "others")
	}
	return "waiting for " + strings.Join(titles, ", ")
}

// worst returns the first row that failed, or else the first that is under way.
func (r Report) worst() Row {
	for _, state := range []v1alpha1.ResourceState{v1alpha1.ResourceFailed, v1alpha1.ResourceProgressing} {
		if i := slices.IndexFunc(r, func(row Row) bool { return row.State == state }); i >= 0 {
			return r[i]
		}
	}
	return Row{}
}

// causes says why the environment is not ready: what failed, with who has to act,
// and then what is under way. What waits is no cause.
func (r Report) causes() []string {
	var failed, progressing []string
	for _, row := range r {
		switch row.State {
		case v1alpha1.ResourceFailed:
			failed = append(failed, fmt.Sprintf("%s: %s%s", row.Title(), row.Message, byWhom(row.WhoFixes)))
		case v1alpha1.ResourceProgressing:
			progressing = append(progressing, fmt.Sprintf("%s: %s", row.Title(), row.Message))
		case v1alpha1.ResourceReady, v1alpha1.ResourceWaiting:
		}
	}
	return append(failed, progressing...)
}

// notes are what ready resources have to say.
func (r Report) notes() []string {
	var notes []string
	for _, row := range r {
		if row.Ready() && row.Message != "" {
			notes = append(notes, fmt.Sprintf("%s: %s%s", row.Title(), row.Message, byWhom(row.WhoFixes)))
		}
	}
	return notes
}

func byWhom(f v1alpha1.Fixer) string {
	switch f {
	case v1alpha1.FixerDeveloper:
		return " (the developer fixes this)"
	case v1alpha1.FixerPlatformTeam:
		return " (the platform team fixes this)"
	default:
		return ""
	}
}

// maxTitles bounds what a summary names.
const maxTitles = 3

// maxMessage bounds what a backend says, as some answer with whole documents.
const maxMessage = 500

// bounded makes one line of at most maxMessage letters.
func bounded(message string) string {
	line := []rune(strings.Join(strings.Fields(message), " "))
	if len(line) > maxMessage {
		return string(line[:maxMessage]) + "…"
	}
	return string(line)
}
