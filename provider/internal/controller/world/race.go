package world

import (
	"net/http"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
)

// together is how long a request waits for the one that it is to meet. One that comes
// alone, because the other side saw that it lost, goes on after that.
const together = time.Second

// Meet returns a backend at which requests that match arrive two at a time: whoever sent
// them looked before the other had written.
func Meet(next http.Handler, match func(*http.Request) bool) http.Handler {
	var mu sync.Mutex
	var waiting chan struct{}
	arrive := func() (other chan struct{}) {
		mu.Lock()
		defer mu.Unlock()
		if waiting != nil {
			close(waiting)
			waiting = nil
			return nil
		}
		waiting = make(chan struct{})
		return waiting
	}
	leave := func(own chan struct{}) {
		mu.Lock()
		defer mu.Unlock()
		if waiting == own {
			waiting = nil
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if match(r) {
			if other := arrive(); other != nil {
				select {
				case <-other:
				case <-time.After(together):
					leave(other)
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}

// Race has two control planes make a resource each at the same time, and settle.
func Race[T kind.Managed](a, b *World[T], first, second T) {
	var both sync.WaitGroup
	both.Go(func() { a.Make(first) })
	both.Go(func() { b.Make(second) })
	both.Wait()
	a.Settle(first)
	b.Settle(second)
}
