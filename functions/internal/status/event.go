package status

import (
	"fmt"
	"slices"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// Reasons of events that tell of no trouble. An event that does bears the reason of
// what is wrong.
const (
	EventReady     = "Ready"
	EventRecovered = "Recovered"
	EventAdopted   = "Adopted"
)

// An Event tells the developer what just happened to an environment.
type Event struct {
	Warning bool
	Reason  string
	Message string
}

// A Past is what was last said of an environment. It stands on the composite, so that
// the function needs no memory, and a restart repeats nothing.
type Past struct {
	Ready     bool
	Refusal   string // What the condition Accepted says, if it is False.
	Resources []v1alpha1.ResourceStatus
}

// Events are what has happened since. Trouble that only changes its words is no news.
func (r Report) Events(environment string, p Past) []Event {
	var events []Event
	for _, row := range r {
		if row.Adopted && !p.resource(row).Adopted {
			events = append(events, Event{Reason: EventAdopted, Message: row.Title() + " was there before and is taken over; it is kept when the claim goes"})
		}
		if row.troubled() && !p.troubled(row) {
			events = append(events, Event{Warning: true, Reason: row.Reason, Message: bounded(fmt.Sprintf("%s: %s%s", row.Title(), row.Message, byWhom(row.WhoFixes)))})
		}
	}
	return append(events, r.turn(environment, p)...)
}

// Event tells of a claim that is not accepted, once for each set of mistakes.
func (r *Refusal) Event(p Past) []Event {
	if p.Refusal == r.Sentence() {
		return nil
	}
	return []Event{{Warning: r.Reason != ReasonPaused, Reason: r.Reason, Message: bounded(r.Sentence())}}
}

// turn tells whether the environment became ready, or stopped to be.
func (r Report) turn(environment string, p Past) []Event {
	trouble := slices.ContainsFunc(r, Row.troubled)
	switch {
	case r.Ready() && (p.Ready && p.troubledAtAll() && !trouble || !p.Ready && p.failed()):
		return []Event{{Reason: EventRecovered, Message: bounded(r.Summary(environment))}}
	case r.Ready() && !p.Ready:
		return []Event{{Reason: EventReady, Message: bounded(r.Summary(environment))}}
	case !r.Ready() && p.Ready && !trouble:
		return []Event{{Reason: r.worst().Reason, Message: bounded(r.Summary(environment))}}
	default:
		return nil
	}
}

// troubled says whether somebody has to act on a resource.
func (r Row) troubled() bool { return r.State == v1alpha1.ResourceFailed || r.WhoFixes != "" }

// troubled says whether it was told already that somebody has to act on a resource, and why.
func (p Past) troubled(r Row) bool {
	was := p.resource(r)
	return was.Reason == r.Reason && (was.State == v1alpha1.ResourceFailed || was.WhoFixes != "")
}

// troubledAtAll says whether somebody had to act.
func (p Past) troubledAtAll() bool {
	return slices.ContainsFunc(p.Resources, func(was v1alpha1.ResourceStatus) bool {
		return was.State == v1alpha1.ResourceFailed || was.WhoFixes != ""
	})
}

// failed says whether the environment was not ready for another reason than that it was
// new. A note, such as that a route still lacks its Service, is none.
func (p Past) failed() bool {
	return p.Refusal != "" || slices.ContainsFunc(p.Resources, func(was v1alpha1.ResourceStatus) bool {
		return was.State == v1alpha1.ResourceFailed || was.Reason == ReasonThrottled
	})
}

// resource is what was said of a resource, if anything was.
func (p Past) resource(r Row) v1alpha1.ResourceStatus {
	i := slices.IndexFunc(p.Resources, func(was v1alpha1.ResourceStatus) bool { return was.Kind == r.Kind && was.Name == r.Name })
	if i < 0 {
		return v1alpha1.ResourceStatus{}
	}
	return p.Resources[i]
}
