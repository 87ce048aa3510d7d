package scale

import (
	"context"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// A Burden is what the provider costs that looks after some resources.
type Burden struct {
	Resources, Environments int

	Idle  Memory        // Before there is any.
	Made  Memory        // Once all are Ready.
	Took  time.Duration // From the first creation to all Ready.
	Costs Counts        // In that time.

	Quiet   time.Duration // For how long nothing happened.
	Rest    Memory
	Heap    int    // In use then, in bytes.
	Resting Counts // What was counted meanwhile.
	Single  int    // Requests of those for one resource alone.

	Next time.Duration // From the creation of one more to Ready.

	Waited time.Duration // From a kill until the next provider led.
	Looked time.Duration // From then until it had looked at all.
	Leader Memory        // After that.
	Read   Counts        // What it asked for and used by then.

	Load []string // The machine's load average before and after.
}

// calm is for how long nothing is asked for a resource alone once all are observed. It is
// longer than a backend that throttles has a client wait.
const calm = 20 * time.Second

// round is longer than from one poll of a resource to the next.
const round = 75 * time.Second

// make creates resources, and waits until all are Ready.
func (c *carrier) make(ctx context.Context, crowd crowdOfResources, out *Burden, say sayer) error {
	var err error
	if out.Idle, err = c.memory(); err != nil {
		return err
	}
	before, err := c.counts(ctx)
	if err != nil {
		return err
	}
	if out.Took, err = c.ready(ctx, crowd.objects, say); err != nil {
		return err
	}
	after, err := c.counts(ctx)
	if err != nil {
		return err
	}
	out.Costs = after.since(before)
	out.Made, err = c.memory()
	say("all Ready after %v, %s", out.Took.Round(time.Second), megabytes(out.Made.Resident))
	return err
}

// ready creates resources, and returns how long it took until all were Ready.
func (c *carrier) ready(ctx context.Context, objects []*unstructured.Unstructured, say sayer) (time.Duration, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	began, seldom := time.Now(), say.seldom()
	names := map[schema.GroupVersionResource][]string{}
	for i, o := range objects {
		mapping, err := c.k.RESTMapper().RESTMapping(o.GroupVersionKind().GroupKind())
		if err != nil {
			return 0, errors.Wrapf(err, "cannot find kind %s", o.GetKind())
		}
		if err := c.create(ctx, o); err != nil {
			return 0, err
		}
		names[mapping.Resource] = append(names[mapping.Resource], o.GetNamespace()+"/"+o.GetName())
		seldom("%d of %d created", i+1, len(objects))
	}
	return c.awaitReady(ctx, names, began, say)
}

// more creates one more resource beside all others.
func (c *carrier) more(ctx context.Context, crowd crowdOfResources, out *Burden, say sayer) error {
	var err error
	out.Next, err = c.ready(ctx, []*unstructured.Unstructured{crowd.next}, say)
	say("one more is Ready after %v", out.Next.Round(time.Millisecond))
	return err
}

// awaitReady waits until all are Ready, and returns how long that took.
func (c *carrier) awaitReady(ctx context.Context, names map[schema.GroupVersionResource][]string, began time.Time, say sayer) (time.Duration, error) {
	watches := map[schema.GroupVersionResource]*readiness{}
	for of := range names {
		r, err := watchReadiness(ctx, c.config, of)
		if err != nil {
			return 0, err
		}
		watches[of] = r
	}
	last, missing, seldom := began, "", say.seldom()
	err := every(ctx, time.Second, func() bool { // When each was Ready the watches know.
		there, all := 0, 0
		for of, r := range watches {
			ready, says := r.of(names[of])
			if len(ready) < len(names[of]) {
				missing = says
			}
			there, all = there+len(ready), all+len(names[of])
			for _, t := range ready {
				if t.After(last) {
					last = t
				}
			}
		}
		seldom("%d of %d Ready after %v", there, all, time.Since(began).Round(time.Second))
		return there == all
	})
	return last.Sub(began), errors.Wrapf(err, "one says: %s", missing)
}

// rest watches the provider while nothing happens.
func (c *carrier) rest(ctx context.Context, o ProviderOptions, out *Burden, say sayer) error {
	c.settle(ctx, o.Settle, say)
	before, err := c.counts(ctx)
	if err != nil {
		return err
	}
	told, err := c.metrics(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	pause(ctx, o.Quiet)
	out.Quiet = time.Since(began)
	after, err := c.counts(ctx)
	if err != nil {
		return err
	}
	now, err := c.metrics(ctx)
	if err != nil {
		return err
	}
	out.Resting, out.Single = after.since(before), forOne(now)-forOne(told)
	out.Heap = total(now, "go_memstats_heap_inuse_bytes")
	if out.Rest, err = c.memory(); err != nil {
		return err
	}
	say("%v of nothing: %s, %v of CPU, %v requests, %d writes", out.Quiet.Round(time.Second), megabytes(out.Rest.Resident),
		sum(out.Resting.CPU), out.Resting.Requests, out.Resting.writes())
	return ctx.Err()
}

// settle waits until no resource is asked for by itself any more, or for as long as that
// may take: what just changed is read directly for some minutes, as servers may lag.
func (c *carrier) settle(ctx context.Context, atMost time.Duration, say sayer) {
	began, seldom := time.Now(), say.seldom()
	asked, last := -1, began
	err := every(ctx, time.Second, func() bool {
		if b, err := c.metrics(ctx); err == nil {
			if n := forOne(b); n != asked {
				asked, last = n, time.Now()
			}
		}
		seldom("%d requests for one resource", asked)
		return time.Since(last) >= round || time.Since(began) >= atMost
	})
	if err == nil {
		say("settled after %v", time.Since(began).Round(time.Second))
	}
}

// forOne is how many requests were for one resource alone.
func forOne(metrics []byte) int {
	return total(metrics, "plumbline_backend_requests_total", `purpose="Resource"`)
}

// lead kills the provider, which leads, and waits until the next leads and has looked at
// all resources.
func (c *carrier) lead(ctx context.Context, out *Burden, say sayer) error {
	before, err := c.counts(ctx)
	if err != nil {
		return err
	}
	killed := time.Now()
	if err := c.running.KillProvider(); err != nil {
		return err
	}
	if err := c.running.RestartProvider(ctx); err != nil {
		return err
	}
	err = every(ctx, look, func() bool {
		b, err := c.metrics(ctx)
		return err == nil && total(b, "leader_election_master_status") == 1
	})
	if err != nil {
		return errors.Wrap(err, "no provider leads")
	}
	led := time.Now()
	out.Waited = led.Sub(killed)
	say("another leads after %v", out.Waited.Round(time.Second))
	if out.Looked, err = c.awaitObserved(ctx, out.Resources, led, say.seldom()); err != nil {
		return err
	}
	after, err := c.counts(ctx)
	if err != nil {
		return err
	}
	// What the one before used is no part of it.
	before.CPU = nil
	out.Read = after.since(before)
	out.Leader, err = c.memory()
	say("it has looked at all after %v: %v requests, %s at most", out.Looked.Round(time.Second), out.Read.Requests, megabytes(out.Leader.Peak))
	return err
}

// awaitObserved waits until every resource was reconciled and none is asked for by itself
// any more, and returns when the last was.
func (c *carrier) awaitObserved(ctx context.Context, resources int, began time.Time, say sayer) (time.Duration, error) {
	asked, last := -1, began
	err := every(ctx, time.Second, func() bool {
		b, err := c.metrics(ctx)
		if err != nil {
			return false
		}
		if n := forOne(b); n != asked {
			asked, last = n, time.Now()
		}
		done := total(b, "controller_runtime_reconcile_total", `controller="managed/`)
		say("%d reconciles of %d resources, %d requests for one of them", done, resources, asked)
		return done >= resources && time.Since(last) >= calm
	})
	return last.Sub(began), errors.Wrap(err, "not all are observed")
}

// perMinute is a number as of a minute.
func (b Burden) perMinute(n float64) float64 { return n / max(b.Quiet.Minutes(), 1e-9) }

// writes a resource until it is Ready.
func (b Burden) writes() float64 {
	return float64(b.Costs.writes(controlplane.ProviderProgram)) / float64(max(1, b.Resources))
}
