package scale

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// A line is one line of the table: what it tells of each burden, and the number that
// ratios are of.
type line struct {
	what   string
	tell   func(Burden) string
	number func(Burden) float64
}

func burdenLines() []line {
	backend := func(of func(Burden) Counts, name string) func(Burden) float64 {
		return func(b Burden) float64 { return float64(of(b).Requests[name]) }
	}
	resting := func(b Burden) Counts { return b.Resting }
	read := func(b Burden) Counts { return b.Read }
	perMinute := func(of func(Burden) float64) func(Burden) float64 {
		return func(b Burden) float64 { return b.perMinute(of(b)) }
	}
	return []line{
		counted("environments", func(b Burden) float64 { return float64(b.Environments) }),
		spent("all Ready after", func(b Burden) time.Duration { return b.Took }),
		counted("writes to the API a resource until then", Burden.writes),
		held("memory before there is any", func(b Burden) int { return b.Idle.Resident }),
		held("… once all are Ready", func(b Burden) int { return b.Made.Resident }),
		held("… at rest", func(b Burden) int { return b.Rest.Resident }),
		held("… at its peak", func(b Burden) int { return b.Rest.Peak }),
		held("heap in use at rest", func(b Burden) int { return b.Heap >> 10 }),
		spent("CPU a minute at rest", func(b Burden) time.Duration { return time.Duration(b.perMinute(float64(sum(b.Resting.CPU)))) }),
		counted("writes to the API at rest", func(b Burden) float64 { return float64(b.Resting.writes()) }),
		counted("requests a minute at rest to Elasticsearch", perMinute(backend(resting, "Elasticsearch"))),
		counted("… to Graph", perMinute(backend(resting, "Graph"))),
		counted("… of them for one resource alone", perMinute(func(b Burden) float64 { return float64(b.Single) })),
		spent("one more is Ready after", func(b Burden) time.Duration { return b.Next }),
		spent("after a kill, another leads after", func(b Burden) time.Duration { return b.Waited }),
		spent("… and has looked at all after", func(b Burden) time.Duration { return b.Looked }),
		counted("requests until then to Elasticsearch", backend(read, "Elasticsearch")),
		counted("… to Graph", backend(read, "Graph")),
		spent("CPU until then", func(b Burden) time.Duration { return sum(b.Read.CPU) }),
		held("its memory at its peak", func(b Burden) int { return b.Leader.Peak }),
	}
}

// spent, counted and held tell times, numbers and kilobytes.
func spent(what string, of func(Burden) time.Duration) line {
	return line{what, func(b Burden) string { return took(of(b)) }, func(b Burden) float64 { return of(b).Seconds() }}
}

func counted(what string, of func(Burden) float64) line {
	return line{what, func(b Burden) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", of(b)), ".0") }, of}
}

func held(what string, of func(Burden) int) line {
	return line{what, func(b Burden) string { return megabytes(of(b)) }, func(b Burden) float64 { return float64(of(b)) }}
}

// printBurdens prints burdens side by side, and the last as a multiple of the first.
func printBurdens(out io.Writer, all []Burden) error {
	t := &table{out: out}
	t.line(fmt.Sprintf("\nThe provider on %d CPUs", runtime.NumCPU()))
	head := []string{"resources"}
	for _, b := range all {
		head = append(head, fmt.Sprint(b.Resources))
	}
	t.head(append(head, "last / first")...)
	for _, l := range burdenLines() {
		cells := []string{l.what}
		for _, b := range all {
			cells = append(cells, l.tell(b))
		}
		times := ""
		if len(all) > 1 {
			times = ratio(l.number(all[len(all)-1]), l.number(all[0]))
		}
		t.row(append(cells, times)...)
	}
	cells := []string{"load of the machine before and after"}
	for _, b := range all {
		cells = append(cells, strings.Join(b.Load, " → "))
	}
	t.row(append(cells, "")...)
	return t.err
}
