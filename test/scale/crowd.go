package scale

import (
	"context"
	"slices"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

func claimsOfEnvironments() schema.GroupVersionResource {
	return platform.GroupVersion.WithResource("serviceenvironments")
}

// waves commits all claims of the mix.
func (r *run) waves(ctx context.Context) error {
	return r.crowd(ctx, &r.Results.Crowd, claimsOfEnvironments(), r.claim)
}

func (r *run) claim(number int) (client.Object, error) {
	c, err := r.mix.Claim(number)
	if err != nil {
		return nil, err
	}
	c.SetGroupVersionKind(platform.ServiceEnvironmentGroupVersionKind)
	return c, nil
}

// floor commits as many claims, of as many objects, that mean nothing.
func (r *run) floor(ctx context.Context) error {
	if err := r.w.installFloor(ctx, r.Dir); err != nil {
		return errors.Wrap(err, "cannot install what the bare engine is measured with")
	}
	objects, err := r.objects()
	if err != nil {
		return err
	}
	return r.crowd(ctx, &r.Results.Floor, floorClaims(), floorCommitter(r.mix, objects))
}

// objects says how many objects the claim of a number becomes.
func (r *run) objects() (func(number int) int, error) {
	blueprint, err := blueprintOf(r.Root)
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(r.mix.texts))
	for number := range counts {
		c, err := r.mix.Claim(number)
		if err != nil {
			return nil, err
		}
		became, err := rehearsal.Run(c, blueprint, time.Now())
		if err != nil {
			return nil, errors.Wrapf(err, "cannot rehearse claim %d", number)
		}
		counts[number] = len(became.Resources)
	}
	return func(number int) int { return counts[number%len(counts)] }, nil
}

// crowd commits claims in waves, on from those that are over, and keeps each wave.
func (r *run) crowd(ctx context.Context, out *Crowd, kind schema.GroupVersionResource, commit committer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready, err := watchReadiness(ctx, r.w.config, kind)
	if err != nil {
		return err
	}
	// A wave that was interrupted is waited for again.
	out.Waves = slices.DeleteFunc(out.Waves, func(w Wave) bool { return w.Missing != "" })
	for first := out.claims(); first < r.Claims; first = out.claims() {
		wave, err := r.w.wave(ctx, first, min(r.Wave, r.Claims-first), ready, commit, r.say.seldom())
		if err == nil || wave.Missing != "" {
			out.Waves = append(out.Waves, wave)
		}
		out.Memory, _ = memoryOf(r.w.plane.PIDs) // Of a program that died there is none.
		out.Stored = r.w.stored(ctx)
		if err := r.Results.save(); err != nil {
			return err
		}
		if err != nil {
			return errors.Wrapf(err, "%d of %d claims became Ready in wave %d; one says: %s", len(wave.Ready), wave.Claims, len(out.Waves), wave.Missing)
		}
		r.say("wave %d: %s", len(out.Waves), wave)
	}
	return nil
}
