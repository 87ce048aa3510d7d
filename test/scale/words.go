package scale

import (
	"fmt"
	"slices"
	"time"
)

// String says what a wave came to.
func (w Wave) String() string {
	return fmt.Sprintf("%d of %d Ready after %s (%s), %s writes, %s passes a claim, %d breakers opened", len(w.Ready), w.Claims, took(w.Took), quantiles(w.Ready),
		ratio(w.perClaim(w.Counts.writes()), 1), ratio(w.perClaim(w.Counts.Passes), 1), w.Counts.Breakers)
}

func (w Wave) perClaim(n int) float64 { return float64(n) / float64(max(1, w.Claims)) }

// ready are the times to Ready of all claims.
func (c Crowd) ready() []time.Duration {
	var all []time.Duration
	for _, w := range c.Waves {
		all = append(all, w.Ready...)
	}
	return all
}

func byWhat(heals []Heal) map[string][]time.Duration {
	out := map[string][]time.Duration{}
	for _, h := range heals {
		out[h.What] = append(out[h.What], h.Took)
	}
	return out
}

// quantiles are the median, the 95th of a hundred, and the largest.
func quantiles(d []time.Duration) string {
	if len(d) == 0 {
		return ""
	}
	d = slices.Sorted(slices.Values(d))
	at := func(q float64) string { return took(d[min(len(d)-1, int(q*float64(len(d))))]) }
	return at(0.5) + " / " + at(0.95) + " / " + took(d[len(d)-1])
}

func took(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}

func ratio(a, b float64) string {
	if b == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", a/b)
}

func megabytes(kilobytes int) string {
	if kilobytes == 0 {
		return ""
	}
	return fmt.Sprintf("%d MB", kilobytes>>10)
}
