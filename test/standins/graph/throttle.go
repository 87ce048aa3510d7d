package graph

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// throttleWindow is over how long Microsoft Graph counts resource units.
const throttleWindow = 10 * time.Second

// LargeTenant is how many resource units the application may take of a tenant with more
// than 500 users, for Options.ResourceUnits.
const LargeTenant = 8000

// A throttle is a bucket of resource units, which fills as time passes. See "Microsoft
// Graph service-specific throttling limits", identity and access.
type throttle struct {
	left float64
	at   time.Time
}

// cost is how many resource units a request takes.
func cost(r *request) float64 {
	units := 1.0
	if r.method == http.MethodGet && len(r.path) == 3 && r.path[0] == "groups" || len(r.path) == 2 && r.path[1] == "getByIds" {
		units = 3
	}
	if r.query.Has("$select") {
		units--
	}
	if r.query.Has("$expand") {
		units++
	}
	return max(1, units)
}

// throttled takes the units of a request, or refuses it and says when to come again.
func (s *Server) throttled(r *request) error {
	limit := float64(s.options.ResourceUnits)
	if limit == 0 {
		return nil
	}
	now := s.options.Now()
	rate := limit / throttleWindow.Seconds()
	if s.throttle.at.IsZero() {
		s.throttle.left = limit
	} else {
		s.throttle.left = min(limit, s.throttle.left+now.Sub(s.throttle.at).Seconds()*rate)
	}
	s.throttle.at = now
	if units := cost(r); s.throttle.left >= units {
		s.throttle.left -= units
		return nil
	}
	return &fault{http.StatusTooManyRequests, "TooManyRequests", "The request has been throttled."}
}

// retryAfter is for how many seconds a throttled client is to stay away: until a tenth
// of the units are there again.
func (s *Server) retryAfter() string {
	limit := float64(s.options.ResourceUnits)
	return strconv.Itoa(max(1, int(math.Ceil((limit/10-s.throttle.left)/(limit/throttleWindow.Seconds())))))
}
