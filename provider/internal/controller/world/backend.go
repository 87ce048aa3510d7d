package world

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

// A Backend is a stand-in behind TLS that counts what it is asked, and can have
// the provider die at any request.
type Backend struct {
	*httptest.Server

	next http.Handler

	mu     sync.Mutex
	calls  int
	writes []string
	kill   Death
	dead   bool
	died   func() // Ends what the provider is doing.
}

// A Death says when the provider dies. The zero value is never.
type Death struct {
	// At is the number of the request, from 1.
	At int
	// After lets the backend do what it is asked first.
	After bool
}

// Serve starts a backend that ends with the test.
func Serve(t testing.TB, next http.Handler) *Backend {
	t.Helper()
	b := &Backend{next: next, died: func() {}}
	b.Server = httptest.NewTLSServer(b)
	t.Cleanup(b.Close)
	return b
}

// CA returns the certificate to trust.
func (b *Backend) CA() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.Certificate().Raw})
}

// ServeHTTP answers, counts, and dies.
func (b *Backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/token") { // Signing in is part of no resource's life.
		b.next.ServeHTTP(w, r)
		return
	}
	dies, served := b.note(r)
	if served {
		if dies {
			w = httptest.NewRecorder()
		}
		b.next.ServeHTTP(w, r)
	}
	if dies {
		b.ended()()
		panic(http.ErrAbortHandler)
	}
}

// note counts a request and says what happens to it.
func (b *Backend) note(r *http.Request) (dies, served bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return true, false
	}
	b.calls++
	b.dead = b.calls == b.kill.At
	served = !b.dead || b.kill.After
	if served && faults.Mutates(r) {
		b.writes = append(b.writes, r.Method+" "+r.URL.Path)
	}
	return b.dead, served
}

// Forget counts from 0 again, and has the provider die at a request from there.
func (b *Backend) Forget(next Death) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls, b.writes, b.kill, b.dead = 0, nil, next, false
}

// Calls returns how many requests there were.
func (b *Backend) Calls() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls
}

// Writes returns the requests that changed something, or tried.
func (b *Backend) Writes() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string{}, b.writes...)
}

// visited has a death end a visit of the provider.
func (b *Backend) visited(end func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.died = end
}

func (b *Backend) ended() func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.died
}

func (b *Backend) isDead() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dead
}

// revive has requests answered again.
func (b *Backend) revive() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dead, b.kill = false, Death{}
}
