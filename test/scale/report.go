package scale

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A table is printed as Markdown, so that docs can hold it.
type table struct {
	out io.Writer
	err error
}

func (t *table) head(cells ...string) {
	t.line("")
	t.row(cells...)
	t.row(slices.Repeat([]string{"---"}, len(cells))...)
}

func (t *table) row(cells ...string) { t.line("| " + strings.Join(cells, " | ") + " |") }

func (t *table) line(text string) {
	if t.err == nil {
		_, t.err = fmt.Fprintln(t.out, text)
	}
}

// Print prints what is known so far.
func (r *Results) Print(out io.Writer) error {
	t := &table{out: out}
	t.line(fmt.Sprintf("\n%d claims, %d CPUs, began %s", r.Claims, runtime.NumCPU(), r.Began.Format(time.DateTime)))
	r.printTargets(t)
	r.printWaves(t)
	r.printWrites(t)
	r.printPrograms(t)
	r.printSimulations(t)
	r.printTrouble(t)
	return t.err
}

// printTargets prints what there are targets for.
func (r *Results) printTargets(t *table) {
	t.head("what", "bare engine", "measured", "ratio", "must", "aim")
	ours := r.Crowd
	floor := r.Floor.first(len(ours.Waves)) // Those that were not waited for are not compared.
	if n := ours.claims(); n > 0 {
		t.row(fmt.Sprintf("%d claims Ready", n), took(floor.took()), took(ours.took()), ratio(ours.took().Seconds(), floor.took().Seconds()), "≤ 2", "≤ 1.2")
		t.row("commit → Ready in a wave, p50 / p95 / slowest", quantiles(floor.ready()), quantiles(ours.ready()), "", "", "")
		c := ours.counts()
		t.row("circuit breakers opened", "", fmt.Sprint(c.Breakers+r.laterBreakers()), "", "0", "")
		first, last := ours.Waves[0], ours.Waves[len(ours.Waves)-1]
		t.row("cost of a claim in the last wave, to the first: writes / CPU", "", ratio(first.perClaim(first.Counts.writes()), 1)+" → "+ratio(last.perClaim(last.Counts.writes()), 1),
			ratio(last.perClaim(last.Counts.writes()), first.perClaim(first.Counts.writes()))+" / "+
				ratio(sum(last.Counts.CPU).Seconds()/float64(last.Claims), sum(first.Counts.CPU).Seconds()/float64(first.Claims)), "≤ 1.2", "")
	}
	for _, s := range shares() {
		if waves := r.Singles[s.example]; len(waves) > 0 {
			t.row("one claim like "+s.example+", commit → Ready, p50 / p95 / slowest", "", quantiles(Crowd{Waves: waves}.ready()), "", "≤ 3 s", "≤ 1.5 s")
		}
	}
	for _, what := range slices.Sorted(maps.Keys(byWhat(r.Heals))) {
		t.row(what+" changed by hand, restored, p50 / p95 / slowest", "", quantiles(byWhat(r.Heals)[what]), "", "≤ 2 s, a backend one poll", "")
	}
	if c := r.Change; c != nil {
		t.row(fmt.Sprintf("a Blueprint that touches %d, half / all", c.Claims), "", took(c.Half)+" / "+took(c.Took), "", "finishes", "")
		t.row("… requests to backends an environment, and a second at most", "", ratio(float64(sum(c.Counts.Requests)), float64(c.Claims))+", "+ratio(c.Busiest, 1), "", "", "")
	}
	r.printSteady(t)
}

func (r *Results) printSteady(t *table) {
	s := r.Steady
	if s == nil {
		return
	}
	objects, hours := float64(sum(s.Objects)), s.Took.Hours()
	t.row(fmt.Sprintf("nothing happens for %v: writes an object and hour", s.Took.Round(time.Second)), "", ratio(float64(s.Counts.writes())/objects, hours), "", "≤ 6", "≤ 1")
	t.row("… writes that changed something, in all", "", fmt.Sprint(s.Counts.Stored), "", "", "")
	t.row(fmt.Sprintf("… of %.0f objects, those with a new resourceVersion", objects), "", fmt.Sprint(sum(s.Changed)), "", "0", "")
	for _, backend := range slices.Sorted(maps.Keys(s.Counts.Requests)) {
		t.row("… requests a minute to "+backend, "", ratio(float64(s.Counts.Requests[backend]), s.Took.Minutes()), "", "", "")
	}
}

