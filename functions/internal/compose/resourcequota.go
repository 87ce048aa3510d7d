package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

const partQuota = "quota"

func resourceQuota(p environment.Plan, _ World) []Part {
	return []Part{{
		Name:       partQuota,
		Capability: status.Namespace,
		Needs:      []string{PartNamespace},
		Resource: &corev1.ResourceQuota{
			TypeMeta:   typeMeta("v1", "ResourceQuota"),
			ObjectMeta: meta(p, "environment"),
			Spec:       corev1.ResourceQuotaSpec{Hard: p.Namespace.Quota},
		},
		Health: quotaHealth,
	}}
}

// quotaHealth names what is used up: Kubernetes then refuses pods, which nobody reads
// who does not look at the events of a ReplicaSet. What runs goes on. A bound of none
// is a rule and no shortage.
func quotaHealth(o Object) status.Health {
	hard, _, _ := unstructured.NestedMap(o, "status", "hard")
	var full []string
	for _, name := range slices.Sorted(maps.Keys(hard)) {
		bound, bounded := o.quantity("status", "hard", name)
		used, known := o.quantity("status", "used", name)
		if bounded && known && !bound.IsZero() && used.Cmp(bound) >= 0 {
			full = append(full, fmt.Sprintf("%s (%s)", name, bound.String()))
		}
	}
	if len(full) == 0 {
		return status.Available()
	}
	return status.Noted(status.ReasonQuotaUsedUp,
		"all is in use of "+strings.Join(full, ", ")+"; new pods that need it are refused until less is used or the claim has a larger size", v1alpha1.FixerDeveloper)
}

// BelowUse tells each bound that would fall below what is in use. Kubernetes would
// take it: what runs would stay, and the next pod that dies would not come back.
func BelowUse(p environment.Plan, o Observed) field.ErrorList {
	quota := o[partQuota]
	var errs field.ErrorList
	for _, name := range slices.Sorted(maps.Keys(p.Namespace.Quota)) {
		want := p.Namespace.Quota[name]
		now, bounded := quota.quantity("spec", "hard", string(name))
		used, known := quota.quantity("status", "used", string(name))
		if bounded && known && want.Cmp(now) < 0 && want.Cmp(used) < 0 {
			errs = append(errs, field.Forbidden(field.NewPath("spec", "size"), fmt.Sprintf(
				"would bound %s to %s, and %s are in use; use less first, or choose a larger size", name, want.String(), used.String())))
		}
	}
	return errs
}

// InUse tells what the namespace holds, as far as its quota counts it. Whether there is
// any is told and not how much, so that the status is at rest while a service scales.
func InUse(o Observed) []v1alpha1.Use {
	var in []v1alpha1.Use
	for _, use := range []v1alpha1.Use{v1alpha1.UsePods, v1alpha1.UseVolumes} {
		counted, _ := environment.CountedBy(use)
		if used, known := o[partQuota].quantity("status", "used", string(counted)); known && !used.IsZero() {
			in = append(in, use)
		}
	}
	return in
}

// quantity returns the quantity at a path, and whether there is one.
func (o Object) quantity(path ...string) (resource.Quantity, bool) {
	q, err := resource.ParseQuantity(o.text(path...))
	return q, err == nil
}
