// Program benchmark measures what a call of the function costs, over gRPC, against two
// servers in the same run: an echo of the SDK, which decodes the request and returns an
// answer that was made before, and an ordinary handwritten function. It prints tables
// for docs/performance.md.
//
// What is sent is what Crossplane sent for the production example, as it was captured
// from the local control plane, in 64 variants, so that no server can answer from
// memory. Every server runs in a process of its own, a new one for each figure, in an
// order that rotates from round to round. CPU is what the kernel counted for its
// threads: ratios within a run hold also on a busy machine, figures do not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"
)

// A plan is what is measured, and how often.
type plan struct {
	function string        // The shipped program.
	rounds   int           // How often each figure is taken; the median counts.
	lasts    time.Duration // How long a server is under load for a figure.
}

func main() {
	p := plan{}
	flag.StringVar(&p.function, "function", "", "the shipped program of the function")
	flag.IntVar(&p.rounds, "rounds", 5, "how often each figure is taken")
	flag.DurationVar(&p.lasts, "lasts", time.Second, "how long a server is under load for a figure")
	serve := flag.String("serve", "", "be a server to compare with, echo or handwritten, at -address")
	address := flag.String("address", "", "where to listen")
	scenario := flag.String("scenario", "steady", "which answer the echo returns")
	flag.Parse()
	if err := run(context.Background(), p, *serve, *address, *scenario); err != nil {
		fmt.Fprintln(os.Stderr, "cannot measure:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, p plan, serve, address, scenario string) error {
	switch serve {
	case "echo":
		return serveEcho(address, scenario)
	case "handwritten":
		return serveHandwritten(address)
	default:
		return p.measure(ctx)
	}
}
