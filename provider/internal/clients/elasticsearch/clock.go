package elasticsearch

import (
	"sync"
	"time"
)

// A clock is that of the cluster, as far as its answers tell. Keys have times by it, and a
// clock here that is hours ahead would find each new key expired, and make another.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration // Of the clock here; negative: behind it.
}

// Now returns the time by the clock of the cluster.
func (c *Client) Now() time.Time {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	return time.Now().Add(c.clock.ahead)
}

// shows notes that the clock of the cluster shows a time at this moment.
func (c *Client) shows(at time.Time) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	c.clock.ahead = time.Until(at)
}

// showed notes that the clock of the cluster showed a time before.
func (c *Client) showed(at time.Time) {
	if at.After(c.Now()) {
		c.shows(at)
	}
}
