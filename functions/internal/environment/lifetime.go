package environment

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// daysAhead is the shape of a bound of a lifetime.
var daysAhead = regexp.MustCompile(`^[1-9][0-9]{0,3}d$`)

// A Lifetime is the days that a claim names, and whether they have come.
type Lifetime struct {
	Expires   v1alpha1.Date // None: it has no end.
	Review    v1alpha1.Date // None: it is not reviewed.
	Ended     bool
	ReviewDue bool
}

// DayOf returns the day of a time, everywhere the same.
func DayOf(t time.Time) v1alpha1.Date { return v1alpha1.Date(t.UTC().Format(time.DateOnly)) }

// Lifetime of a claim, whatever else is wrong with it; false where it names what is no
// day. Days are written so that they sort as texts.
func (c Claim) Lifetime() (Lifetime, bool) {
	l, today := c.days(), c.Today
	for _, day := range []v1alpha1.Date{l.Expires, l.Review} {
		if _, err := time.Parse(time.DateOnly, string(day)); day != "" && err != nil {
			return Lifetime{}, false
		}
	}
	return Lifetime{
		Expires:   l.Expires,
		Review:    l.Review,
		Ended:     l.Expires != "" && l.Expires <= today,
		ReviewDue: l.Review != "" && l.Review <= today,
	}, true
}

func (c Claim) days() v1alpha1.Lifetime {
	if l := c.Spec.Lifetime; l != nil {
		return *l
	}
	return v1alpha1.Lifetime{}
}

func (s Spec) lifetime() Lifetime {
	l, _ := s.claim.Lifetime() // Parse refuses what is no day.
	return l
}

// checkLifetime takes a day that has come: what it asks for is said in the status, and
// nothing else changes. A day that is within its bound never leaves it again.
func (s Spec) checkLifetime(at *field.Path) field.ErrorList {
	l, bounds := s.claim.days(), s.class.Lifetime
	return append(
		s.checkDay(at.Child("expires"), l.Expires, bounds.ExpiresWithin),
		s.checkDay(at.Child("review"), l.Review, bounds.ReviewWithin)...)
}

func (s Spec) checkDay(at *field.Path, day v1alpha1.Date, within string) field.ErrorList {
	if day == "" && within == "" {
		return nil
	}
	rule := fmt.Sprintf("environment %q asks for a day that is at most %s ahead, such as 2027-01-31", s.claim.Spec.Environment, within)
	if day == "" {
		return field.ErrorList{field.Required(at, rule)}
	}
	t, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return field.ErrorList{field.Invalid(at, day, "must be a day such as 2027-01-31")}
	}
	today, err := time.Parse(time.DateOnly, string(s.claim.Today))
	if within != "" && (err != nil || t.After(today.AddDate(0, 0, dayCount(within)))) {
		return field.ErrorList{field.Invalid(at, day, rule)}
	}
	return nil
}

func checkLifetimeBounds(at *field.Path, b v1alpha1.LifetimeBounds) field.ErrorList {
	var errs field.ErrorList
	for _, bound := range []struct{ name, value string }{{"expiresWithin", b.ExpiresWithin}, {"reviewWithin", b.ReviewWithin}} {
		if bound.value != "" && !daysAhead.MatchString(bound.value) {
			errs = append(errs, field.Invalid(at.Child(bound.name), bound.value, "must be a number of days such as 14d"))
		}
	}
	return errs
}

// lifetimeFor lays what a team has over what an environment has.
func lifetimeFor(team, class v1alpha1.LifetimeBounds) v1alpha1.LifetimeBounds {
	return v1alpha1.LifetimeBounds{
		ExpiresWithin: cmp.Or(team.ExpiresWithin, class.ExpiresWithin),
		ReviewWithin:  cmp.Or(team.ReviewWithin, class.ReviewWithin),
	}
}

// dayCount reads what has the shape of a bound.
func dayCount(within string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(within, "d"))
	if err != nil {
		return 0
	}
	return n
}
