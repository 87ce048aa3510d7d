package rolemapping

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// checkRule returns all that is wrong with a rule and the rules in it, as far as
// Elasticsearch documents their form.
func checkRule(at *field.Path, v any, withinAll bool) field.ErrorList {
	rule, ok := v.(map[string]any)
	if !ok || len(rule) != 1 {
		return field.ErrorList{field.Invalid(at, v, "must be an object with exactly one of any, all, field and except")}
	}
	kind := slices.Collect(maps.Keys(rule))[0]
	here := at.Child(kind)
	switch kind {
	case "any", "all":
		return checkRules(here, rule[kind], kind == "all")
	case "except":
		if !withinAll {
			return field.ErrorList{field.Invalid(here, rule[kind], "stands within all only")}
		}
		return checkRule(here, rule[kind], false)
	case "field":
		return checkField(here, rule[kind])
	}
	return field.ErrorList{field.NotSupported(at, kind, []string{"any", "all", "field", "except"})}
}

func checkRules(at *field.Path, v any, all bool) field.ErrorList {
	rules, ok := v.([]any)
	if !ok || len(rules) == 0 {
		return field.ErrorList{field.Invalid(at, v, "must be a list of rules")}
	}
	var errs field.ErrorList
	for i, r := range rules {
		errs = append(errs, checkRule(at.Index(i), r, all)...)
	}
	return errs
}

func checkField(at *field.Path, v any) field.ErrorList {
	fields, ok := v.(map[string]any)
	if !ok || len(fields) != 1 {
		return field.ErrorList{field.Invalid(at, v, "must be an object with exactly one field")}
	}
	var errs field.ErrorList
	for name, value := range fields {
		values, isList := value.([]any)
		if !isList {
			values = []any{value}
		}
		if len(values) == 0 {
			errs = append(errs, field.Invalid(at.Key(name), value, "must hold at least one value"))
		}
		for _, one := range values {
			switch one.(type) {
			case map[string]any, []any:
				errs = append(errs, field.Invalid(at.Key(name), value, "must be a value, or a list of values"))
			}
		}
	}
	return errs
}
