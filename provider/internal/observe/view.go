package observe

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"
)

// settlesWithin is how long after a feed told of a change a backend may go on to show
// what was before, because some of its servers lag. What is read meanwhile is not
// remembered.
const settlesWithin = 2 * time.Minute

// A View is what is remembered of one kind of object of a backend, by key.
type View[T any] struct {
	o    *Observer
	what string
	of   Kind[T]

	// Guarded by the observer's mutex.
	entries  map[string]*entry[T]
	settling map[string]time.Time // Ids of which the feed told a moment ago.
	since    uint64               // From when on the feed tells all changes; 0: not yet.
	filling  chan struct{}        // Closed when nobody is to wait for the feed.
	filled   func()               // Closes it.
	awaited  bool                 // Somebody would be told more if the feed began.
	complete time.Time            // When the last complete sweep began.
	next     time.Time            // When the next is due.
	failure  error
	failures int
}

// A Kind of object.
type Kind[T any] struct {
	// Sweep tells, in requests whose number does not grow with it, of all objects
	// whose keys the sweep asks for.
	Sweep func(ctx context.Context, s *Sweep[T]) error
	// Same reports whether two values are.
	Same func(a, b T) bool
	// Size is about how many bytes a value takes.
	Size func(T) int
	// Feed says that Sweep tells only what changed since the sweep before. The first,
	// and one that cannot tell that any more, begins anew: it calls Sweep.Begin, and
	// not Sweep.Rest.
	Feed bool
	// About returns the ids, as the feed tells them, on which a value depends.
	About func(key string, value T) []string
}

// Add adds a view of what to an observer.
func Add[T any](o *Observer, what string, of Kind[T]) *View[T] {
	v := &View[T]{o: o, what: what, of: of, entries: map[string]*entry[T]{}, settling: map[string]time.Time{}}
	if o.remembers() {
		o.views = append(o.views, v)
		v.fill()
	}
	return v
}

// Get returns the object of a key: from memory, if that may answer and can, and
// otherwise by reading it.
func (v *View[T]) Get(ctx context.Context, key string, read func() (T, error)) (T, error) {
	a, known := ctx.Value(askerKey{}).(Asker)
	if !known || !v.o.remembers() {
		return read()
	}
	if m, may := ctx.Value(memoryKey{}).(*Memory); may {
		value, found, err := v.recall(a, key)
		if !found && err == nil && v.wait(ctx) {
			value, found, err = v.recall(a, key)
		}
		if found || err != nil {
			m.used = m.used || found
			return value, err
		}
	}
	began := v.begin()
	value, err := read()
	v.remember(a, key, value, began, err)
	return value, err
}

func (v *View[T]) begin() uint64 {
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	return v.o.next()
}

// recall returns what is remembered, or the reason why nobody can be told.
func (v *View[T]) recall(a Asker, key string) (value T, found bool, err error) {
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	e, now := v.entries[key], v.o.now()
	if e != nil {
		e.ask(a, now)
	}
	switch {
	case v.failure != nil:
	case e == nil, e.at < v.o.wrote[a].at, e.at < v.since:
		return value, false, nil
	case now.Sub(v.trueAt(e)) <= believedFor*v.o.every:
		return e.value, true, nil
	}
	if v.o.direct.AllowN(now, 1) {
		return value, false, nil
	}
	if v.failure == nil {
		return value, false, errors.New("the sweep of the backend is late; see the metric plumbline_sweep_age_seconds")
	}
	return value, false, v.failure
}

// trueAt is when an entry was last known to be true.
func (v *View[T]) trueAt(e *entry[T]) time.Time {
	if e.read.After(v.complete) {
		return e.read
	}
	return v.complete
}

