package connect

import (
	"crypto/sha256"
	"encoding/json"
	"sync"
	"time"
)

// freshFor is how long a connection is used before its Secrets are read again.
// It bounds both the reads that a thousand resources cause and the time until a
// changed Secret is noticed.
const freshFor = 2 * time.Second

// A key names a configuration.
type key struct{ kind, namespace, name string }

// opened keeps one connection for each configuration. A connection is replaced
// when its configuration or a Secret changes; until then tokens and TCP
// connections are shared.
type opened[T any] struct {
	now func() time.Time

	mu  sync.Mutex
	all map[key]*entry[T]
}

type entry[T any] struct {
	mu    sync.Mutex // Held while opening, so that it happens once.
	valid bool
	conn  T
	spec  string
	sum   [sha256.Size]byte
	until time.Time
}

func newOpened[T any](now func() time.Time) *opened[T] {
	return &opened[T]{now: now, all: map[key]*entry[T]{}}
}

// get returns the connection of a configuration. It calls open if there is none,
// if spec differs, or to look at the Secrets again from time to time.
func (o *opened[T]) get(k key, spec any, open func(*fingerprint) (T, error)) (T, error) {
	e := o.entry(k)
	e.mu.Lock()
	defer e.mu.Unlock()

	b, err := json.Marshal(spec)
	if err != nil {
		return *new(T), err
	}
	same := e.valid && e.spec == string(b)
	if same && o.now().Before(e.until) {
		return e.conn, nil
	}
	secrets := &fingerprint{}
	conn, err := open(secrets)
	if err != nil {
		return *new(T), err
	}
	if sum := secrets.sum(); !same || sum != e.sum {
		e.conn, e.spec, e.sum, e.valid = conn, string(b), sum, true
	}
	e.until = o.now().Add(freshFor)
	return e.conn, nil
}

// last returns the connection last opened, however old.
func (o *opened[T]) last(k key) (T, bool) {
	e := o.entry(k)
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.conn, e.valid
}

// valid returns all connections that are open. One that is being opened is left out.
func (o *opened[T]) valid() []T {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []T
	for _, e := range o.all {
		if !e.mu.TryLock() {
			continue
		}
		if e.valid {
			all = append(all, e.conn)
		}
		e.mu.Unlock()
	}
	return all
}

func (o *opened[T]) entry(k key) *entry[T] {
	o.mu.Lock()
	defer o.mu.Unlock()
	e, ok := o.all[k]
	if !ok {
		e = &entry[T]{}
		o.all[k] = e
	}
	return e
}

// A fingerprint of secrets, which tells whether one changed without keeping any.
type fingerprint struct{ sums []byte }

func (f *fingerprint) add(secret []byte) {
	sum := sha256.Sum256(secret)
	f.sums = append(f.sums, sum[:]...)
}

func (f *fingerprint) sum() [sha256.Size]byte { return sha256.Sum256(f.sums) }
