package environment

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// These patterns are those of the claim's schema, which refuses most mistakes
// before they are stored. The function checks again, as it also runs where no API
// server stands in front, and must never build a name from what it did not check.
var (
	serviceName     = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	environmentName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)
	labelName       = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	hostName        = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$`)
	tagKey          = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`)
	tagValue        = regexp.MustCompile(`^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$`)
)

// Limits of a claim, as in its schema.
const (
	maxName        = 63
	maxService     = 40
	maxEnvironment = 20
	maxDescription = 200
	maxTags        = 20
	maxTagValue    = 63
	maxKubeService = 63
	maxPort        = 65535
)

// Parse returns the claim as a Spec, or every mistake in it.
func Parse(c Claim, b Blueprint) (Spec, field.ErrorList) {
	team := cmp.Or(c.Team, b.PlatformNamespace)
	b = b.of(team)
	s := Spec{claim: c, team: team, blueprint: b}
	spec := field.NewPath("spec")

	var errs field.ErrorList
	metadata := field.NewPath("metadata")
	errs = append(errs, checkText(metadata.Child("name"), c.Name, labelName, maxName, "must not contain a dot")...)
	errs = append(errs, checkText(metadata.Child("namespace"), s.team, labelName, maxName, "must be the name of a namespace")...)
	s, mistakes := s.classified(spec)
	errs = append(errs, mistakes...)
	errs = append(errs, s.checkGivenToTeam(spec)...)
	errs = append(errs, s.checkOverrides(spec.Child("overrides", "quota"))...)
	errs = append(errs, checkNames(spec, s)...)
	errs = append(errs, checkTags(spec.Child("tags"), c.Spec.Tags, b.RequiredTags)...)
	errs = append(errs, s.checkGroupDescription(spec.Child("tags"))...)
	errs = append(errs, checkAccess(spec.Child("access"), c.Spec.Access, b.Access.Roles)...)
	if name := c.Spec.ServiceAccountName; name != "" {
		errs = append(errs, checkText(spec.Child("serviceAccountName"), name, labelName, maxName, "must be the name of a ServiceAccount")...)
	}
	errs = append(errs, s.checkExtras(spec.Child("extras"))...)
	errs = append(errs, s.checkConnections(spec.Child("network"))...)
	errs = append(errs, s.checkSearch(spec.Child("search"))...)
	errs = append(errs, s.checkSearchAccess(spec.Child("search"))...)
	errs = append(errs, s.checkRoutes(spec.Child("routes"))...)
	errs = append(errs, s.checkAdoption(spec.Child("adoption"))...)
	errs = append(errs, s.checkHandOver(spec.Child("handOver"))...)
	errs = append(errs, s.checkDeletion(spec.Child("deletion"))...)
	errs = append(errs, s.checkLifetime(spec.Child("lifetime"))...)
	if len(errs) > 0 {
		return Spec{}, errs
	}
	return s, nil
}

// classified adds what the Blueprint says about the environment and the size.
func (s Spec) classified(spec *field.Path) (Spec, field.ErrorList) {
	var errs field.ErrorList
	c, b := s.claim.Spec, s.blueprint
	name, class, known := b.classOf(c.Environment)
	if !known {
		errs = append(errs, field.NotSupported(spec.Child("environment"), c.Environment, b.environments()))
	}
	wanted := cmp.Or(c.Size, class.Size)
	size, ok := b.Sizes[wanted]
	if !ok && (known || c.Size != "") {
		errs = append(errs, field.NotSupported(spec.Child("size"), wanted, slices.Sorted(maps.Keys(b.Sizes))))
	}
	s.named, s.class, s.size = name, class, size
	return s, errs
}

// checkNames checks what names derive from, and then the names: only those of a
// sound service and environment are worth a word.
func checkNames(spec *field.Path, s Spec) field.ErrorList {
	c := s.claim.Spec
	errs := checkText(spec.Child("service"), c.Service, serviceName, maxService,
		"must begin with a letter, end with a letter or digit, and hold only lowercase letters, digits and hyphens")
	errs = append(errs, checkText(spec.Child("environment"), c.Environment, environmentName, maxEnvironment,
		"must begin with a letter and hold only lowercase letters and digits")...)
	if utf8Len(c.Description) > maxDescription {
		errs = append(errs, field.TooLong(spec.Child("description"), "", maxDescription))
	}
	if len(errs) > 0 {
		return errs
	}
	names := s.names()
	if pattern, reserved := s.blueprint.reserves(names.namespace()); reserved {
		errs = append(errs, field.Invalid(spec.Child("service"), c.Service,
			fmt.Sprintf("gives the namespace %q, which is reserved by %q; choose another service name", names.namespace(), pattern)))
	}
	if n := names.namespace(); len(n) > maxNamespace {
		errs = append(errs, field.Invalid(spec.Child("service"), c.Service,
			fmt.Sprintf("gives the namespace %q of %d characters; the most is %d", n, len(n), maxNamespace)))
	}
	return errs
}

func checkTags(at *field.Path, tags map[string]v1alpha1.TagValue, required []string) field.ErrorList {
	var errs field.ErrorList
	if len(tags) > maxTags {
		errs = append(errs, field.TooMany(at, len(tags), maxTags))
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if !tagKey.MatchString(key) {
			errs = append(errs, field.Invalid(at, key, "a tag key is 1-63 letters, digits, '-', '_' or '.', and begins and ends with a letter or digit"))
		}
		errs = append(errs, checkText(at.Key(key), string(tags[key]), tagValue, maxTagValue,
			"must be letters, digits, '-', '_' or '.', and begin and end with a letter or digit")...)
	}
	for _, key := range required {
		if tags[key] == "" {
			errs = append(errs, field.Required(at.Key(key), "the platform team requires this tag"))
		}
	}
	return errs
}

// checkText reports a text that is too long, or does not match. A pattern cannot
// bound its length readably, so the two are apart, as in the schema.
func checkText(at *field.Path, value string, pattern *regexp.Regexp, most int, rule string) field.ErrorList {
	var errs field.ErrorList
	if utf8Len(value) > most {
		errs = append(errs, field.TooLong(at, "", most))
	}
	if !pattern.MatchString(value) {
		errs = append(errs, field.Invalid(at, value, rule))
	}
	return errs
}

func checkRange(at *field.Path, value *int32, least, most int32) field.ErrorList {
	if value == nil || (least <= *value && *value <= most) {
		return nil
	}
	return field.ErrorList{field.Invalid(at, *value, fmt.Sprintf("must be between %d and %d", least, most))}
}

// checkOneOf allows the values given, of which an empty one is not named.
func checkOneOf[T ~string](at *field.Path, value T, allowed ...T) field.ErrorList {
	if slices.Contains(allowed, value) {
		return nil
	}
	return field.ErrorList{field.NotSupported(at, value, slices.DeleteFunc(allowed, func(t T) bool { return t == "" }))}
}

// reserves says whether a namespace name is reserved, and by which pattern.
func (b Blueprint) reserves(namespace string) (string, bool) {
	for _, pattern := range b.reserved {
		if ok, err := path.Match(pattern, namespace); ok && err == nil {
			return pattern, true
		}
	}
	return "", false
}

func utf8Len(s string) int { return len([]rune(s)) }
