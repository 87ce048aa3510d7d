package main

import (
	"fmt"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// head of the claim. A line that begins with {% leaves none in the claim: the template
// says trimBlocks and lstripBlocks.
const head = `apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata:
  name: ${{ (values.spec.service + "-" + values.spec.environment) | dump }}
  namespace: ${{ values.team | dump }}
  annotations:
    terasky.backstage.io/owner: ${{ values.owner | dump }}
    terasky.backstage.io/system: ${{ ("default/" + values.spec.service) | dump }}
spec:
`

// claim is the template of a claim: what was answered, as a developer would write it,
// and nothing of what was left open. Every answer is dumped as JSON, which no YAML can
// take for anything else.
func claim(spec apiextensionsv1.JSONSchemaProps) []byte {
	w := &writer{}
	w.out.WriteString(head)
	w.fields("  ", "values.spec", spec, firstFields())
	return []byte(w.out.String())
}

func firstFields() []string {
	var out []string
	for _, p := range chapters() {
		out = append(out, p.Order...)
	}
	return out
}

type writer struct{ out strings.Builder }

func (w *writer) linef(indent, format string, args ...any) {
	w.out.WriteString(indent)
	fmt.Fprintf(&w.out, format, args...)
	w.out.WriteByte('\n')
}

// fields writes the fields of an object; those named come first.
func (w *writer) fields(indent, path string, object apiextensionsv1.JSONSchemaProps, first []string) {
	names := append([]string{}, first...)
	for _, name := range inOrder(object) {
		if !slices.Contains(first, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		w.field(indent, name, path+"."+name, object)
	}
}

// field writes one field of an object, if it was answered.
func (w *writer) field(indent, name, path string, object apiextensionsv1.JSONSchemaProps) {
	field, must := object.Properties[name], slices.Contains(object.Required, name)
	if !must {
		w.linef(indent, "{%% if %s %%}", answered(path, field))
	}
	switch {
	case field.Type == "array":
		w.linef(indent, "%s:", name)
		w.items(indent+"  ", path, *field.Items.Schema)
	case len(field.Properties) > 0:
		w.linef(indent, "%s:", name)
		w.fields(indent+"  ", path, field, nil)
	case field.Type == "object":
		w.linef(indent, "%s:", name)
		w.linef(indent+"  ", "{%% for key, value in %s %%}", path)
		w.linef(indent+"  ", "${{ key | dump }}: ${{ value | dump }}")
		w.linef(indent+"  ", "{%% endfor %%}")
	default:
		w.linef(indent, "%s: ${{ %s | dump }}", name, path)
	}
	if !must {
		w.linef(indent, "{%% endif %%}")
	}
}

// items writes the items of a list. The variable's name is as deep as the list, so
// that a list within a list does not hide the outer one.
func (w *writer) items(indent, path string, item apiextensionsv1.JSONSchemaProps) {
	name := fmt.Sprintf("item%d", strings.Count(indent, "  "))
	w.linef(indent, "{%% for %s in %s %%}", name, path)
	switch names := inOrder(item); {
	case len(names) == 0:
		w.linef(indent, "- ${{ %s | dump }}", name)
	case slices.Contains(item.Required, names[0]):
		w.linef(indent, "- %s: ${{ %s.%s | dump }}", names[0], name, names[0])
		for _, rest := range names[1:] {
			w.field(indent+"  ", rest, name+"."+rest, item)
		}
	default: // None need be there, so that none can stand behind the hyphen.
		w.linef(indent, "-")
		w.fields(indent+"  ", name, item, nil)
	}
	w.linef(indent, "{%% endfor %%}")
}

// answered is the condition under which a field is in the claim.
func answered(path string, field apiextensionsv1.JSONSchemaProps) string {
	switch {
	case len(field.Properties) > 0:
		var parts []string
		for _, name := range inOrder(field) {
			parts = append(parts, answered(path+"."+name, field.Properties[name]))
		}
		return strings.Join(parts, " or ")
	case field.Type == "array", field.Type == "object":
		return path + " | length"
	case field.Type == "boolean":
		return path + " or " + path + " === false"
	case field.Type == "integer":
		return path + " or " + path + " === 0"
	default:
		return path
	}
}
