package observe

import (
	"context"
	"sync"
	"time"
)

// patience is how long those who ask wait for a feed that begins: it reads many objects in
// one request, and they would each read their own.
const patience = 10 * time.Second

// fill has those wait who ask for what is not remembered, until a feed has begun.
func (v *View[T]) fill() {
	filling := make(chan struct{})
	v.filling, v.filled = filling, sync.OnceFunc(func() { close(filling) })
	if !v.of.Feed {
		v.filled()
		return
	}
	time.AfterFunc(patience, v.filled)
}

// wait waits for a feed that begins, and reports whether there was one to wait for.
func (v *View[T]) wait(ctx context.Context) bool {
	v.o.mu.Lock()
	filling := v.filling
	v.o.mu.Unlock()
	select {
	case <-filling:
		return false
	default:
	}
	select {
	case <-filling:
	case <-ctx.Done():
	}
	return true
}
