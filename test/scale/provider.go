package scale

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// ProviderOptions say what the provider is burdened with.
type ProviderOptions struct {
	Root    string // Of the repository.
	Amounts []Amount
	Settle  time.Duration // The most that is waited until no resource is read by itself.
	Quiet   time.Duration // For how long nothing happens.
	Each    time.Duration // The most that one amount may take.
	Out     io.Writer

	// Up starts a provider that looks after nothing, on a control plane of its own.
	Up func(ctx context.Context) (*controlplane.ControlPlane, error)
}

// Provider measures the whole process of the provider, as it is shipped, one amount of
// resources after the other, and prints what is known, be it interrupted or not. What
// writes while nothing happens is an error.
func Provider(ctx context.Context, o ProviderOptions) error {
	var all []Burden
	var failed error
	say := sayTo(o.Out, time.Now())
	for _, amount := range o.Amounts {
		if ctx.Err() != nil {
			break
		}
		b, err := o.measure(ctx, amount, say)
		all = append(all, b)
		failed = errors.Join(failed, err)
	}
	return errors.Join(failed, printBurdens(o.Out, all))
}

// measure has a provider of its own look after an amount of resources.
func (o ProviderOptions) measure(ctx context.Context, amount Amount, say sayer) (Burden, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Each)
	defer cancel()
	crowd, err := gather(o.Root, amount)
	if err != nil {
		return Burden{}, err
	}
	out := Burden{Resources: len(crowd.objects), Environments: crowd.environments, Load: []string{load()}}
	say("%d resources of %d environments", out.Resources, out.Environments)
	plane, err := o.Up(ctx)
	if err != nil {
		return out, err
	}
	defer plane.Stop()
	c, err := reachCarrier(ctx, plane)
	if err != nil {
		return out, err
	}
	steps := []func() error{
		func() error { return c.make(ctx, crowd, &out, say) },
		func() error { return c.rest(ctx, o, &out, say) },
		func() error { return c.more(ctx, crowd, &out, say) },
		func() error { return c.lead(ctx, &out, say) },
	}
	for _, step := range steps {
		if err = step(); err != nil {
			break
		}
	}
	out.Load = append(out.Load, load())
	if n := out.Resting.writes(); n > 0 {
		err = errors.Join(err, errors.Errorf("the provider wrote %d times while nothing happened: %v", n, out.Resting.Writes))
	}
	return out, errors.Wrapf(err, "%d resources", out.Resources)
}

// A carrier is a provider that is being burdened.
type carrier struct {
	*world

	running *controlplane.ControlPlane
}

func reachCarrier(ctx context.Context, p *controlplane.ControlPlane) (*carrier, error) {
	w, err := reach(ctx, Plane{Kubeconfig: p.Kubeconfig(), AuditLog: p.AuditLog(), PIDs: p.PIDs(), Metrics: p.Metrics()})
	return &carrier{world: w, running: p}, err
}

// memory returns what the provider holds, in kB.
func (c *carrier) memory() (Memory, error) {
	all, err := memoryOf(c.pids())
	return all[controlplane.ProviderProgram], err
}

// pids are those of the provider alone: it is another after a restart.
func (c *carrier) pids() map[string]int {
	return map[string]int{controlplane.ProviderProgram: c.running.PIDs()[controlplane.ProviderProgram]}
}

// counts returns what the provider has written, asked for and used so far.
func (c *carrier) counts(ctx context.Context) (Counts, error) {
	writes, err := c.audit.read()
	if err != nil {
		return Counts{}, err
	}
	out := Counts{Writes: map[string]map[string]int{controlplane.ProviderProgram: writes[controlplane.ProviderProgram]},
		Requests: map[string]int{}, Changes: map[string]int{}}
	if err := c.countRequests(ctx, &out); err != nil {
		return Counts{}, err
	}
	out.CPU, err = cpuOf(c.pids())
	return out, err
}

// metrics returns what the provider tells of itself.
func (c *carrier) metrics(ctx context.Context) ([]byte, error) {
	b, err := get(ctx, http.DefaultClient, c.plane.Metrics[controlplane.ProviderProgram])
	return b, errors.Wrap(err, "cannot read metrics of the provider")
}
