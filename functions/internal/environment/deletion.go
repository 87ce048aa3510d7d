package environment

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// deletion is what the claim says about its end.
func (s Spec) deletion() v1alpha1.Deletion {
	if d := s.claim.Spec.Deletion; d != nil {
		return *d
	}
	return v1alpha1.Deletion{}
}

// deletionPolicy of a capability is what the claim says about it, then about all,
// then that of the environment, which ParseBlueprint has set by its tier.
func (s Spec) deletionPolicy(capability v1alpha1.DeletionPolicy) v1alpha1.DeletionPolicy {
	if s.claim.Spec.HandOver != "" {
		return v1alpha1.DeletionRetain // Another claim is to have it.
	}
	return cmp.Or(capability, s.deletion().Policy, s.class.DeletionPolicy)
}

// grace is for how long what is deleted is kept first. The Blueprint alone says so: it
// guards against mistakes, such as one in a claim.
func (s Spec) grace(policy v1alpha1.DeletionPolicy) time.Duration {
	if policy != v1alpha1.DeletionDelete || s.class.DeletionGrace == "" {
		return 0
	}
	return time.Duration(hours(s.class.DeletionGrace)) * time.Hour
}

// heldBy is what keeps the namespace from deletion while it holds any of it: nothing
// once the claim says whether it is protected.
func (s Spec) heldBy() []v1alpha1.Use {
	if s.deletion().Protect != nil {
		return nil
	}
	return s.class.ProtectInUse
}

// protected says whether the environment's objects are kept from deletion by all but
// Crossplane. Of the claim itself package/admission asks the same.
func (s Spec) protected() bool {
	if p := s.deletion().Protect; p != nil {
		return *p
	}
	return s.class.Protect
}

func (s Spec) checkDeletion(at *field.Path) field.ErrorList {
	d := s.deletion()
	check := func(name string, policy v1alpha1.DeletionPolicy) field.ErrorList {
		return checkOneOf(at.Child(name), policy, "", v1alpha1.DeletionRetain, v1alpha1.DeletionDelete)
	}
	return slices.Concat(check("policy", d.Policy), check("search", d.Search), check("group", d.Group))
}
