package scale

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

const (
	// settle is how long after the last claim is Ready writes are still counted, so that
	// what follows on readiness is not left out.
	settle = 10 * time.Second
	// progress is how often a stage says how far it has come.
	progress = 10 * time.Second
	look     = 100 * time.Millisecond
)

// A Wave is what some claims cost that were committed at once.
type Wave struct {
	First  int             `json:"first"` // The number of its first claim.
	Claims int             `json:"claims"`
	Ready  []time.Duration `json:"ready"` // From the commit of each to Ready, in order.
	Took   time.Duration   `json:"took"`  // From the first commit to all Ready.
	Counts Counts          `json:"counts"`
	// Missing is what one of those says that were not Ready in time.
	Missing string `json:"missing,omitempty"`
}

// A committer makes the claim of a number.
type committer func(number int) (client.Object, error)

// wave commits claims and waits until all are Ready, or until the context ends: then it
// returns what it has, and the error.
func (w *world) wave(ctx context.Context, first, claims int, r *readiness, commit committer, say sayer) (Wave, error) {
	out := Wave{First: first, Claims: claims}
	before, err := w.counts(ctx)
	if err != nil {
		return out, err
	}
	began := time.Now()
	at, err := w.commitAll(ctx, first, claims, commit)
	if err != nil {
		return out, err
	}
	names := make([]string, 0, len(at))
	for name := range at {
		names = append(names, name)
	}
	waited := every(ctx, look, func() bool {
		ready, missing := r.of(names)
		say("%d to %d: %d of %d Ready after %v", first, first+claims-1, len(ready), claims, time.Since(began).Round(time.Second))
		out.Missing = missing
		return len(ready) == claims
	})
	ready, _ := r.of(names)
	last := began
	for name, t := range ready {
		out.Ready = append(out.Ready, t.Sub(at[name]))
		if t.After(last) {
			last = t
		}
	}
	out.Took = last.Sub(began)
	slices.Sort(out.Ready)
	if waited == nil {
		waited = w.deploy(ctx, first, claims, commit)
	}
	pause(ctx, settle)
	// The counts of an interrupted wave are worth having too.
	after, err := w.counts(context.WithoutCancel(ctx))
	out.Counts = after.since(before)
	return out, errors.Join(waited, err)
}

// calm waits until what followed on the last that was asked for is over. Crossplane looks
// at each environment once an hour, so that a few passes go on for ever.
func (w *world) calm(ctx context.Context) error {
	const few = int(settle / time.Second)
	for ctx.Err() == nil {
		before, err := w.counts(ctx)
		if err != nil {
			return err
		}
		pause(ctx, settle)
		after, err := w.counts(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		if after.Passes-before.Passes < few {
			return nil
		}
	}
	return ctx.Err()
}

// commitAll creates claims as a GitOps engine would, and says when each was committed.
// One that is there already, from a run that was interrupted, was committed now.
func (w *world) commitAll(ctx context.Context, first, claims int, commit committer) (map[string]time.Time, error) {
	at := map[string]time.Time{}
	for number := first; number < first+claims; number++ {
		o, err := commit(number)
		if err != nil {
			return nil, err
		}
		if err := w.create(ctx, o); err != nil {
			return nil, err
		}
		at[o.GetNamespace()+"/"+o.GetName()] = time.Now()
	}
	return at, nil
}

// deploy creates the Services that the routes of claims lead to, as developers do once
// their environment is there. Until then Kong's controller tells of each Ingress again,
// whatever changes, that it lacks one.
func (w *world) deploy(ctx context.Context, first, claims int, commit committer) error {
	for number := first; number < first+claims; number++ {
		o, err := commit(number)
		if err != nil {
			return err
		}
		c, ours := o.(*platform.ServiceEnvironment)
		if !ours {
			return nil // The bare engine's lead nowhere.
		}
		for _, service := range services(c) {
			if err := client.IgnoreAlreadyExists(w.k.Create(ctx, service)); err != nil {
				return errors.Wrapf(err, "cannot deploy Service %q of %s", service.Name, service.Namespace)
			}
		}
	}
	return nil
}

// services are what the routes of a claim lead to. An environment of the mix is named as
// its claim.
func services(c *platform.ServiceEnvironment) []*corev1.Service {
	var all []*corev1.Service
	for _, r := range c.Spec.Routes {
		i := slices.IndexFunc(all, func(s *corev1.Service) bool { return s.Name == r.Service })
		if i < 0 {
			i, all = len(all), append(all, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: c.Name, Name: r.Service}})
		}
		port := corev1.ServicePort{Name: fmt.Sprintf("port-%d", r.Port), Port: r.Port}
		if !slices.Contains(all[i].Spec.Ports, port) {
			all[i].Spec.Ports = append(all[i].Spec.Ports, port)
		}
	}
	return all
}

func (w *world) create(ctx context.Context, o client.Object) error {
	team := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: o.GetNamespace()}}
	if !w.teams[team.Name] {
		if err := client.IgnoreAlreadyExists(w.k.Create(ctx, team)); err != nil {
			return errors.Wrap(err, "cannot create the team's namespace")
		}
		w.teams[team.Name] = true
	}
	return errors.Wrapf(client.IgnoreAlreadyExists(w.k.Create(ctx, o)), "cannot commit %s/%s", o.GetNamespace(), o.GetName())
}

// every asks until the answer is yes.
func every(ctx context.Context, interval time.Duration, done func() bool) error {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticks.C:
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
