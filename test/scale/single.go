package scale

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
)

const (
	// singleNumber is that of the first claim committed by itself.
	singleNumber = 900_000
	// singlesEach is how many there are of each example.
	singlesEach = 3
)

// singles commits claims one after the other, on a control plane that has others.
func (r *run) singles(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready, err := watchReadiness(ctx, r.w.config, claimsOfEnvironments())
	if err != nil {
		return err
	}
	number := singleNumber
	for _, s := range shares() {
		r.Results.Singles[s.example] = nil
		for range singlesEach {
			for !r.mix.like(number, s.example) {
				number++
			}
			if err := r.w.calm(ctx); err != nil {
				return err
			}
			wave, err := r.w.wave(ctx, number, 1, ready, func(n int) (client.Object, error) { return r.claim(n) }, r.say.seldom())
			r.Results.Singles[s.example] = append(r.Results.Singles[s.example], wave)
			if err != nil {
				return errors.Wrapf(err, "one says: %s", wave.Missing)
			}
			r.say("one %s: %s", s.example, wave)
			number++
		}
	}
	return nil
}
