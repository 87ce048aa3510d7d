package scale

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Options of a run.
type Options struct {
	Root    string // Of the repository.
	Dir     string // Holds what a run writes.
	Results *Results
	Claims  int
	Wave    int           // Claims committed at once.
	Quiet   time.Duration // For how long nothing happens.
	Each    time.Duration // The most that a stage may take.
	Stages  []string
	Folders []int // How many claims are in the folders of simulations.
	Out     io.Writer

	// Up starts a control plane, unless it runs, and Down stops it.
	Up   func(ctx context.Context, name string) (Plane, error)
	Down func(name string) error
}

// The control planes of a run. The bare engine has one of its own, since what is on a
// control plane makes it slower.
const (
	floorPlane = "floor"
	fullPlane  = "full"
)

// A stage measures one thing.
type stage struct {
	name  string
	plane string // Empty if it needs none.
	run   func(*run, context.Context) error
	clear func(*Results)
}

// stages are all stages, in order: the later ones are measured with all claims present.
func stages() []stage {
	return []stage{
		{"floor", floorPlane, (*run).floor, func(r *Results) { r.Floor = Crowd{} }},
		{"waves", fullPlane, (*run).waves, func(r *Results) { r.Crowd = Crowd{} }},
		{"single", fullPlane, (*run).singles, func(r *Results) { r.Singles = map[string][]Wave{} }},
		{"drift", fullPlane, (*run).drift, func(r *Results) { r.Heals = nil }},
		{"steady", fullPlane, (*run).steady, func(r *Results) { r.Steady = nil }},
		{"blueprint", fullPlane, (*run).blueprint, func(r *Results) { r.Change = nil }},
		{"simulate", "", (*run).simulate, func(r *Results) { r.Simulations = nil }},
	}
}

// Names are those of the stages.
func Names() []string {
	var names []string
	for _, s := range stages() {
		names = append(names, s.name)
	}
	return names
}

// A run is what its stages share.
type run struct {
	Options

	mix *Mix
	w   *world
	at  string // The control plane that w is.
	say sayer
}

// Run runs the stages that are not done. The results hold what was found out, also
// when it returns an error.
func Run(ctx context.Context, o Options) error {
	mix, err := NewMix(o.Root)
	if err != nil {
		return err
	}
	r := &run{Options: o, mix: mix, say: sayTo(o.Out, time.Now())}
	var failed error
	for _, s := range stages() {
		if !slices.Contains(o.Stages, s.name) || ctx.Err() != nil {
			continue
		}
		failed = errors.Join(failed, r.stage(ctx, s))
	}
	if ctx.Err() != nil {
		return errors.New("interrupted; the same command goes on where it stopped")
	}
	return errors.Join(failed, r.leave(""))
}

// stage runs a stage, unless it is done, and keeps its results.
func (r *run) stage(ctx context.Context, s stage) error {
	if r.Results.Done[s.name] {
		r.say("%s: measured before", s.name)
		return nil
	}
	if err := r.enter(ctx, s.plane); err != nil {
		return err
	}
	r.say("%s begins", s.name)
	within, cancel := context.WithTimeout(ctx, r.Each)
	defer cancel()
	before := load()
	err := s.run(r, within)
	r.Results.Load[s.name] = []string{before, load()}
	delete(r.Results.Errors, s.name)
	if err != nil {
		r.Results.Errors[s.name] = err.Error()
		r.say("%s failed: %v", s.name, err)
	}
	// A stage that was not interrupted is done, be it with an error: to try again would
	// measure another control plane than the first time.
	r.Results.Done[s.name] = ctx.Err() == nil
	r.say("%s ends", s.name)
	return errors.Join(errors.Wrap(err, s.name), r.Results.save())
}

// enter goes to a control plane, or to none, and leaves the one before.
func (r *run) enter(ctx context.Context, name string) error {
	if r.at == name {
		return nil
	}
	if err := r.leave(name); err != nil || name == "" {
		return err
	}
	plane, err := r.Up(ctx, name)
	if err != nil {
		return err
	}
	w, err := reach(ctx, plane)
	if err != nil {
		return err
	}
	system := &corev1.Namespace{}
	if err := w.k.Get(ctx, client.ObjectKey{Name: "kube-system"}, system); err != nil {
		return errors.Wrap(err, "cannot identify the control plane")
	}
	r.w, r.at = w, name
	id, known := string(system.GetUID()), r.Results.Planes[name]
	r.Results.Planes[name] = id
	if forgot := id != known && r.Results.forget(stages(), name); forgot {
		return errors.Join(r.Results.save(), errors.Errorf("control plane %q of the run before is gone, and what was measured on it is worth nothing; run the same command again", name))
	}
	return nil
}

// leave stops the control plane that the run is at, unless it is the next.
func (r *run) leave(next string) error {
	if r.at == "" || r.at == next {
		return nil
	}
	at := r.at
	r.at, r.w = "", nil
	return r.Down(at)
}

// load is the machine's load average, which says whether it had other things to do.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
