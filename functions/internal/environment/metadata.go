package environment

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// ownedKeys are labels and annotations that follow from a claim, or that Crossplane
// finds its way by. No Blueprint can set them.
var ownedKeys = []string{
	LabelManagedBy,
	"kubernetes.io/metadata.name",
	"crossplane.io/composite",
	"crossplane.io/claim-name",
	"crossplane.io/claim-namespace",
	"crossplane.io/composition-resource-name",
}

// ownedDomains are prefixes of keys of which the same is true.
var ownedDomains = []string{"plumbline.dev", "pod-security.kubernetes.io"}

func checkNamespaceMetadata(at *field.Path, m v1alpha1.NamespaceMetadata, l language) field.ErrorList {
	return slices.Concat(
		checkTexts(at.Child("labels"), m.Labels, validation.IsValidLabelValue, l),
		checkTexts(at.Child("annotations"), m.Annotations, nil, l),
	)
}

// checkTexts checks labels or annotations whose values may hold placeholders.
func checkTexts(at *field.Path, texts map[string]string, rules func(string) []string, l language) field.ErrorList {
	errs := checkKeys(at, texts, rules)
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		errs = append(errs, l.check(at.Key(key), texts[key])...)
	}
	return errs
}

// checkKeys checks labels or annotations, the values by the longest that each can
// become.
func checkKeys(at *field.Path, texts map[string]string, rules func(string) []string) field.ErrorList {
	var errs field.ErrorList
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		for _, problem := range validation.IsQualifiedName(strings.ToLower(key)) {
			errs = append(errs, field.Invalid(at, key, problem))
		}
		if owned(key) {
			errs = append(errs, field.Forbidden(at.Key(key), "follows from the claim, or belongs to Crossplane"))
		}
		sample := longest(texts[key])
		if rules == nil || len(placeholders(sample)) > 0 {
			continue // What is left is no placeholder that this text may hold, and reported as such.
		}
		for _, problem := range rules(sample) {
			errs = append(errs, field.Invalid(at.Key(key), texts[key], "filled in, "+problem))
		}
	}
	return errs
}

func owned(key string) bool {
	domain, _, _ := strings.Cut(strings.ToLower(key), "/")
	return slices.Contains(ownedKeys, key) || slices.ContainsFunc(ownedDomains, func(d string) bool {
		return domain == d || strings.HasSuffix(domain, "."+d)
	})
}
