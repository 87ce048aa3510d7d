package score

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

const (
	// overdue is how long cert-manager may take to renew a certificate. It begins at
	// the renewal time, and tries again within an hour.
	overdue = 24 * time.Hour

	// full is the part of a quota from which on the next deployment may not fit.
	full = 0.9

	// driftWindow is what "this week" means.
	driftWindow = 7 * 24 * time.Hour
)

func certificatesFresh(s subject) Result {
	for _, c := range s.world.Certificates[s.claim.Status.Namespace] {
		if c.Status.RenewalTime != nil && s.now.After(c.Status.RenewalTime.Add(overdue)) {
			return fail(fmt.Sprintf("The certificate of %s should have been renewed on %s.", c.Name, c.Status.RenewalTime.Format(time.DateOnly)), v1alpha1.FixerPlatformTeam)
		}
	}
	return pass("No certificate waits for its renewal.")
}

func quotaInRange(s subject) Result {
	for _, q := range s.world.Quotas[s.claim.Status.Namespace] {
		for _, name := range slices.Sorted(maps.Keys(q.Status.Hard)) {
			hard, used := q.Status.Hard[name], q.Status.Used[name]
			if part := ratio(used, hard); part >= full {
				return fail(fmt.Sprintf("%s of the quota is used to %.0f%%: %s of %s; choose a larger size, or use less.", name, part*100, used.String(), hard.String()), v1alpha1.FixerDeveloper)
			}
		}
	}
	return pass(fmt.Sprintf("Less than %.0f%% of each quota is used.", full*100))
}

// ratio of a quota of nothing is nothing: it is a ban, and not a bound.
func ratio(used, hard resource.Quantity) float64 {
	if hard.IsZero() {
		return 0
	}
	return used.AsApproximateFloat64() / hard.AsApproximateFloat64()
}

func noDrift(s subject) Result {
	for _, m := range s.world.Managed[s.claim.Environment()] {
		for _, d := range m.Status.Drift {
			if s.now.Sub(d.At.Time) < driftWindow {
				return fail(fmt.Sprintf("%s of %s was changed outside on %s.", d.Field, m.Title(), d.At.Format(time.DateOnly)), v1alpha1.FixerDeveloper)
			}
		}
	}
	return pass("Nothing was changed outside this week.")
}
