package apikey

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// defaultOverlap is that of the resource's schema.
const defaultOverlap = 24 * time.Hour

// A keyring is the keys of one resource that work.
type keyring struct {
	// current is the key that the Secret holds. Nil: it holds none of them.
	current *elasticsearch.APIKey
	// former are all others: those that the Secret held before, and those that never
	// got there because the provider died first. The oldest comes first.
	former []elasticsearch.APIKey
	// ends are when former keys end, as far as that was told before: a further key
	// does not put it off.
	ends map[string]time.Time
	// secret is what the Secret holds.
	secret map[string][]byte
}

// sorted picks out of the keys of a name those of a resource. Names of keys are not
// unique, so a key with another marker is none of our business.
func sorted(found []elasticsearch.APIKey, marker owner.Marker, held string, told []v1alpha1.PreviousAPIKey, now time.Time) keyring {
	keys := keyring{ends: map[string]time.Time{}}
	for _, k := range told {
		keys.ends[k.ID] = k.InvalidAfter.Time
	}
	for _, k := range found {
		switch {
		case k.Metadata[owner.Key] != string(marker), k.Invalidated, !k.Expires.IsZero() && !now.Before(k.Expires):
		case k.ID == held:
			keys.current = &k
		default:
			keys.former = append(keys.former, k)
		}
	}
	slices.SortFunc(keys.former, func(a, b elasticsearch.APIKey) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return keys
}

// all returns the ids of all keys.
func (r keyring) all() []string {
	var ids []string
	if r.current != nil {
		ids = append(ids, r.current.ID)
	}
	for _, k := range r.former {
		ids = append(ids, k.ID)
	}
	return ids
}

// rotationTime is when the next key is due; zero: never.
func (r keyring) rotationTime(p v1alpha1.APIKeyParameters) time.Time {
	switch {
	case r.current.Expires.IsZero() && p.Validity == nil:
		return time.Time{}
	case r.current.Expires.IsZero(): // Keys have come to expire since it was made.
		return r.current.Created
	case p.RotateBefore == nil:
		return r.current.Expires.Add(-r.current.Expires.Sub(r.current.Created) / 3)
	}
	return r.current.Expires.Add(-p.RotateBefore.Duration)
}

func (r keyring) rotationDue(p v1alpha1.APIKeyParameters, now time.Time) bool {
	at := r.rotationTime(p)
	return !at.IsZero() && !now.Before(at)
}

// invalidAfter is when a former key ends. Its overlap begins when the current key
// was made, or when it was made itself, if that was later and the Secret never got it.
func (r keyring) invalidAfter(k elasticsearch.APIKey, p v1alpha1.APIKeyParameters) time.Time {
	overlap := defaultOverlap
	if p.Overlap != nil {
		overlap = p.Overlap.Duration
	}
	end := r.current.Created.Add(overlap)
	if k.Created.After(r.current.Created) {
		end = k.Created.Add(overlap)
	}
	if told, ok := r.ends[k.ID]; ok && told.Before(end) {
		return told
	}
	return end
}

// overdue returns the ids of the former keys whose overlap has passed.
func (r keyring) overdue(p v1alpha1.APIKeyParameters, now time.Time) []string {
	var ids []string
	for _, k := range r.former {
		if !now.Before(r.invalidAfter(k, p)) {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

// observe returns what the status tells.
func (r keyring) observe(p v1alpha1.APIKeyParameters, endpoint, marker string) v1alpha1.APIKeyObservation {
	o := v1alpha1.APIKeyObservation{
		ID: r.current.ID, Created: instant(r.current.Created), Expiration: instant(r.current.Expires),
		RotationTime: instant(r.rotationTime(p)), Endpoint: endpoint, Owner: marker,
	}
	for _, k := range r.former {
		o.Previous = append(o.Previous, v1alpha1.PreviousAPIKey{ID: k.ID, InvalidAfter: *instant(r.invalidAfter(k, p))})
	}
	return o
}

// instant is a time as the API server stores it, in whole seconds, so that a status
// that did not change is not written again.
func instant(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return &metav1.Time{Time: t.UTC().Truncate(time.Second)}
}
