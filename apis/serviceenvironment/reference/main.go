// Program reference writes docs/claim.md, every field of a claim and of its status,
// and form.json, the same for a portal's form, from the schema in definition.yaml; and
// docs/blueprint.md, every field of a Blueprint, from its Go types. It runs where "go generate ./apis" runs it, in the
// folder apis.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/internal/generate"
)

const target = "../docs/claim.md"

const head = `# The claim, field by field

Written by ` + "`make generate`" + ` from the schema that the API server enforces. [Examples](../examples/README.md) show the fields at work;
the platform team's [Blueprint](../examples/blueprint.yaml) answers what a claim leaves out, and says which names it may use. A field
marked * must be there. For the form of a portal, [form.json](../apis/serviceenvironment/form.json) has the same as JSON Schema, with titles,
examples and, as a schema of Kubernetes knows no order, the order of the fields in ` + "`ui:order`" + `.
`

func main() {
	if err := errors.Join(writeClaim(), writeForm(), writeBlueprint()); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func writeClaim() error {
	properties, err := generate.Schema()
	if err != nil {
		return err
	}
	var out strings.Builder
	out.WriteString(head)
	for _, part := range []string{"spec", "status"} {
		fmt.Fprintf(&out, "\n## %s\n\n| field | type | what it says |\n| --- | --- | --- |\n", part)
		write(&out, "", properties[part])
	}
	return os.WriteFile(target, []byte(out.String()), 0o644) //nolint:gosec // It is documentation, which everybody may read.
}

// write writes a row for each field of an object, and for those within it.
func write(out *strings.Builder, path string, object apiextensionsv1.JSONSchemaProps) {
	for _, name := range slices.Sorted(maps.Keys(object.Properties)) {
		field := object.Properties[name]
		required := ""
		if slices.Contains(object.Required, name) {
			required = " *"
		}
		fmt.Fprintf(out, "| `%s%s`%s | %s | %s |\n", path, name, required, typeOf(field), cell(describe(field)))
		write(out, path+name+".", field)
		if field.Items != nil && field.Items.Schema != nil {
			write(out, path+name+"[].", *field.Items.Schema)
		}
	}
}

func typeOf(field apiextensionsv1.JSONSchemaProps) string {
	switch {
	case field.Items != nil && field.Items.Schema != nil:
		return "list of " + typeOf(*field.Items.Schema)
	case field.AdditionalProperties != nil && field.AdditionalProperties.Schema != nil:
		return "map of " + typeOf(*field.AdditionalProperties.Schema)
	default:
		return field.Type
	}
}

// describe adds to the description of a field what bounds its value.
func describe(field apiextensionsv1.JSONSchemaProps) string {
	said := []string{field.Description}
	bounds := field
	if field.Items != nil && field.Items.Schema != nil {
		bounds = *field.Items.Schema
	}
	if len(bounds.Enum) > 0 {
		values := make([]string, len(bounds.Enum))
		for i, v := range bounds.Enum {
			values[i] = "`" + strings.Trim(string(v.Raw), `"`) + "`"
		}
		said = append(said, "One of "+strings.Join(values, ", ")+".")
	}
	if field.Default != nil {
		said = append(said, "Default: `"+strings.Trim(string(field.Default.Raw), `"`)+"`.")
	}
	if e := cmp.Or(field.Example, bounds.Example); e != nil {
		said = append(said, "Example: `"+strings.Trim(string(e.Raw), `"`)+"`.")
	}
	if field.MaxItems != nil {
		said = append(said, fmt.Sprintf("At most %d.", *field.MaxItems))
	}
	switch {
	case field.MaxLength != nil:
		said = append(said, fmt.Sprintf("At most %d letters.", *field.MaxLength))
	case bounds.MaxLength != nil:
		said = append(said, fmt.Sprintf("Each of at most %d letters.", *bounds.MaxLength))
	}
	if bounds.Minimum != nil && bounds.Maximum != nil {
		said = append(said, fmt.Sprintf("From %.0f to %.0f.", *bounds.Minimum, *bounds.Maximum))
	}
	return strings.Join(said, " ")
}

// cell makes one line of a table of a text.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
