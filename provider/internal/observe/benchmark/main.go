// Program benchmark counts what observing costs: one read per resource and poll, as
// other providers do it, against sweeps, in the same run and against the same
// stand-ins. It prints a table for docs/provider.md.
//
// Backends are in a process of their own, so that CPU and memory are those of the
// observer alone. Graph throttles as the real one does with a tenant that is large.
// Observing is what the clients do for a poll: requests, decoding, and what is
// remembered. Comparing and writing are not in it, as they cost the same either way.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		serve()
		return
	}
	if err := run(context.Background(), []int{100, 1000, 10000}); err != nil {
		fmt.Fprintln(os.Stderr, "cannot measure:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, sizes []int) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "backend\tresources\trequests a poll, one by one\tswept\tratio\trefused, one by one\tswept\tCPU a poll, one by one\tswept\tratio\tread by a new leader\tremembered\tprocess")
	var failed error
	for _, n := range sizes {
		for _, b := range []string{"Elasticsearch", "Graph"} {
			row, err := measure(ctx, b, n)
			if err != nil {
				failed = errors.Join(failed, fmt.Errorf("%s with %d resources: %w", b, n, err))
				continue
			}
			_, _ = fmt.Fprintln(table, row)
			if err := table.Flush(); err != nil {
				return err
			}
		}
	}
	return failed
}

// A cost is what polls took.
type cost struct {
	requests, refused int
	cpu               time.Duration
	heap, process     uint64
	lead              int // Requests of a leader that is new.
}

// row tells two costs beside each other.
func row(backend string, n int, single, swept cost) string {
	return fmt.Sprintf("%s\t%d\t%d\t%d\t%.0f\t%d\t%d\t%v\t%v\t%.1f\t%d\t%.1f MiB\t%.0f MiB", backend, n, single.requests, swept.requests,
		float64(single.requests)/float64(max(1, swept.requests)), single.refused, swept.refused,
		single.cpu.Round(time.Millisecond), swept.cpu.Round(time.Millisecond), float64(single.cpu)/float64(max(1, swept.cpu)),
		swept.lead, float64(swept.heap)/(1<<20), float64(swept.process)/(1<<20))
}
