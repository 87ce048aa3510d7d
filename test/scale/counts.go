package scale

import (
	"context"
	"maps"
	"time"
)

// Counts are what has happened on a control plane so far, or in between.
type Counts struct {
	Writes   map[string]map[string]int `json:"writes"` // By who wrote, and by what was written, such as "patch ingresses".
	Stored   int                       `json:"stored"` // Writes that changed something, as etcd got them; Events apart.
	Calls    int                       `json:"calls"`  // Of functions.
	Passes   int                       `json:"passes"` // Of Crossplane over composites.
	Breakers int                       `json:"breakers"`
	Requests map[string]int            `json:"requests"` // By backend.
	Changes  map[string]int            `json:"changes"`  // Those that may change something.
	CPU      map[string]time.Duration  `json:"cpu"`      // By program.
}

// counts returns what has happened so far.
func (w *world) counts(ctx context.Context) (Counts, error) {
	writes, err := w.audit.read()
	if err != nil {
		return Counts{}, err
	}
	c := Counts{Writes: writes, Requests: map[string]int{}, Changes: map[string]int{}}
	if err := w.countCalls(ctx, &c); err != nil {
		return Counts{}, err
	}
	if err := w.countRequests(ctx, &c); err != nil {
		return Counts{}, err
	}
	c.CPU, err = cpuOf(w.plane.PIDs)
	return c, err
}

// since returns what has happened after counts that were taken before.
func (c Counts) since(before Counts) Counts {
	out := Counts{
		Writes: map[string]map[string]int{},
		Stored: c.Stored - before.Stored, Calls: c.Calls - before.Calls, Passes: c.Passes - before.Passes, Breakers: c.Breakers - before.Breakers,
		Requests: difference(c.Requests, before.Requests), Changes: difference(c.Changes, before.Changes), CPU: difference(c.CPU, before.CPU),
	}
	for _, writes := range []map[string]map[string]int{c.Writes, before.Writes} {
		for who := range writes {
			if d := difference(c.Writes[who], before.Writes[who]); len(d) > 0 {
				out.Writes[who] = d
			}
		}
	}
	return out
}

// difference leaves out what did not change.
func difference[N int | time.Duration](after, before map[string]N) map[string]N {
	out := maps.Clone(after)
	if out == nil {
		out = map[string]N{}
	}
	for name, n := range before {
		out[name] -= n
	}
	maps.DeleteFunc(out, func(_ string, n N) bool { return n == 0 })
	return out
}

// plus adds counts up, as those of waves.
func (c Counts) plus(more Counts) Counts {
	nothing := Counts{}
	return c.since(nothing.since(more))
}

func sum[N int | time.Duration](m map[string]N) N {
	var n N
	for _, v := range m {
		n += v
	}
	return n
}

// writes are all of them, or those of one component.
func (c Counts) writes(who ...string) int {
	n := 0
	for component, writes := range c.Writes {
		if len(who) == 0 || component == who[0] {
			n += sum(writes)
		}
	}
	return n
}
