package faults

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// A Clock is that of a stand-in, which a test can set wrong. The zero value is right.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Set has the clock run ahead of the right time, or behind it if ahead is negative.
func (c *Clock) Set(ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = ahead
}

// WithClock has the answers carry the time of a clock, by which the stand-in goes too,
// and lets it be set by requests.
func (h *Handler) WithClock(c *Clock) *Handler {
	h.clock = c
	return h
}

// dated tells the time of the clock, as servers and what stands before them do.
func (h *Handler) dated(w http.ResponseWriter) {
	if h.clock != nil {
		w.Header().Set("Date", h.clock.Now().UTC().Format(http.TimeFormat))
	}
}

func (h *Handler) putClock(w http.ResponseWriter, r *http.Request) {
	var ahead string
	err := json.NewDecoder(r.Body).Decode(&ahead)
	d := time.Duration(0)
	if err == nil {
		d, err = time.ParseDuration(ahead)
	}
	if err != nil {
		http.Error(w, `cannot set the clock: the body is no length of time, such as "2h" or "-90s"`, http.StatusBadRequest)
		return
	}
	h.clock.Set(d)
	w.WriteHeader(http.StatusNoContent)
}
