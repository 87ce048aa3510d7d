package kind

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

const (
	// maxDrift is how many changes a ledger remembers.
	maxDrift = 10
	// maxValue bounds a value in the ledger.
	maxValue = 128
	// echoesFor is how long a backend may go on to show a change that was put
	// right, because some of its servers lag. It is no second change.
	echoesFor = time.Minute
)

// absent is how an object differs that others deleted.
var absent = []custody.Difference{{Field: ".", Found: "absent", Desired: "present"}}

// A ledger is the record of a resource on its way to the API server.
type ledger struct {
	custody.Record

	now time.Time
}

// openLedger returns the ledger of a resource as it was read.
func openLedger(r *custody.Record, now time.Time) *ledger {
	return &ledger{Record: *r.DeepCopy(), now: now}
}

// agree notes that the object is as the parameters want it.
func (l *ledger) agree(parameters string) {
	l.Agreed = parameters
	l.close(nil)
}

// enter notes what others changed, and what became of it. It returns what of that
// is news.
func (l *ledger) enter(found []custody.Difference, outcome custody.Outcome) []custody.Difference {
	l.close(found)
	var news []custody.Difference
	for _, d := range found[:min(len(found), maxDrift)] {
		entry := custody.Drift{Field: d.Field, Found: short(d.Found), Desired: short(d.Desired), At: metav1.NewTime(l.now.Truncate(time.Second)), Outcome: outcome}
		i := l.known(entry)
		switch {
		case i < 0:
			l.Drift = append(l.Drift, entry)
		case l.Drift[i].Outcome == outcome:
			continue
		default:
			l.Drift[i].Outcome = outcome
		}
		news = append(news, d)
	}
	l.Drift = l.Drift[max(0, len(l.Drift)-maxDrift):]
	return news
}

// known returns the entry that tells the same: one that is open still, or one
// that was put right a moment ago.
func (l *ledger) known(e custody.Drift) int {
	return slices.IndexFunc(l.Drift, func(o custody.Drift) bool {
		echo := o.Outcome == custody.DriftRestored && e.Outcome != custody.DriftReported && l.now.Sub(o.At.Time) < echoesFor
		return o.Field == e.Field && o.Found == e.Found && o.Desired == e.Desired && (isOpen(o) || echo)
	})
}

// close ends the open entries of what does not differ any more.
func (l *ledger) close(still []custody.Difference) {
	for i, o := range l.Drift {
		if slices.ContainsFunc(still, func(d custody.Difference) bool {
			return d.Field == o.Field && short(d.Found) == o.Found && short(d.Desired) == o.Desired
		}) {
			continue
		}
		switch o.Outcome {
		case custody.DriftPending: // An attempt that failed has got this far.
			l.Drift[i].Outcome = custody.DriftRestored
		case custody.DriftReported:
			l.Drift[i].Outcome = custody.DriftResolved
		case custody.DriftRestored, custody.DriftResolved:
		}
	}
}

func isOpen(d custody.Drift) bool {
	return d.Outcome == custody.DriftPending || d.Outcome == custody.DriftReported
}

// fingerprint tells parameters apart.
func fingerprint(parameters any) string {
	b, err := json.Marshal(parameters)
	if err != nil { // They came from JSON.
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// short cuts a value to what a ledger holds.
func short(value string) string {
	if len(value) <= maxValue {
		return value
	}
	return strings.ToValidUTF8(value[:maxValue], "") + "…"
}
