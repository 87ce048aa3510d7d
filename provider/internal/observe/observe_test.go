package observe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// A store is a backend of numbers. It tells all of them, and counts how often it is
// asked for one.
type store struct {
	mu     sync.Mutex
	values map[string]int
	reads  int
	woken  map[string]int
}

func (s *store) Wake(n types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.woken[n.Name]++
}

func (s *store) read(key string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	v, ok := s.values[key]
	if !ok {
		return 0, errors.New("not found")
	}
	return v, nil
}

func (s *store) sweep(_ context.Context, w *Sweep[int]) error {
	s.mu.Lock()
	all := maps.Clone(s.values)
	s.mu.Unlock()
	for k, v := range all {
		w.Found(k, v)
	}
	return nil
}

func (s *store) write(o *Observer, ctx context.Context, key string, value int) {
	s.mu.Lock()
	s.values[key] = value
	s.mu.Unlock()
	o.Wrote(ctx)
}

func (s *store) view(o *Observer) *View[int] {
	return Add(o, "numbers", Kind[int]{Sweep: s.sweep, Same: func(a, b int) bool { return a == b }, Size: func(int) int { return 8 }})
}

func newStore() *store { return &store{values: map[string]int{}, woken: map[string]int{}} }

func (s *store) by(ctx context.Context, name string) context.Context {
	return By(ctx, Asker{Waker: s, Name: types.NamespacedName{Name: name}})
}

// TestOwnWritesAreSeen has many resources write and read while sweeps go on: none may
// ever be told what was before its own write.
func TestOwnWritesAreSeen(t *testing.T) {
	s := newStore()
	o := New("store", Sweeps{Every: time.Nanosecond, Now: time.Now})
	o.every = time.Hour
	v := s.view(o)
	done := make(chan struct{})
	var sweeping sync.WaitGroup
	sweeping.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				v.sweep(t.Context())
			}
		}
	})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			key := fmt.Sprint(i)
			ctx := s.by(t.Context(), key)
			for n := 1; n <= 500; n++ {
				s.write(o, ctx, key, n)
				for range 3 {
					asking, _ := Remembering(ctx)
					got, err := v.Get(asking, key, func() (int, error) { return s.read(key) })
					if err != nil || got != n {
						t.Errorf("\nA read after a write sees it: want %d, got %d, %v", n, got, err)
						return
					}
				}
			}
		})
	}
	all.Wait()
	close(done)
	sweeping.Wait()
}

