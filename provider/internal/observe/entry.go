package observe

import (
	"slices"
	"time"
)

// An entry is what is remembered of one object.
type entry[T any] struct {
	value  T
	at     uint64 // When reading it began, in the order of reads and writes.
	read   time.Time
	asked  time.Time
	askers []Asker
}

func (v *View[T]) put(e *entry[T], value T, at uint64, read time.Time) {
	if e.at > 0 {
		v.o.size -= v.of.Size(e.value)
	}
	v.o.size += v.of.Size(value)
	e.value, e.at, e.read = value, at, read
}

// expect remembers what nobody asked for yet.
func (v *View[T]) expect(key string, value T, s *Sweep[T]) {
	if v.o.size+v.of.Size(value) > v.o.maximum {
		return
	}
	e := &entry[T]{asked: s.began}
	v.entries[key] = e
	v.put(e, value, s.at, s.began)
}

func (v *View[T]) forget(key string) {
	if e, ok := v.entries[key]; ok {
		v.o.size -= v.of.Size(e.value)
		delete(v.entries, key)
	}
}

func (e *entry[T]) ask(a Asker, now time.Time) {
	e.asked = now
	if !slices.Contains(e.askers, a) {
		e.askers = append(e.askers, a)
	}
}

func (e *entry[T]) wake() {
	for _, a := range e.askers {
		a.Waker.Wake(a.Name)
	}
}
