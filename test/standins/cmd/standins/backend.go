package main

import (
	"errors"
	"net/http"

	"github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
	"github.com/plumbline-dev/plumbline/test/standins/graph"
	"github.com/plumbline-dev/plumbline/test/standins/kong"
)

// username is the one that Elasticsearch knows.
const username = "plumbline"

// A backend is a stand-in and where it is served.
type backend struct {
	name    string
	address string
	tls     bool
	handler http.Handler
}

// backends returns those that have an address, or all that is wrong with the
// options.
func backends(o options) ([]backend, error) {
	clock := &faults.Clock{} // One for all, as it is the provider's that is wrong.
	var pool elasticsearch.Pool
	var units int
	if o.Throttle {
		pool, units = elasticsearch.TwoCores(), graph.LargeTenant
	}
	all := []backend{
		{"elasticsearch", o.ElasticsearchAddress, true, elasticsearch.New(elasticsearch.Options{
			Username: username, Password: o.Secret, Now: clock.Now, Pool: pool,
		})},
		{"graph", o.GraphAddress, true, graph.New(graph.Options{
			TenantID: o.TenantID, ClientID: o.ClientID, ClientSecret: o.Secret, Now: clock.Now, ResourceUnits: units,
		})},
		{"kong", o.KongAddress, false, kong.New()},
	}
	var served []backend
	secure := false
	for _, b := range all {
		if b.address == "" {
			continue
		}
		b.handler = faults.New(b.handler).WithClock(clock)
		served = append(served, b)
		secure = secure || b.tls
	}
	return served, check(o, len(served), secure)
}

func check(o options, served int, secure bool) error {
	var errs []error
	if served == 0 {
		errs = append(errs, errors.New("nothing to serve: set --elasticsearch-address, --graph-address or --kong-address"))
	}
	if secure && (o.TLSCertFile == "" || o.TLSKeyFile == "") {
		errs = append(errs, errors.New("no certificate: set --tls-cert-file and --tls-key-file"))
	}
	if secure && o.Secret == "" {
		errs = append(errs, errors.New("no secret: set the environment variable STANDINS_SECRET"))
	}
	return errors.Join(errs...)
}