// TestBounds holds what is remembered to its bound, and forgets what nobody asks for.
func TestBounds(t *testing.T) {
	s, now := newStore(), time.Unix(1e9, 0)
	o := New("store", Sweeps{Every: time.Minute, Now: func() time.Time { return now }})
	o.maximum = 80
	v := s.view(o)
	ask := func() {
		for i := range 20 {
			key := fmt.Sprint(i)
			ctx, _ := Remembering(s.by(t.Context(), key))
			if _, err := v.Get(ctx, key, func() (int, error) { return s.read(key) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 20 {
		s.values[fmt.Sprint(i)] = i
	}
	ask()
	s.reads = 0
	ask()
	if len(v.entries) != 10 || s.reads != 10 {
		t.Errorf("\nWhat is beyond the bound is read each time: %d remembered, %d read", len(v.entries), s.reads)
	}
	now = now.Add(forgottenAfter*time.Minute + time.Second)
	o.Sweep(t.Context())
	if len(v.entries) != 0 || o.size != 0 {
		t.Errorf("\nWhat nobody asks for is forgotten: %d remembered, of %d bytes", len(v.entries), o.size)
	}
}

// TestNothingRemembered observes without sweeps.
func TestNothingRemembered(t *testing.T) {
	s := newStore()
	s.values["a"] = 1
	v := s.view(New("store", Sweeps{}))
	for range 3 {
		ctx, memory := Remembering(s.by(t.Context(), "a"))
		if got, err := v.Get(ctx, "a", func() (int, error) { return s.read("a") }); err != nil || got != 1 || memory.Used() {
			t.Fatalf("\nWithout sweeps all is read: %d, %v", got, err)
		}
	}
	if s.reads != 3 {
		t.Errorf("\nWithout sweeps all is read: %d times of 3", s.reads)
	}
}

// TestLead has a provider take the lead: its memory is empty, and all resources ask.
func TestLead(t *testing.T) {
	s, now := newStore(), time.Unix(1e9, 0)
	const n = 1000
	for i := range n {
		s.values[fmt.Sprint(i)] = i
	}
	o := New("store", Sweeps{Every: time.Minute, Now: func() time.Time { return now }})
	v := s.view(o)
	for i := range n {
		ctx, _ := Remembering(s.by(t.Context(), fmt.Sprint(i)))
		if got, err := v.Get(ctx, fmt.Sprint(i), func() (int, error) { return s.read(fmt.Sprint(i)) }); err != nil || got != i {
			t.Fatalf("\nEach resource is told of its object: %d, %v", got, err)
		}
		o.Sweep(t.Context()) // The first that asks has sweeps begin.
	}
	if s.reads != 1 {
		t.Errorf("\nAll but the first are told by the first sweep: %d of %d read", s.reads, n)
	}
	s.values["later"] = 1
	now = now.Add(time.Minute)
	o.Sweep(t.Context())
	if len(v.entries) != n {
		t.Errorf("\nLater sweeps keep only what somebody asks for: %d of %d", len(v.entries), n)
	}
}

// TestFeedBegins has a resource read and write while a feed reads all there is.
func TestFeedBegins(t *testing.T) {
	cases := map[string]struct {
		reason    string
		before    map[string]bool // Ids that changed before the feed began.
		meanwhile func(write func(int))
		want      int
		reads     int
	}{
		"Nothing": {"Who waits is told what the sweep found.", nil, func(func(int)) {}, 1, 0},
		"Write":   {"Who wrote meanwhile is not told what was before.", nil, func(write func(int)) { write(2) }, 2, 1},
		"Lag":     {"What changed a moment ago is not believed: servers may lag.", map[string]bool{"a": true}, func(func(int)) {}, 1, 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStore()
			s.values["a"] = 1
			ctx := s.by(t.Context(), "a")
			o := New("store", Sweeps{Every: time.Minute, Now: func() time.Time { return time.Unix(1e9, 0) }})
			v := Add(o, "numbers", Kind[int]{
				Feed: true, Same: func(a, b int) bool { return a == b }, Size: func(int) int { return 8 },
				About: func(key string, _ int) []string { return []string{key} },
				Sweep: func(_ context.Context, w *Sweep[int]) error {
					w.Changed(tc.before)
					w.Begin()
					tc.meanwhile(func(value int) { s.write(o, ctx, "a", value) })
					w.Found("a", 1) // What it read before.
					return nil
				},
			})
			var sweep sync.WaitGroup
			sweep.Go(func() { o.Sweep(t.Context()) })
			asking, _ := Remembering(ctx)
			got, err := v.Get(asking, "a", func() (int, error) { return s.read("a") })
			sweep.Wait()
			if err != nil || got != tc.want || s.reads != tc.reads {
				t.Errorf("\n%s\nwant %d after %d reads, got %d after %d: %v", tc.reason, tc.want, tc.reads, got, s.reads, err)
			}
		})
	}
}

// TestFeedBeginsAnew has a feed lose what it told, and an object change before it begins again.
func TestFeedBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		o := New("store", Sweeps{Every: time.Minute})
		v := Add(o, "numbers", Kind[int]{
			Feed: true, Same: func(a, b int) bool { return a == b }, Size: func(int) int { return 8 },
			About: func(key string, _ int) []string { return []string{key} },
			Sweep: func(ctx context.Context, w *Sweep[int]) error {
				w.Begin()
				<-time.After(time.Second) // Whoever asks meanwhile waits.
				return s.sweep(ctx, w)
			},
		})
		for _, value := range []int{1, 2} {
			s.values["a"] = value
			var sweep sync.WaitGroup
			sweep.Go(func() { o.Sweep(t.Context()) })
			synctest.Wait()
			asking, _ := Remembering(s.by(t.Context(), "a"))
			got, err := v.Get(asking, "a", func() (int, error) { return s.read("a") })
			if err != nil || got != value || s.reads != 0 {
				t.Errorf("\nNobody is told what was before the feed began: want %d, got %d after %d reads, %v", value, got, s.reads, err)
			}
			sweep.Wait()
			<-time.After(time.Minute)
		}
	})
}
