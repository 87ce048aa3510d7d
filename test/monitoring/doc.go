// Package monitoring reads the alerts and the dashboard of package/monitoring with
// Prometheus' own parser, and fires each alert in Prometheus' own engine.
//
// It is a module of its own, because nothing else needs Prometheus.
package monitoring