// remember keeps what was read, unless something newer is known. What cannot be read is
// forgotten.
func (v *View[T]) remember(a Asker, key string, value T, began uint64, err error) {
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	now, e := v.o.now(), v.entries[key]
	switch {
	case err != nil && v.failure != nil: // The next sweep that is well tells more, and wakes who asked.
		return
	case err != nil:
		v.forget(key)
		return
	case e != nil && e.at > began, v.of.Feed && !v.follows(key, value, began):
		return
	case e == nil:
		if v.o.size+v.of.Size(value) > v.o.maximum {
			return
		}
		e = &entry[T]{}
		v.entries[key] = e
	}
	v.put(e, value, began, now)
	e.ask(a, now)
}

// follows reports whether the feed will tell every change of what was read.
func (v *View[T]) follows(key string, value T, began uint64) bool {
	v.awaited = v.awaited || v.since == 0
	return v.since > 0 && began > v.since && !v.settles(key, value)
}

// settles reports whether the feed told a moment ago of what a value depends on.
func (v *View[T]) settles(key string, value T) bool {
	return len(v.settling) > 0 && slices.ContainsFunc(v.of.About(key, value), func(id string) bool {
		return v.o.now().Before(v.settling[id])
	})
}

func (v *View[T]) due(now time.Time) bool {
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	return !now.Before(v.next) || v.awaited && v.failure == nil
}

// sweep brings the view up to date.
func (v *View[T]) sweep(ctx context.Context) {
	s := v.open()
	if len(s.wanted) == 0 && !s.awaited && (!v.of.Feed || !s.first) { // A feed begins before anybody asks.
		if s.rest = v.of.Feed; !s.first { // The first is due as soon as somebody asks.
			v.finish(s, nil)
		}
		return
	}
	err := v.of.Sweep(ctx, s)
	measure(v.o.backend, v.what, v.o.now().Sub(s.began), err)
	v.finish(s, err)
}

// open begins a sweep for all keys that are remembered.
func (v *View[T]) open() *Sweep[T] {
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	s := &Sweep[T]{view: v, at: v.o.next(), began: v.o.now(), awaited: v.awaited, first: v.complete.IsZero(), wanted: make([]string, 0, len(v.entries))}
	v.awaited = false
	for key := range v.entries {
		s.wanted = append(s.wanted, key)
	}
	slices.Sort(s.wanted)
	return s
}

// finish notes how a sweep went.
func (v *View[T]) finish(s *Sweep[T], err error) {
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	v.filled()
	now := v.o.now()
	switch {
	case err == nil:
		v.drop(s)
		v.recover()
		v.complete, v.next = s.began, now.Add(v.o.every)
		return
	case throttled(err) > 0: // It is well, and busy. Memory answers for as long as it may.
		v.next = now.Add(throttled(err))
		return
	}
	v.failure = &refusalError{words: err.Error()}
	v.next = now.Add(v.backoff())
}

// drop forgets what a complete sweep did not find, which for a feed that began anew is
// all that was read before and that it did not read again.
func (v *View[T]) drop(s *Sweep[T]) {
	if s.rest {
		return
	}
	for key, e := range v.entries {
		if e.at < s.at {
			v.forget(key)
			e.wake()
		}
	}
}

// recover wakes everybody after a failure: who was told of it need not wait.
func (v *View[T]) recover() {
	if v.failure != nil {
		for _, e := range v.entries {
			e.wake()
		}
	}
	v.failure, v.failures = nil, 0
}

// backoff doubles from a second to the interval, with jitter.
func (v *View[T]) backoff() time.Duration {
	wait := min(time.Second<<min(v.failures, 10), v.o.every)
	v.failures++
	return wait + rand.N(wait/4+1) //nolint:gosec // Jitter need not be secret.
}

func (v *View[T]) expire(before time.Time) {
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	for key, e := range v.entries {
		if e.asked.Before(before) {
			v.forget(key)
		}
	}
	for key, until := range v.settling {
		if !v.o.now().Before(until) {
			delete(v.settling, key)
		}
	}
}

// tell writes the age of what is remembered to the metrics.
func (v *View[T]) tell(now time.Time) {
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	oldest := now
	for _, e := range v.entries {
		if at := v.trueAt(e); at.Before(oldest) {
			oldest = at
		}
	}
	tell(v.o.backend, v.what, len(v.entries), now.Sub(oldest))
}
