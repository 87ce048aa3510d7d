// Standins serves the stand-ins for Elasticsearch, Microsoft Graph and Kong's
// Admin API, each at its own address, until it is told to stop. What they do not
// do stands at the top of their packages. The paths below /_standin/ of each
// control the faults it shows and tell the requests it got.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// An options value is the program's command line. A backend without an address
// is not served.
type options struct {
	ElasticsearchAddress string `help:"Address to serve Elasticsearch at, over TLS."   placeholder:"HOST:PORT"`
	GraphAddress         string `help:"Address to serve Microsoft Graph at, over TLS." placeholder:"HOST:PORT"`
	KongAddress          string `help:"Address to serve Kong's Admin API at."          placeholder:"HOST:PORT"`

	TLSCertFile string `help:"Certificate chain of the servers, as PEM." name:"tls-cert-file" type:"path"`
	TLSKeyFile  string `help:"Key of the certificate, as PEM."           name:"tls-key-file"  type:"path"`

	TenantID string `default:"11111111-1111-4111-8111-111111111111" help:"Id of the tenant."`
	ClientID string `default:"22222222-2222-4222-8222-222222222222" help:"Id of the application that may sign in."`

	Throttle bool `help:"Throttle as a node of Elasticsearch with two cores does, and Microsoft Graph a large tenant."`

	// Secret is the application's client secret and the password of
	// Elasticsearch's user. It is no flag, so that it stands in no list of processes.
	Secret string `kong:"-"`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("standins"), kong.Description(
		"Serve the stand-ins for the backends. STANDINS_SECRET holds the client secret and the password of user plumbline."))
	o.Secret = os.Getenv("STANDINS_SECRET")
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	if err := runUntilSignal(log, o); err != nil {
		log.Error("Cannot serve the stand-ins", "error", err.Error())
		os.Exit(1)
	}
}

func runUntilSignal(log *slog.Logger, o options) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return run(ctx, log, o)
}
