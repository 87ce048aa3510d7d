package environment

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// placeholder matches a lowercase word in braces, alone or with a key. What stands
// in double braces is matched first and belongs to others: templates of alerts, of
// dashboards and of External Secrets are written so.
var placeholder = regexp.MustCompile(`(?s)\{\{.*?\}\}|\{([a-z]+(?::[-A-Za-z0-9_.]*)?)\}`)

// Placeholders with a key.
const (
	tagPlaceholder       = "tag:"
	parameterPlaceholder = "parameter:"
)

// claimPlaceholders stand for the names of a claim. Each goes with the longest that
// it can stand for.
var claimPlaceholders = map[string]int{
	"team":        maxName,
	"service":     maxService,
	"environment": maxEnvironment,
	"namespace":   maxNamespace,
}

// placeholders returns those of a text, in order.
func placeholders(text string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if m[1] != "" {
			out = append(out, m[1])
		}
	}
	return out
}

// values are what placeholders stand for. A parameter may stand for a number or a
// truth; all else is text.
type values map[string]any

// values of a claim's names and tags.
func (s Spec) values() values {
	v := values{
		"team":        s.team,
		"service":     s.claim.Spec.Service,
		"environment": s.claim.Spec.Environment,
		"namespace":   s.names().namespace(),
	}
	for key, value := range s.claim.Spec.Tags {
		v[tagPlaceholder+key] = string(value)
	}
	return v
}

// text fills in a text. What is filled in is not looked at again.
func (v values) text(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(match string) string {
		if value, ok := v[match[1:len(match)-1]]; ok {
			return fmt.Sprint(value)
		}
		return match
	})
}

// texts fills in the values of a map.
func (v values) texts(from map[string]string) map[string]string {
	out := make(map[string]string, len(from))
	for key, text := range from {
		out[key] = v.text(text)
	}
	return out
}

// tree fills in every text of an object. The object's shape and its keys stay as
// they are: a value takes the place of a text and nothing else, so no value can add
// a field or change another.
func (v values) tree(from any) any {
	switch from := from.(type) {
	case map[string]any:
		out := make(map[string]any, len(from))
		for key, value := range from {
			out[key] = v.tree(value)
		}
		return out
	case []any:
		out := make([]any, len(from))
		for i, value := range from {
			out[i] = v.tree(value)
		}
		return out
	case string:
		if whole := placeholder.FindString(from); whole == from && whole != "" {
			if value, ok := v[whole[1:len(whole)-1]]; ok {
				return value
			}
		}
		return v.text(from)
	default:
		return from
	}
}

// A language is the placeholders that a text may hold.
type language struct {
	tags       []string
	parameters map[string]v1alpha1.ExtraParameter
}

// check reports placeholders that nothing is known to stand for.
func (l language) check(at *field.Path, text string) field.ErrorList {
	var errs field.ErrorList
	for _, name := range placeholders(text) {
		if problem := l.problem(name); problem != "" {
			errs = append(errs, field.Invalid(at, text, fmt.Sprintf("{%s} %s", name, problem)))
		}
	}
	return errs
}

func (l language) problem(name string) string {
	if _, known := claimPlaceholders[name]; known {
		return ""
	}
	if key, ok := strings.CutPrefix(name, tagPlaceholder); ok {
		if slices.Contains(l.tags, key) {
			return ""
		}
		return "is a tag that a claim may lack; add it to requiredTags"
	}
	if key, ok := strings.CutPrefix(name, parameterPlaceholder); ok && l.parameters != nil {
		if _, known := l.parameters[key]; known {
			return ""
		}
		return "is no parameter of this extra"
	}
	return "is unknown here; there are " + strings.Join(l.known(), ", ")
}

func (l language) known() []string {
	known := []string{"{team}", "{service}", "{environment}", "{namespace}", "{tag:<key>}"}
	if l.parameters != nil {
		known = append(known, "{parameter:<name>}")
	}
	return known
}

// longest fills in the longest value of each placeholder. It stands for all that a
// claim could make of a text, as they differ in letters and digits only.
func longest(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(match string) string {
		name := match[1 : len(match)-1]
		switch most := claimPlaceholders[name]; {
		case most > 0:
			return strings.Repeat("x", most)
		case strings.HasPrefix(name, tagPlaceholder):
			return strings.Repeat("x", maxTagValue)
		default:
			return match
		}
	})
}
