package main

import (
	"context"
	"os"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"

	"github.com/plumbline-dev/plumbline/test/controlplane"
	"github.com/plumbline-dev/plumbline/test/scale"
)

// scaleFlags say how much is measured.
type scaleFlags struct {
	Claims  int           `default:"100" help:"How many claims."`
	Wave    int           `default:"100" help:"How many of them are committed at once."`
	Stages  []string      `help:"Stages to run, of floor, waves, single, drift, steady, blueprint and simulate. All of them unless named."`
	Quiet   time.Duration `default:"10m" help:"For how long nothing happens while writes are counted."`
	Each    time.Duration `default:"45m" help:"The most that one stage may take."`
	Folders []int         `default:"10000" help:"How many claims are in the folders of simulations."`
	Keep    bool          `help:"Leave the control planes running."`
	Fresh   bool          `help:"Begin anew, whatever was measured before."`
}

// measure measures what claims cost on control planes of its own, and prints the table
// of what is known, be it interrupted or not.
func measure(ctx context.Context, p place, f scaleFlags) error {
	dir := p.dir() + "-results"
	if f.Fresh {
		if err := os.RemoveAll(dir); err != nil {
			return errors.Wrap(err, "cannot remove results")
		}
	}
	results, err := scale.Open(dir+"/results.json", f.Claims)
	if err != nil {
		return err
	}
	stages := f.Stages
	if len(stages) == 0 {
		stages = scale.Names()
	}
	failed := scale.Run(ctx, scale.Options{
		Root: p.root, Dir: dir, Results: results, Claims: f.Claims, Wave: f.Wave, Quiet: f.Quiet, Each: f.Each,
		Stages: stages, Folders: f.Folders, Out: os.Stdout,
		Up: func(ctx context.Context, name string) (scale.Plane, error) { return plane(ctx, p.beside(name)) },
		Down: func(name string) error {
			if f.Keep {
				return nil
			}
			return down(p.beside(name))
		},
	})
	return errors.Join(failed, results.Print(os.Stdout))
}

// beside is the place of another control plane, named after this one.
func (p place) beside(name string) place { return place{root: p.root, name: p.name + "-" + name} }

// plane starts a control plane, unless it runs.
func plane(ctx context.Context, p place) (scale.Plane, error) {
	running, err := p.process()
	if err != nil {
		return scale.Plane{}, err
	}
	if running == nil {
		if err := up(ctx, p, around{AsShipped: true}, controlplane.NewReporter(os.Stdout)); err != nil {
			return scale.Plane{}, err
		}
	}
	f, err := readFacts(p)
	return scale.Plane{Kubeconfig: p.kubeconfig(), AuditLog: f.AuditLog, PIDs: f.PIDs, Metrics: f.Metrics}, err
}
