package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// concurrent calls while CPU is measured, and most while memory is.
const (
	concurrent = 4
	most       = 16
	starts     = 5
)

// A cell is one figure: a server under a load.
type cell struct {
	server, load string
	payloads     [][]byte
	concurrent   int
}

// A figure is what a call took in each round.
type figure struct {
	cpu  []float64 // Milliseconds.
	peak []float64 // MiB.
}

func (p plan) measure(ctx context.Context) error {
	cells, err := cells()
	if err != nil {
		return err
	}
	figures := map[[2]string]*figure{}
	for round := range p.rounds {
		for i := range cells {
			c := cells[(i+round*3)%len(cells)]
			f := figures[[2]string{c.load, c.server}]
			if f == nil {
				f = &figure{}
				figures[[2]string{c.load, c.server}] = f
			}
			if err := p.take(ctx, c, f); err != nil {
				return fmt.Errorf("%s under %s: %w", c.server, c.load, err)
			}
			fmt.Fprintf(os.Stderr, "round %d of %d, %s, %s: %.3f ms, %.0f MiB\n", round+1, p.rounds, c.load, c.server, f.cpu[round], f.peak[round])
		}
	}
	began, err := p.starts(ctx)
	if err != nil {
		return err
	}
	return tell(figures, began)
}

// cells are all figures. Growth is the function's own.
func cells() ([]cell, error) {
	var out []cell
	for _, scenario := range scenarios() {
		sent, err := payloads(scenario)
		if err != nil {
			return nil, err
		}
		for _, server := range servers() {
			out = append(out, cell{server: server, load: scenario, payloads: sent, concurrent: concurrent})
		}
		if scenario == "steady" {
			for _, server := range servers() {
				out = append(out, cell{server: server, load: "steady, 16 at once", payloads: sent, concurrent: most})
			}
		}
	}
	for _, g := range growths() {
		for _, c := range []named{g.less, g.more} {
			sent, err := grown(c.claim)
			if err != nil {
				return nil, err
			}
			out = append(out, cell{server: "function", load: c.name, payloads: sent, concurrent: concurrent})
		}
	}
	return out, nil
}

func scenarios() []string { return []string{"first", "create", "steady"} }
func servers() []string   { return []string{"function", "echo", "handwritten"} }

type named struct {
	name  string
	claim claim
}

type growth struct{ less, more named }

func growths() []growth {
	return []growth{
		{named{"18 resources", claim{resources: 18}}, named{"36 resources", claim{resources: 36}}},
		{named{"250 members", claim{members: 250}}, named{"500 members", claim{members: 500}}},
		{named{"50 routes", claim{routes: 50}}, named{"100 routes", claim{routes: 100}}},
	}
}

func (p plan) start(ctx context.Context, c cell) (*server, error) {
	if c.server == "function" {
		return start(ctx, p.function, "--insecure", "--metrics-address=", "--address")
	}
	scenario := c.load
	if !slices.Contains(scenarios(), scenario) {
		scenario = "steady"
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(ctx, self, "-serve", c.server, "-scenario", scenario, "-address")
}

// take adds a round to a figure.
func (p plan) take(ctx context.Context, c cell, f *figure) (err error) {
	s, err := p.start(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if _, err := s.load(ctx, c.payloads, c.concurrent, p.lasts/3); err != nil { // Warm.
		return err
	}
	before, err := s.cpu()
	if err != nil {
		return err
	}
	calls, err := s.load(ctx, c.payloads, c.concurrent, p.lasts)
	if err != nil {
		return err
	}
	after, err := s.cpu()
	if err != nil {
		return err
	}
	peak, err := s.peak()
	f.cpu = append(f.cpu, float64(after-before)/float64(time.Millisecond)/float64(calls))
	f.peak = append(f.peak, peak)
	return err
}

// starts returns how long the function takes until it listens, at best: all else is the
// machine's.
func (p plan) starts(ctx context.Context) (time.Duration, error) {
	best := time.Hour
	for range starts {
		s, err := p.start(ctx, cell{server: "function"})
		if err != nil {
			return 0, err
		}
		best = min(best, s.started)
		if err := s.stop(); err != nil {
			return 0, err
		}
	}
	return best, nil
}

func tell(figures map[[2]string]*figure, began time.Duration) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	line("| call\t| server\t| CPU ms (least–most)\t| × echo\t| × handwritten\t| peak MiB\t|")
	line("| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for _, load := range append(scenarios(), "steady, 16 at once") {
		for _, server := range servers() {
			f := figures[[2]string{load, server}]
			echo, hand := figures[[2]string{load, "echo"}], figures[[2]string{load, "handwritten"}]
			line("| %s\t| %s\t| %.2f (%.2f–%.2f)\t| %.2f\t| %.2f\t| %.0f\t|", load, server,
				median(f.cpu), slices.Min(f.cpu), slices.Max(f.cpu), ratio(f, echo), ratio(f, hand), median(f.peak))
		}
	}
	line("")
	line("| growth\t| CPU ms\t| twice as much\t| CPU ms\t| ratio\t|")
	line("| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for _, g := range growths() {
		less, more := figures[[2]string{g.less.name, "function"}], figures[[2]string{g.more.name, "function"}]
		line("| %s\t| %.2f\t| %s\t| %.2f\t| %.2f\t|", g.less.name, median(less.cpu), g.more.name, median(more.cpu), ratio(more, less))
	}
	line("")
	line("The function listens %d ms after its start.", began.Milliseconds())
	return w.Flush()
}

// ratio is the median of the rounds' own: the machine differs from round to round more
// than within one.
func ratio(a, b *figure) float64 {
	var ratios []float64
	for i := range a.cpu {
		ratios = append(ratios, a.cpu[i]/b.cpu[i])
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
