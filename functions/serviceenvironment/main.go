// Program serviceenvironment is the composition function that Crossplane calls for
// each ServiceEnvironment.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/alecthomas/kong"
	"github.com/crossplane/function-sdk-go"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/health"

	"github.com/plumbline-dev/plumbline/functions/expand"
)

// flags are those of Crossplane's own functions, and their names and environment
// variables.
type flags struct {
	Debug bool `help:"Log what is served, not only what goes wrong." short:"d"`

	Network            string `default:"tcp" help:"Network on which to listen for gRPC connections."`
	Address            string `default:":9443" help:"Address at which to listen for gRPC connections."`
	TLSCertsDir        string `env:"TLS_SERVER_CERTS_DIR" help:"Folder with the server's certificate and key (tls.crt, tls.key), and the CA of the clients (ca.crt)."`
	Insecure           bool   `help:"Serve without mTLS. For a rehearsal only: Crossplane always uses mTLS, and this ignores --tls-certs-dir."`
	MaxRecvMessageSize int    `default:"16" help:"Largest request in MiB. One that looks up the kinds of a Blueprint's extras carries their definitions, some of which are of a MiB."`
	MetricsAddress     string `default:":8080" env:"METRICS_ADDRESS" help:"Address that serves Prometheus metrics at /metrics. Empty: none is served."`
}

func main() {
	f := flags{}
	ctx := kong.Parse(&f, kong.Name("function-service-environment"),
		kong.Description("Composes the resources of a ServiceEnvironment. Crossplane calls it over gRPC with mTLS."))
	ctx.FatalIfErrorf(run(f))
}

func run(f flags) error {
	log, err := function.NewLogger(f.Debug)
	if err != nil {
		return fmt.Errorf("cannot start logging: %w", err)
	}
	encoding.RegisterCodecV2(expand.Codec())
	tuneCollector()
	log.Debug("Serving", "address", f.Address, "metrics", f.MetricsAddress)
	return function.Serve(expand.NewFunction(time.Now),
		function.Listen(f.Network, f.Address),
		function.MTLSCertificates(f.TLSCertsDir),
		function.Insecure(f.Insecure),
		function.MaxRecvMessageSize(f.MaxRecvMessageSize<<20),
		function.WithHealthServer(health.NewServer()),
		function.WithMetricsServer(f.MetricsAddress),
	)
}

// tuneCollector lets the heap grow to two and a half times of what lives before it is
// collected, where Go would say twice: almost nothing lives from one call to the next, so
// it is collected less often for a few MiB. From the soft limit on, the collector works
// harder instead of letting a burst of large requests grow the heap. Go's own variables
// go first.
func tuneCollector() {
	const percent, soft = 150, 192 << 20
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(soft)
	}
}
