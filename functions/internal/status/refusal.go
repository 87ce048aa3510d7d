package status

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// A Refusal says why a claim was not accepted. Nothing changes while it stands.
type Refusal struct {
	Reason   string
	Mistakes []string // Each with its field and its remedy.
}

// RefuseClaim lists the mistakes of a claim.
func RefuseClaim(errs field.ErrorList) *Refusal {
	return &Refusal{Reason: ReasonInvalidClaim, Mistakes: lines(errs)}
}

// RefuseBlueprint lists the mistakes of a Blueprint.
func RefuseBlueprint(errs field.ErrorList) *Refusal {
	return &Refusal{Reason: ReasonInvalidBlueprint, Mistakes: lines(errs)}
}

// BlueprintMissing is for when the platform team's EnvironmentConfig of this name does
// not exist. Another in its place could take quota, hosts and protection away.
func BlueprintMissing(name string) *Refusal {
	return &Refusal{Reason: ReasonBlueprintMissing, Mistakes: []string{
		fmt.Sprintf("there is no Blueprint: EnvironmentConfig %q does not exist; apply it%s", name, byWhom(v1alpha1.FixerPlatformTeam)),
	}}
}

// Paused is no mistake, but changes nothing either.
func Paused() *Refusal {
	return &Refusal{Reason: ReasonPaused, Mistakes: []string{"spec.paused is true; set it to false to go on"}}
}

// Accepted is the condition of a claim that is valid and has its names.
func Accepted() Condition {
	return Condition{Type: v1alpha1.ConditionAccepted, True: true, Reason: ReasonAccepted}
}

// Condition is that of a claim that is not accepted.
func (r *Refusal) Condition() Condition {
	return Condition{Type: v1alpha1.ConditionAccepted, Reason: r.Reason, Message: r.Sentence()}
}

// Sentence tells all mistakes at once.
func (r *Refusal) Sentence() string {
	mistakes := strings.Join(r.Mistakes, "; ")
	switch r.Reason {
	case ReasonInvalidClaim:
		return "Nothing was changed, as the claim has mistakes: " + mistakes
	case ReasonInvalidBlueprint:
		return "Nothing was changed, as the platform team's Blueprint has mistakes: " + mistakes
	case ReasonBlueprintMissing:
		return "Nothing was changed, as " + mistakes
	case ReasonPaused:
		return "Nothing is changed or put right, as " + mistakes
	default:
		return "Nothing was changed: " + mistakes
	}
}

// A status has to fit into etcd beside its claim, whatever the claim holds. Who has more
// mistakes than these corrects them in two rounds.
const (
	maxMistakes = 100
	mistakeHead = 300 // Letters of a mistake: its field, and how its value begins.
	mistakeTail = 700 // And its remedy.
)

func lines(errs field.ErrorList) []string {
	var out []string
	for _, err := range errs[:min(len(errs), maxMistakes)] {
		out = append(out, line(err))
	}
	if more := len(errs) - maxMistakes; more > 0 {
		out = append(out, fmt.Sprintf("and %d more mistakes", more))
	}
	return out
}

// line takes the middle out of a mistake whose value is longer than anybody reads.
func line(err *field.Error) string {
	text := []rune(err.Error())
	if len(text) <= mistakeHead+mistakeTail {
		return string(text)
	}
	return string(text[:mistakeHead]) + "…" + string(text[len(text)-mistakeTail:])
}

// Refused are the conditions of the capabilities of a claim that is refused before
// anything exists.
func Refused() []Condition {
	var conditions []Condition
	for _, c := range Capabilities() {
		conditions = append(conditions, Condition{Type: string(c), Reason: ReasonWaiting, Message: "Waiting for a claim that is accepted"})
	}
	return conditions
}