// laterBreakers are those that opened after all claims were Ready.
func (r *Results) laterBreakers() int {
	n := 0
	for _, waves := range r.Singles {
		n += Crowd{Waves: waves}.counts().Breakers
	}
	if r.Change != nil {
		n += r.Change.Counts.Breakers
	}
	if r.Steady != nil {
		n += r.Steady.Counts.Breakers
	}
	return n
}

// printWaves prints what a claim cost in each wave, and by example.
func (r *Results) printWaves(t *table) {
	t.head("wave", "claims", "Ready", "took", "p50 / p95 / slowest", "writes a claim", "stored", "passes", "calls", "breakers", "CPU a claim")
	row := func(name string, w Wave) {
		t.row(name, fmt.Sprint(w.Claims), fmt.Sprint(len(w.Ready)), took(w.Took), quantiles(w.Ready), ratio(w.perClaim(w.Counts.writes()), 1), ratio(w.perClaim(w.Counts.Stored), 1),
			ratio(w.perClaim(w.Counts.Passes), 1), ratio(w.perClaim(w.Counts.Calls), 1), fmt.Sprint(w.Counts.Breakers), took(sum(w.Counts.CPU)/time.Duration(w.Claims)))
	}
	for i, w := range r.Floor.Waves {
		row(fmt.Sprintf("bare engine %d", i+1), w)
	}
	for i, w := range r.Crowd.Waves {
		row(fmt.Sprint(i+1), w)
	}
	for _, s := range shares() {
		for _, w := range r.Singles[s.example] {
			row("one "+s.example, w)
		}
	}
}

// printWrites prints who wrote what.
func (r *Results) printWrites(t *table) {
	n := r.Crowd.claims()
	if n == 0 {
		return
	}
	t.head("writes a claim", "by", "what, a claim")
	all := r.Crowd.counts()
	steady := Counts{}
	if r.Steady != nil {
		steady = r.Steady.Counts
	}
	printWriters(t, all, float64(n))
	if r.Steady != nil {
		t.head("writes in "+r.Steady.Took.Round(time.Second).String()+" of nothing", "by", "what")
		printWriters(t, steady, 1)
	}
}

func printWriters(t *table, c Counts, claims float64) {
	who := slices.SortedFunc(maps.Keys(c.Writes), func(a, b string) int { return c.writes(b) - c.writes(a) })
	for _, w := range who {
		writes := c.Writes[w]
		var parts []string
		for _, what := range slices.SortedFunc(maps.Keys(writes), func(a, b string) int { return writes[b] - writes[a] }) {
			parts = append(parts, fmt.Sprintf("%s %s", what, ratio(float64(writes[what]), claims)))
		}
		const most = 12 // What follows is next to nothing.
		t.row(ratio(float64(c.writes(w)), claims), w, strings.Join(parts[:min(most, len(parts))], ", "))
	}
}

// printPrograms prints CPU and memory of each program.
func (r *Results) printPrograms(t *table) {
	n, floors := r.Crowd.claims(), r.Floor.claims()
	if n == 0 && floors == 0 {
		return
	}
	t.head("program", "CPU a claim", "bare engine", "memory", "at its peak", "bare engine")
	ours, floor := r.Crowd.counts(), r.Floor.counts()
	names := slices.Sorted(maps.Keys(r.Crowd.Memory))
	if n == 0 {
		names = slices.Sorted(maps.Keys(r.Floor.Memory))
	}
	for _, name := range names {
		t.row(name, took(ours.CPU[name]/time.Duration(max(1, n))), took(floor.CPU[name]/time.Duration(max(1, floors))),
			megabytes(r.Crowd.Memory[name].Resident), megabytes(r.Crowd.Memory[name].Peak), megabytes(r.Floor.Memory[name].Peak))
	}
	t.row("what etcd holds", "", "", megabytes(r.Crowd.Stored>>10), "", megabytes(r.Floor.Stored>>10))
}

func (r *Results) printSimulations(t *table) {
	if len(r.Simulations) == 0 {
		return
	}
	t.head("simulated", "claims", "took", "CPU a claim", "memory at its peak", "says")
	for _, s := range r.Simulations {
		t.row(s.Command, fmt.Sprint(s.Claims), took(s.Took), took(s.CPU/time.Duration(max(1, s.Claims))), megabytes(s.Peak), s.Says)
	}
}

// printTrouble prints what went wrong, and how busy the machine was.
func (r *Results) printTrouble(t *table) {
	t.head("stage", "done", "load before and after", "error")
	for _, s := range stages() {
		done := "no"
		if r.Done[s.name] {
			done = "yes"
		}
		t.row(s.name, done, strings.Join(r.Load[s.name], " → "), strings.ReplaceAll(r.Errors[s.name], "\n", " "))
	}
}
