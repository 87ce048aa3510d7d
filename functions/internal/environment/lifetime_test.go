package environment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// until is a claim for a preview that ends on a day, asked on another.
func until(expires, review, today string) Claim {
	return checkout(func(c *Claim) {
		c.Spec.Environment = "pr412"
		c.Spec.Lifetime = &v1alpha1.Lifetime{Expires: v1alpha1.Date(expires), Review: v1alpha1.Date(review)}
		c.Today = v1alpha1.Date(today)
	})
}

// previews is the built-in Blueprint with previews that end within two weeks.
func previews(t *testing.T) Blueprint {
	t.Helper()
	b, errs := ParseBlueprint(blueprintWith(t, func(b map[string]any) {
		b["environments"].(map[string]any)["pr*"] = map[string]any{
			"tier": "NonProduction", "size": "small", "lifetime": map[string]any{"expiresWithin": "14d"},
		}
	}))
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	return b
}

func TestParseLifetime(t *testing.T) {
	cases := map[string]struct {
		reason string
		claim  Claim
		want   []string
	}{
		"None":      {reason: "Where the Blueprint asks for a day, a claim names one.", claim: until("", "", "2026-11-24"), want: []string{"FieldValueRequired spec.lifetime.expires"}},
		"Last":      {reason: "The last day is within the bound.", claim: until("2026-12-08", "", "2026-11-24")},
		"TooFar":    {reason: "The day after is not.", claim: until("2026-12-09", "", "2026-11-24"), want: []string{"FieldValueInvalid spec.lifetime.expires"}},
		"NextYear":  {reason: "A bound goes over the end of a year.", claim: until("2027-01-07", "", "2026-12-24")},
		"Past":      {reason: "A day that has come changes nothing.", claim: until("2020-01-01", "", "2026-11-24")},
		"NoDay":     {reason: "A day is one of the calendar.", claim: until("2027-02-29", "soon", "2027-02-27"), want: []string{"FieldValueInvalid spec.lifetime.expires", "FieldValueInvalid spec.lifetime.review"}},
		"Unbounded": {reason: "Where the Blueprint does not ask, any day will do.", claim: until("2026-12-01", "2999-01-01", "2026-11-24")},
	}
	b := previews(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := Parse(tc.claim, b)
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestDaysPass goes through a month, day by day: a claim that was right stays right,
// and what is said of it changes once.
func TestDaysPass(t *testing.T) {
	b, ended := previews(t), 0
	for day := time.Date(2026, time.November, 17, 0, 0, 0, 0, time.UTC); day.Month() != time.January; day = day.AddDate(0, 0, 1) {
		s, errs := Parse(until("2026-12-01", "", string(DayOf(day))), b)
		if len(errs) > 0 {
			t.Fatalf("on %s: %v", DayOf(day), errs.ToAggregate())
		}
		if Resolve(s).Lifetime.Ended {
			ended++
		} else if ended > 0 {
			t.Errorf("on %s it has not ended, though it had", DayOf(day))
		}
	}
	if ended != 31 {
		t.Errorf("it has ended on all days of December, got %d", ended)
	}
}

func TestDayOf(t *testing.T) {
	east := time.FixedZone("east", 14*60*60)
	if got := DayOf(time.Date(2026, time.November, 25, 3, 0, 0, 0, east)); got != "2026-11-24" {
		t.Errorf("a day is the same wherever the function runs, got %s", got)
	}
}

func TestClassOf(t *testing.T) {
	b := Blueprint{Blueprint: v1alpha1.Blueprint{Environments: map[string]v1alpha1.EnvironmentClass{"pr*": {}, "prod": {}, "pre*": {}}}}
	for environment, want := range map[string]string{"prod": "prod", "pr1": "pr*", "preview": "pre*", "pr": "pr*", "dev": "", "pr*": "pr*"} {
		if got, _, known := b.classOf(environment); got != want || known != (want != "") {
			t.Errorf("%s is %q, its own name or the longest that it begins with, got %q", environment, want, got)
		}
	}
}
