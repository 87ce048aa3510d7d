// Package observe answers the observations of resources from memory, so that what a
// backend is asked does not grow with the number of resources.
//
// What is read of a backend for a resource is remembered. From then on sweeps keep it
// true: some requests, few of which name any resource, tell of all that is remembered
// at once. A resource whose object a sweep finds changed is woken; all others are
// answered without a request when they are polled.
//
// The rules, which hold for every client that has an Observer:
//   - Memory answers only those who say that it may (Remembering). They do so to see
//     that all is well; whatever else they see, and before they write, they read anew.
//   - Only what is there is remembered. That something is gone is never an answer: it
//     is forgotten, and whoever asks for it reads the backend.
//   - A write of a resource makes it forget all it ever asked for (Wrote), what is
//     being read or swept at the moment included.
//   - A sweep that fails changes nothing but how long memory may answer. While it fails,
//     resources read for themselves, but only so many a second; all others hear why it
//     failed.
//   - A backend that asks to be left alone is left alone by all (Throttled).
package observe

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/types"
)

const (
	// believedFor is how many intervals memory answers without a complete sweep.
	believedFor = 3
	// forgottenAfter is how many intervals something is remembered that nobody asks for.
	forgottenAfter = 10
	// maxDirect is how many times a second resources may read for themselves what they
	// could be told if sweeps were well.
	maxDirect = 5
	// maxSize bounds what is remembered of one backend, in bytes. What is beyond is read
	// each time. Both backends at once leave room within the bound of package/runtime.
	maxSize = 256 << 20
)

// A Waker has resources of one kind looked at.
type Waker interface {
	Wake(name types.NamespacedName)
}

// An Asker is a resource for which a backend is read.
type Asker struct {
	Waker Waker
	Name  types.NamespacedName
}

type askerKey struct{}

// By says for which resource requests are made.
func By(ctx context.Context, a Asker) context.Context { return context.WithValue(ctx, askerKey{}, a) }

type memoryKey struct{}

// A Memory notes whether anything was answered from memory.
type Memory struct{ used bool }

// Used reports whether anything was answered from memory.
func (m *Memory) Used() bool { return m.used }

// Remembering lets reads be answered from memory.
func Remembering(ctx context.Context) (context.Context, *Memory) {
	m := &Memory{}
	return context.WithValue(ctx, memoryKey{}, m), m
}

// Remembered reports whether anything was answered from memory so far.
func Remembered(ctx context.Context) bool {
	m, may := ctx.Value(memoryKey{}).(*Memory)
	return may && m.used
}

// MayRemember reports whether reads may be answered from memory.
func MayRemember(ctx context.Context) bool { return ctx.Value(memoryKey{}) != nil }

// An Observer remembers what was read of one backend, and sweeps it. It may be used by
// many goroutines. The nil Observer, and one without an interval, remember nothing.
type Observer struct {
	backend string
	every   time.Duration
	now     func() time.Time
	direct  *rate.Limiter

	mu      sync.Mutex
	at      uint64 // Counts reads and writes, which puts them in order.
	wrote   map[Asker]write
	views   []sweepable
	size    int
	pause   time.Time
	paused  error
	sweeps  bool // One is under way.
	maximum int
}

// A write of a resource.
type write struct {
	at   uint64
	time time.Time
}

// sweepable is a View of any type.
type sweepable interface {
	due(now time.Time) bool
	sweep(ctx context.Context)
	expire(before time.Time)
	tell(now time.Time)
}

// Sweeps says how backends are swept. The zero value has nothing remembered.
type Sweeps struct {
	// Every is how often.
	Every time.Duration
	// Now is the clock, by default the machine's.
	Now func() time.Time
}

// New returns an observer of a backend, which it names in metrics.
func New(backend string, s Sweeps) *Observer {
	if s.Now == nil {
		s.Now = time.Now
	}
	return &Observer{
		backend: backend, every: s.Every, now: s.Now, wrote: map[Asker]write{}, maximum: maxSize,
		direct: rate.NewLimiter(maxDirect, maxDirect),
	}
}

func (o *Observer) remembers() bool { return o != nil && o.every > 0 }

// next returns when in the order of reads and writes it is now.
func (o *Observer) next() uint64 {
	o.at++
	return o.at
}

// Wrote has the resource for which a request was made forget all it was told before.
// It is called after every request that may have changed something.
func (o *Observer) Wrote(ctx context.Context) {
	a, known := ctx.Value(askerKey{}).(Asker)
	if !known || !o.remembers() {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wrote[a] = write{o.next(), o.now()}
}

// Sweep brings what is remembered up to date, as far as that is due, and returns at once
// if another sweep is under way. It is to be called often.
func (o *Observer) Sweep(ctx context.Context) {
	if !o.remembers() || !o.begin() {
		return
	}
	defer o.end()
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, purposeKey{}, purposeSweep), max(o.every, time.Minute))
	defer cancel()
	for _, v := range o.views {
		if o.Paused() != nil {
			break
		}
		if v.due(o.now()) {
			v.sweep(ctx)
		}
	}
	o.expire()
	for _, v := range o.views {
		v.tell(o.now())
	}
}

func (o *Observer) begin() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	began := !o.sweeps
	o.sweeps = true
	return began
}

func (o *Observer) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sweeps = false
}

// expire forgets what nobody asks for any more. A write is forgotten when all that was
// read before it is.
func (o *Observer) expire() {
	before := o.now().Add(-forgottenAfter * o.every)
	for _, v := range o.views {
		v.expire(before)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for a, w := range o.wrote {
		if w.time.Before(before) {
			delete(o.wrote, a)
		}
	}
}
