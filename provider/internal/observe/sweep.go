package observe

import (
	"slices"
	"time"
)

// A Sweep of a view. A kind's Sweep calls Found for all that it finds, and what it does
// not find is forgotten. That of a feed calls Changed, and then Rest; or, where it began
// anew, Begin, and Found for what it reads again.
type Sweep[T any] struct {
	view   *View[T]
	wanted []string
	at     uint64
	began  time.Time
	rest   bool

	awaited bool
	first   bool // No sweep was complete yet.
}

// Wanted returns the keys to tell of, in order.
func (s *Sweep[T]) Wanted() []string { return s.wanted }

// Wants reports whether a key is wanted.
func (s *Sweep[T]) Wants(key string) bool {
	_, found := slices.BinarySearch(s.wanted, key)
	return found
}

// Begin says that from now on the feed tells every change. What was read before answers
// nobody any more, and whoever asks waits a while for what the sweep goes on to find.
func (s *Sweep[T]) Begin() {
	v := s.view
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	v.since = v.o.next()
	s.at = v.since
	select {
	case <-v.filling:
		v.fill()
	default: // Whoever waits goes on to do so.
	}
}

// Expects reports whether Found keeps an object of a key.
func (s *Sweep[T]) Expects(key string) bool { return s.first || s.Wants(key) }

// Found tells of an object, wanted or not. Whoever asked for it is woken if it changed.
// What was read or written since the sweep began is left as it is. What nobody asked for
// is kept only by the first sweep: all resources are about to ask, as a provider that
// starts, or takes the lead, looks at each of them once.
func (s *Sweep[T]) Found(key string, value T) {
	v := s.view
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	e := v.entries[key]
	if v.settles(key, value) {
		return
	}
	if e == nil && s.first {
		v.expect(key, value, s)
		return
	}
	if e == nil || e.at > s.at {
		return
	}
	if v.of.Same(e.value, value) {
		e.at, e.read = s.at, s.began
		return
	}
	v.put(e, value, s.at, s.began)
	e.wake()
}

// Changed forgets all that depends on one of these ids, and wakes whoever asked for it.
// It is for feeds, which tell what changed and not how it is.
func (s *Sweep[T]) Changed(ids map[string]bool) {
	v := s.view
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	until := v.o.now().Add(settlesWithin)
	for id := range ids {
		v.settling[id] = until
	}
	for key, e := range v.entries {
		if slices.ContainsFunc(v.of.About(key, e.value), func(id string) bool { return ids[id] }) {
			v.forget(key)
			e.wake()
		}
	}
}

// Rest says that all of which the sweep did not tell is as it was.
func (s *Sweep[T]) Rest() { s.rest = true }
