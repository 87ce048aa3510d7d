package environment

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

const (
	maxParameters       = 20  // Of one extra, in one claim.
	maxParameter        = 500 // Letters of a value, as in the claim's schema.
	defaultMaxParameter = 253
)

var parameterName = regexp.MustCompile(`^[a-zA-Z][-A-Za-z0-9_]{0,39}$`)

// checkParameter checks what a Blueprint says of a parameter, and its default by it.
func checkParameter(at *field.Path, name string, p v1alpha1.ExtraParameter) field.ErrorList {
	errs := checkText(at, name, parameterName, maxExtra, "must begin with a letter and hold only letters, digits, '-' and '_'")
	errs = append(errs, checkOneOf(at.Child("type"), p.Type, v1alpha1.ParameterString, v1alpha1.ParameterInteger, v1alpha1.ParameterBoolean)...)
	errs = append(errs, checkStringRules(at, p)...)
	if p.Type != v1alpha1.ParameterInteger && (p.Minimum != nil || p.Maximum != nil) {
		errs = append(errs, field.Forbidden(at.Child("type"), "only an integer has a minimum and a maximum"))
	}
	if p.Minimum != nil && p.Maximum != nil && *p.Minimum > *p.Maximum {
		errs = append(errs, field.Invalid(at.Child("minimum"), *p.Minimum, fmt.Sprintf("must be at most maximum, which is %d", *p.Maximum)))
	}
	if len(errs) > 0 || p.Default == nil {
		return errs
	}
	_, errs = parameterValue(at.Child("default"), p, *p.Default)
	return errs
}

// checkStringRules demands that the platform team says what a string may be: what a
// claim sets ends up in objects that others act upon.
func checkStringRules(at *field.Path, p v1alpha1.ExtraParameter) field.ErrorList {
	var errs field.ErrorList
	ruled := len(p.Enum) > 0 || p.Pattern != "" || p.MaxLength != 0
	switch {
	case p.Type != v1alpha1.ParameterString && ruled:
		errs = append(errs, field.Forbidden(at.Child("type"), "only a string has an enum, a pattern and a maxLength"))
	case p.Type == v1alpha1.ParameterString && (len(p.Enum) > 0) == (p.Pattern != ""):
		errs = append(errs, field.Required(at.Child("pattern"), "say what the string may be by either a pattern or an enum"))
	}
	if _, err := whole(p.Pattern); err != nil {
		errs = append(errs, field.Invalid(at.Child("pattern"), p.Pattern, err.Error()))
	}
	if p.MaxLength < 0 || p.MaxLength > maxParameter {
		errs = append(errs, field.Invalid(at.Child("maxLength"), p.MaxLength, fmt.Sprintf("must be between 1 and %d", maxParameter)))
	}
	return errs
}

// whole matches a pattern against all of a string, whether it says so or not.
func whole(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

// parameterValue reads a value by the type that the Blueprint declares.
func parameterValue(at *field.Path, p v1alpha1.ExtraParameter, text string) (any, field.ErrorList) {
	switch p.Type {
	case v1alpha1.ParameterInteger:
		return integerValue(at, p, text)
	case v1alpha1.ParameterBoolean:
		return text == "true", checkOneOf(at, text, "true", "false")
	default:
		return text, checkString(at, p, text)
	}
}

// integerValue takes one way to write a number, which every reader takes for it.
func integerValue(at *field.Path, p v1alpha1.ExtraParameter, text string) (any, field.ErrorList) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || strconv.FormatInt(n, 10) != text:
		return nil, field.ErrorList{field.Invalid(at, text, "must be a whole number")}
	case p.Minimum != nil && n < *p.Minimum:
		return nil, field.ErrorList{field.Invalid(at, text, fmt.Sprintf("must be at least %d", *p.Minimum))}
	case p.Maximum != nil && n > *p.Maximum:
		return nil, field.ErrorList{field.Invalid(at, text, fmt.Sprintf("must be at most %d", *p.Maximum))}
	default:
		return n, nil
	}
}

func checkString(at *field.Path, p v1alpha1.ExtraParameter, text string) field.ErrorList {
	most := int(p.MaxLength)
	if most == 0 {
		most = defaultMaxParameter
	}
	if utf8Len(text) > most {
		return field.ErrorList{field.TooLong(at, "", most)}
	}
	if len(p.Enum) > 0 {
		return checkOneOf(at, text, slices.Clone(p.Enum)...)
	}
	if pattern, err := whole(p.Pattern); err != nil || !pattern.MatchString(text) {
		return field.ErrorList{field.Invalid(at, text, "must match "+p.Pattern)}
	}
	return nil
}

// uses says whether an object of the extra holds a parameter.
func uses(e v1alpha1.Extra, parameter string) bool {
	return slices.ContainsFunc(e.Objects, func(o v1alpha1.ExtraObject) bool {
		return strings.Contains(string(o.Manifest.Raw), "{"+parameterPlaceholder+parameter+"}")
	})
}
