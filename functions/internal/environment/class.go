package environment

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// anyEnding ends the name of environments of which there are many, as previews.
const anyEnding = "*"

// classOf returns what the Blueprint says about an environment, and under which name:
// its own, or the longest that it begins with.
func (b Blueprint) classOf(environment string) (name string, class v1alpha1.EnvironmentClass, known bool) {
	if class, known = b.Environments[environment]; known && !strings.HasSuffix(environment, anyEnding) {
		return environment, class, true
	}
	for key := range b.Environments {
		prefix, many := strings.CutSuffix(key, anyEnding)
		if many && strings.HasPrefix(environment, prefix) && len(key) > len(name) {
			name = key
		}
	}
	return name, b.Environments[name], name != ""
}

// environments are the names in order, for who has named another.
func (b Blueprint) environments() []string { return slices.Sorted(maps.Keys(b.Environments)) }

func checkEnvironmentClass(at *field.Path, name string, b v1alpha1.Blueprint) field.ErrorList {
	class := b.Environments[name]
	errs := checkText(at, strings.TrimSuffix(name, anyEnding), environmentName, maxEnvironment,
		"must begin with a letter and hold only lowercase letters and digits; it may end with *")
	switch {
	case class.Formerly != "" && strings.HasSuffix(name, anyEnding):
		errs = append(errs, field.Invalid(at.Child("formerly"), class.Formerly, "must be left out of a name that ends with *, as many environments cannot all have had one name"))
	case class.Formerly != "":
		errs = append(errs, checkText(at.Child("formerly"), class.Formerly, environmentName, maxEnvironment, "must begin with a letter and hold only lowercase letters and digits")...)
	}
	errs = append(errs, checkOneOf(at.Child("tier"), class.Tier, v1alpha1.TierProduction, v1alpha1.TierNonProduction)...)
	if _, ok := b.Sizes[class.Size]; !ok {
		errs = append(errs, field.NotSupported(at.Child("size"), class.Size, slices.Sorted(maps.Keys(b.Sizes))))
	}
	errs = append(errs, checkOneOf(at.Child("deletionPolicy"), class.DeletionPolicy, v1alpha1.DeletionRetain, v1alpha1.DeletionDelete)...)
	if class.DeletionGrace != "" {
		errs = append(errs, checkText(at.Child("deletionGrace"), string(class.DeletionGrace), retentionShape, 6, retentionRule)...)
	}
	errs = append(errs, checkProtectInUse(at.Child("protectInUse"), class.ProtectInUse, b.Sizes)...)
	errs = append(errs, checkOneOf(at.Child("podSecurity"), class.PodSecurity, v1alpha1.PodSecurityPrivileged, v1alpha1.PodSecurityBaseline, v1alpha1.PodSecurityRestricted)...)
	errs = append(errs, checkNamespaceMetadata(at.Child("namespace"), class.Namespace, language{tags: b.RequiredTags})...)
	errs = append(errs, checkRetentionBounds(at.Child("retention"), class.Retention)...)
	errs = append(errs, checkLifetimeBounds(at.Child("lifetime"), class.Lifetime)...)
	errs = append(errs, checkAdoptionBounds(at.Child("adoption"), class.Adoption)...)
	return append(errs, checkSuffixes(at.Child("hostSuffixes"), class.HostSuffixes, b.Routing.Zones)...)
}
