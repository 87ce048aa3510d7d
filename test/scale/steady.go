package scale

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/composite"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// Steady is what happens while nothing happens.
type Steady struct {
	Took    time.Duration  `json:"took"`
	Claims  int            `json:"claims"`
	Objects map[string]int `json:"objects"` // Composed, with claims and composites, by kind.
	// Changed are those of another resourceVersion afterwards, by kind.
	Changed map[string]int `json:"changed"`
	Counts  Counts         `json:"counts"`
}

// steady waits until the writes of what was before are over, and then watches the
// control plane while nobody asks it for anything.
func (r *run) steady(ctx context.Context) error {
	if err := r.w.calm(ctx); err != nil {
		return err
	}
	kinds, err := r.w.composedKinds(ctx)
	if err != nil {
		return err
	}
	before, err := r.w.versions(ctx, kinds)
	if err != nil {
		return err
	}
	from, err := r.w.counts(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	pause(ctx, r.Quiet)
	took := time.Since(began)
	to, err := r.w.counts(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	after, err := r.w.versions(context.WithoutCancel(ctx), kinds)
	if err != nil {
		return err
	}
	out := &Steady{Took: took, Objects: map[string]int{}, Changed: map[string]int{}, Counts: to.since(from)}
	for kind, objects := range before {
		out.Objects[kind] = len(objects)
		for id, version := range objects {
			if after[kind][id] != version {
				out.Changed[kind]++
			}
		}
	}
	out.Claims = out.Objects["ServiceEnvironment"]
	r.Results.Steady = out
	r.say("%v of nothing: %d writes, %d of %d objects changed", took.Round(time.Second), out.Counts.writes(), sum(out.Changed), sum(out.Objects))
	return ctx.Err()
}

// composedKinds returns the kinds of all that is composed, and claim and composite.
func (w *world) composedKinds(ctx context.Context) ([]schema.GroupVersionKind, error) {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(platform.GroupVersion.WithKind("XServiceEnvironmentList"))
	if err := w.k.List(ctx, list); err != nil {
		return nil, errors.Wrap(err, "cannot list composites")
	}
	kinds := map[schema.GroupVersionKind]bool{
		platform.ServiceEnvironmentGroupVersionKind:  true,
		platform.XServiceEnvironmentGroupVersionKind: true,
	}
	for _, item := range list.Items {
		xr := composite.Unstructured{Unstructured: item, Schema: composite.SchemaLegacy}
		for _, ref := range xr.GetResourceReferences() {
			kinds[ref.GroupVersionKind()] = true
		}
	}
	return slices.Collect(maps.Keys(kinds)), nil
}

// versions returns the resourceVersions of all objects of some kinds that a composite
// controls, and of claims and composites.
func (w *world) versions(ctx context.Context, kinds []schema.GroupVersionKind) (map[string]map[types.UID]string, error) {
	out := map[string]map[types.UID]string{}
	for _, kind := range kinds {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
		if err := w.k.List(ctx, list); err != nil {
			return nil, errors.Wrapf(err, "cannot list %s", kind.Kind)
		}
		out[kind.Kind] = map[types.UID]string{}
		for _, item := range list.Items {
			owner := metav1.GetControllerOf(&item)
			if kind.Group == platform.GroupVersion.Group || owner != nil && owner.Kind == platform.XServiceEnvironmentGroupVersionKind.Kind {
				out[kind.Kind][item.GetUID()] = item.GetResourceVersion()
			}
		}
	}
	return out, nil
}
