package observe

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// What is measured. Labels are few: a backend has at most nine kinds of objects.
var (
	age = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "plumbline_sweep_age_seconds",
		Help: "Age of the oldest answer that resources may get from memory, by backend and kind of object.",
	}, []string{"backend", "objects"})
	remembered = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "plumbline_sweep_objects",
		Help: "Objects that are remembered and swept, by backend and kind of object.",
	}, []string{"backend", "objects"})
	duration = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "plumbline_sweep_duration_seconds",
		Help:    "Time that a sweep took, by backend, kind of object and outcome: Complete, Throttled or Failed.",
		Buckets: []float64{0.05, 0.2, 1, 5, 20, 60},
	}, []string{"backend", "objects", "outcome"})
	requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "plumbline_backend_requests_total",
		Help: "Requests to a backend, by purpose: Sweep for all resources at once, Resource for one.",
	}, []string{"backend", "purpose"})
)

// Collectors returns the metrics, for a registry.
func Collectors() []prometheus.Collector {
	return []prometheus.Collector{age, remembered, duration, requests}
}

func tell(backend, what string, objects int, oldest time.Duration) {
	remembered.WithLabelValues(backend, what).Set(float64(objects))
	age.WithLabelValues(backend, what).Set(oldest.Seconds())
}

func measure(backend, what string, took time.Duration, err error) {
	outcome := "Complete"
	switch {
	case throttled(err) > 0:
		outcome = "Throttled"
	case err != nil:
		outcome = "Failed"
	}
	duration.WithLabelValues(backend, what, outcome).Observe(took.Seconds())
}

type purposeKey struct{}

// Purposes of requests.
const (
	purposeSweep    = "Sweep"
	purposeResource = "Resource"
)

// Counting returns a transport that counts its requests.
func (o *Observer) Counting(next http.RoundTripper) http.RoundTripper {
	return &counting{next, o.backend}
}

type counting struct {
	next    http.RoundTripper
	backend string
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	requests.WithLabelValues(c.backend, purposeOf(r.Context())).Inc()
	return c.next.RoundTrip(r)
}

func purposeOf(ctx context.Context) string {
	if p, ok := ctx.Value(purposeKey{}).(string); ok {
		return p
	}
	return purposeResource
}
