package environment

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// maxOverrides is the claim's limit, as in its schema.
const maxOverrides = 30

// checkOverrides holds what a claim asks for to the bounds of its size.
func (s Spec) checkOverrides(at *field.Path) field.ErrorList {
	asked := overrides(s.claim.Spec)
	errs := checkQuota(at, asked)
	if len(asked) > maxOverrides {
		errs = append(errs, field.TooMany(at, len(asked), maxOverrides))
	}
	if len(errs) > 0 || len(s.size.Quota) == 0 {
		return errs // No bounds can be named for a size that is not known; that is already reported.
	}
	size := cmp.Or(s.claim.Spec.Size, s.class.Size)
	for _, key := range slices.Sorted(maps.Keys(asked)) {
		most, bounded := s.size.MaxQuota[key]
		if !bounded {
			errs = append(errs, field.Forbidden(at.Key(key), fmt.Sprintf(
				"the Blueprint does not let size %q override it; choose another size, or ask the platform team for sizes[%s].maxQuota[%s]", size, size, key)))
			continue
		}
		if q := resource.MustParse(asked[key]); q.Cmp(resource.MustParse(most)) > 0 {
			errs = append(errs, field.Invalid(at.Key(key), asked[key], fmt.Sprintf(
				"must be at most %s, which is the most for size %q; choose a larger size, or ask the platform team", most, size)))
		}
	}
	return errs
}

// checkQuota also refuses a part of what only comes whole, which is all but CPU. For
// most of it Kubernetes would refuse the whole ResourceQuota.
func checkQuota(at *field.Path, quota map[string]string) field.ErrorList {
	errs := checkQuantities(at, quota)
	for _, key := range slices.Sorted(maps.Keys(quota)) {
		if !quantityShape.MatchString(quota[key]) || key == "cpu" || strings.HasSuffix(key, ".cpu") {
			continue
		}
		q := resource.MustParse(quota[key])
		if _, whole := q.AsScale(0); !whole {
			errs = append(errs, field.Invalid(at.Key(key), quota[key], "must be a whole number"))
		}
	}
	return errs
}

// CountedBy returns the resource by which a quota counts a use.
func CountedBy(use v1alpha1.Use) (corev1.ResourceName, bool) {
	switch use {
	case v1alpha1.UsePods:
		return corev1.ResourcePods, true
	case v1alpha1.UseVolumes:
		return corev1.ResourcePersistentVolumeClaims, true
	default:
		return "", false
	}
}

// quota is the size's with what the claim overrides.
func (s Spec) quota() map[string]string {
	quota := maps.Clone(s.size.Quota)
	maps.Copy(quota, overrides(s.claim.Spec))
	return quota
}

func overrides(c v1alpha1.ServiceEnvironmentSpec) map[string]string {
	quota := map[string]string{}
	if c.Overrides != nil {
		for key, quantity := range c.Overrides.Quota {
			quota[key] = string(quantity)
		}
	}
	return quota
}
