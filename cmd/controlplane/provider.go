package main

import (
	"context"
	"os"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"

	"github.com/plumbline-dev/plumbline/test/controlplane"
	"github.com/plumbline-dev/plumbline/test/scale"
)

// providerFlags say what the provider is measured with.
type providerFlags struct {
	Resources    []int         `help:"Numbers of managed resources, one after the other."`
	Environments []int         `help:"Numbers of environments, whose managed resources come after those."`
	Settle       time.Duration `default:"15m" help:"The most that is waited, after all are Ready, until no resource is read by itself any more."`
	Quiet        time.Duration `default:"3m" help:"For how long nothing happens while requests are counted."`
	Each         time.Duration `default:"1h" help:"The most that one number may take."`
}

// burden measures the provider as it is shipped, with each number of resources on a
// control plane of its own that has nothing else, and prints one table.
func burden(ctx context.Context, p place, f providerFlags) error {
	report := controlplane.NewReporter(os.Stdout)
	if err := controlplane.Build(ctx, p.root, report); err != nil {
		return err
	}
	o := scale.ProviderOptions{Root: p.root, Settle: f.Settle, Quiet: f.Quiet, Each: f.Each, Out: os.Stdout}
	for _, n := range f.Resources {
		o.Amounts = append(o.Amounts, scale.Amount{Resources: n})
	}
	for _, n := range f.Environments {
		o.Amounts = append(o.Amounts, scale.Amount{Environments: n})
	}
	if len(o.Amounts) == 0 {
		return errors.New("cannot measure nothing: set --resources or --environments")
	}
	o.Up = func(ctx context.Context) (*controlplane.ControlPlane, error) {
		return controlplane.StartProvider(ctx, controlplane.Options{Root: p.root, Dir: p.dir(), Report: report, Throttled: true})
	}
	return scale.Provider(ctx, o)
}
