package scale

import (
	"context"
	"slices"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

const (
	// breakGlass becomes a member of every group, and every network rule gets one more
	// address: one change that touches all environments, in Kubernetes and in a backend,
	// but for the groups of the production example, which have this member already.
	breakGlass = "cy@example.com"
	newCIDR    = "192.0.2.0/24"
	// sample is how often it is looked how far a change has come.
	sample = 2 * time.Second
)

// A Change is what a new Blueprint costs.
type Change struct {
	Claims  int           `json:"claims"`
	Half    time.Duration `json:"half"` // Until half of the groups were changed.
	Took    time.Duration `json:"took"` // Until all were.
	Counts  Counts        `json:"counts"`
	Busiest float64       `json:"busiest"` // Requests a second, of all backends, in the busiest moment.
}

// blueprint changes the Blueprint, and waits until every group has the new member and
// says that it is as desired.
func (r *run) blueprint(ctx context.Context) error {
	before, err := r.w.counts(ctx)
	if err != nil {
		return err
	}
	if err := r.w.changeBlueprint(ctx); err != nil {
		return err
	}
	began, out, say := time.Now(), &Change{}, r.say.seldom()
	r.Results.Change = out
	last, at := before, began
	var failed error
	waited := every(ctx, sample, func() bool {
		done, all, err := r.w.groupsChanged(ctx)
		if failed = err; err != nil {
			return true
		}
		now := Counts{Requests: map[string]int{}, Changes: map[string]int{}}
		if failed = r.w.countRequests(ctx, &now); failed != nil {
			return true
		}
		if d := time.Since(at).Seconds(); d > 0 {
			out.Busiest = max(out.Busiest, float64(sum(now.Requests)-sum(last.Requests))/d)
		}
		last, at = now, time.Now()
		if out.Claims, out.Took = all, time.Since(began); done*2 < all {
			out.Half = out.Took
		}
		say("%d of %d environments have the new Blueprint after %v", done, all, out.Took.Round(time.Second))
		return done == all
	})
	pause(ctx, settle)
	after, err := r.w.counts(context.WithoutCancel(ctx))
	out.Counts = after.since(before)
	return errors.Join(waited, failed, err)
}

func (w *world) changeBlueprint(ctx context.Context) error {
	b := &unstructured.Unstructured{}
	b.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.crossplane.io", Version: "v1beta1", Kind: "EnvironmentConfig"})
	if err := w.k.Get(ctx, client.ObjectKey{Name: "plumbline-blueprint"}, b); err != nil {
		return errors.Wrap(err, "cannot read the Blueprint")
	}
	cidrs, _, err1 := unstructured.NestedStringSlice(b.Object, "data", "network", "egressCIDRs")
	err2 := unstructured.SetNestedStringSlice(b.Object, append(cidrs, newCIDR), "data", "network", "egressCIDRs")
	err3 := unstructured.SetNestedStringSlice(b.Object, []string{breakGlass}, "data", "identity", "breakGlassMembers")
	if err := errors.Join(err1, err2, err3); err != nil {
		return errors.Wrap(err, "cannot change the Blueprint")
	}
	return errors.Wrap(w.k.Update(ctx, b), "cannot change the Blueprint")
}

// groupsChanged counts the groups that were brought to what the Blueprint says.
func (w *world) groupsChanged(ctx context.Context) (done, all int, err error) {
	groups := &entra.GroupList{}
	if err := w.k.List(ctx, groups); err != nil {
		return 0, 0, errors.Wrap(err, "cannot list groups")
	}
	for _, g := range groups.Items {
		synced := g.Status.GetCondition("Synced")
		if slices.Contains(g.Spec.ForProvider.Members, breakGlass) && synced.Status == corev1.ConditionTrue && synced.ObservedGeneration == g.GetGeneration() {
			done++
		}
	}
	return done, len(groups.Items), nil
}
