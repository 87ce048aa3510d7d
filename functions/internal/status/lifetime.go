package status

import (
	"fmt"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// A Lifetime is the days that a claim names, and whether they have come. Its words
// change on those days, and on no other.
type Lifetime struct {
	Expires   string // None: it has no end.
	Review    string // None: it is not reviewed.
	Ended     bool
	ReviewDue bool
}

// Condition says whether somebody has to act because a day has come.
func (l Lifetime) Condition() Condition {
	c := Condition{Type: v1alpha1.ConditionWithinLifetime, True: true, Reason: ReasonNotRequested, Message: "The claim names no day"}
	switch {
	case l.Ended:
		c.True, c.Reason, c.Message = false, ReasonExpired, l.words()
	case l.ReviewDue:
		c.True, c.Reason, c.Message = false, ReasonReviewDue, l.words()
	case l.Expires != "":
		c.Reason, c.Message = ReasonWithinLifetime, "Ends on "+l.Expires
	case l.Review != "":
		c.Reason, c.Message = ReasonWithinLifetime, "To be reviewed on "+l.Review
	}
	return c
}

// Notice is what somebody has to do because a day has come, at the field that says so.
func (l Lifetime) Notice() string {
	switch {
	case l.Ended:
		return "spec.lifetime.expires: " + l.words()
	case l.ReviewDue:
		return "spec.lifetime.review: " + l.words()
	default:
		return ""
	}
}

// words never speak of deletion by itself: until somebody commits, nothing changes.
func (l Lifetime) words() string {
	switch {
	case l.Ended:
		return fmt.Sprintf("ended on %s; delete the claim, or commit a later day in spec.lifetime.expires; until then all stays as it is%s", l.Expires, byWhom(v1alpha1.FixerDeveloper))
	case l.ReviewDue:
		return fmt.Sprintf("was to be reviewed on %s; commit the next day in spec.lifetime.review, or delete the claim%s", l.Review, byWhom(v1alpha1.FixerDeveloper))
	default:
		return ""
	}
}

// Add adds to a summary what the day asks for.
func (l Lifetime) Add(summary string) string {
	if words := l.words(); words != "" {
		return summary + "; it " + words
	}
	return summary
}
