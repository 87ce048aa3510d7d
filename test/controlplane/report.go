package controlplane

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// A Reporter shows people how far the control plane has come, with the time that
// each stage took. The zero Reporter is silent.
type Reporter struct {
	out   io.Writer
	start time.Time
}

// heartbeat is how often a long stage shows that it still moves.
const heartbeat = 10 * time.Second

// NewReporter returns a Reporter that writes a line for each stage.
func NewReporter(out io.Writer) Reporter { return Reporter{out: out, start: time.Now()} }

// Begin reports that a stage began, and returns the function to call at its end.
func (r Reporter) Begin(stage string) func(error) {
	if r.out == nil {
		return func(error) {}
	}
	began := time.Now()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(heartbeat)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				r.line("…", stage, began)
			case <-stop:
				return
			}
		}
	})
	return func(err error) {
		close(stop)
		wg.Wait()
		if err != nil {
			r.line("✗", stage, began)
			return
		}
		r.line("✓", stage, began)
	}
}

// line is one line: time since the start, mark, stage, time in the stage.
func (r Reporter) line(mark, stage string, began time.Time) {
	_, _ = fmt.Fprintf(r.out, "%7.1fs  %s %-44s %6.1fs\n", time.Since(r.start).Seconds(), mark, stage, time.Since(began).Seconds())
}
