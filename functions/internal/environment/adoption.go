package environment

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// adoptions from the least to the most.
func adoptions() []custody.Adoption {
	return []custody.Adoption{custody.AdoptionNever, custody.AdoptionIfIdentical, custody.AdoptionAdopt}
}

// beyond says whether an adoption is more than the most. One that is unknown is not:
// that is reported already.
func beyond(a, most custody.Adoption) bool {
	return slices.Index(adoptions(), a) > slices.Index(adoptions(), most)
}

// adoption is what the claim says, then the Blueprint.
func (s Spec) adoption() custody.Adoption {
	return cmp.Or(s.claim.Spec.Adoption, s.class.Adoption.Default)
}

func (s Spec) checkAdoption(at *field.Path) field.ErrorList {
	asked, most := s.claim.Spec.Adoption, s.class.Adoption.Max
	errs := checkOneOf(at, asked, append(adoptions(), "")...)
	if most != "" && beyond(asked, most) { // Without an environment that is known there is no most; that is already reported.
		errs = append(errs, field.Invalid(at, asked, fmt.Sprintf("must be at most %s in environment %q; ask the platform team for environments[%s].adoption.max",
			most, s.claim.Spec.Environment, s.claim.Spec.Environment)))
	}
	return errs
}

var holderName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

func (s Spec) checkHandOver(at *field.Path) field.ErrorList {
	heir := s.claim.Spec.HandOver
	if heir == "" {
		return nil
	}
	errs := checkText(at, heir, holderName, 2*maxName+1, "must be <namespace>/<name> of a claim")
	if heir == s.holder() {
		errs = append(errs, field.Invalid(at, heir, "is this claim; name another, or leave it out to keep the environment"))
	}
	return errs
}

// holder is the claim as others read of it.
func (s Spec) holder() string { return s.team + "/" + s.claim.Name }

// adoptionWithDefaults takes nothing over that nobody spoke of.
func adoptionWithDefaults(a v1alpha1.AdoptionBounds) v1alpha1.AdoptionBounds {
	a.Default = cmp.Or(a.Default, custody.AdoptionNever)
	a.Max = cmp.Or(a.Max, a.Default)
	return a
}

func checkAdoptionBounds(at *field.Path, a v1alpha1.AdoptionBounds) field.ErrorList {
	errs := checkOneOf(at.Child("default"), a.Default, adoptions()...)
	errs = append(errs, checkOneOf(at.Child("max"), a.Max, adoptions()...)...)
	if len(errs) == 0 && beyond(a.Default, a.Max) {
		errs = append(errs, field.Invalid(at.Child("default"), a.Default, fmt.Sprintf("must be at most max, which is %s", a.Max)))
	}
	return errs
}
