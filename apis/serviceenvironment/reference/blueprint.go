package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment"
)

const blueprintTarget = "../docs/blueprint.md"

const blueprintHead = `# The Blueprint, field by field

Written by ` + "`make generate`" + ` from the comments of the Go types; ` + "`plumbline blueprint explain`" + ` says the same of one field. The fields lie
in ` + "`data`" + ` of the EnvironmentConfig ` + "`plumbline-blueprint`" + `. [examples/blueprint.yaml](../examples/blueprint.yaml) has a value for each
that most platform teams set, and [examples/extras](../examples/README.md#extras) parts to copy. A field marked * must be there. An unknown
field is a mistake; ` + "`plumbline blueprint validate -f FILE`" + ` finds all mistakes without a cluster.

A Blueprint with a mistake, or one that is not there, changes nothing: every environment stays as it was applied last, and its claim says
` + "`InvalidBlueprint` or `BlueprintMissing`" + `. There is no other that would apply in its place.

## Placeholders

Values of labels, annotations and texts of extras may hold placeholders. There are no others, no functions and no conditions:

| placeholder | stands for | may stand in |
| --- | --- | --- |
| ` + "`{team}`" + ` | the namespace of the claim | all of them |
| ` + "`{service}`, `{environment}`" + ` | those of the claim | all of them |
| ` + "`{namespace}`" + ` | the namespace of the environment | all of them |
| ` + "`{tag:<key>}`" + ` | a tag of the claim that requiredTags names | all of them but names of objects |
| ` + "`{parameter:<name>}`" + ` | a parameter of the extra | texts of its objects, but for names and labels |

Any other lowercase word in braces is a mistake. What stands in double braces, such as ` + "`{{ $labels.pod }}`" + `, and what is no lowercase word,
such as ` + "`{namespace=\"a\"}`" + `, stays as it is. What is filled in is not looked at again. A text that is nothing but a parameter becomes a
value of the parameter's type: ` + "`replicas: \"{parameter:replicas}\"`" + ` becomes a number where the parameter is an integer.

names and hostSuffixes hold placeholders of their own, as their fields say.

## data

| field | type | what it says |
| --- | --- | --- |
`

// writeBlueprint writes docs/blueprint.md.
func writeBlueprint() error {
	fields, err := serviceenvironment.BlueprintFields()
	if err != nil {
		return err
	}
	var out strings.Builder
	out.WriteString(blueprintHead)
	for _, f := range fields {
		required := ""
		if f.Required {
			required = " *"
		}
		said := f.Description
		if len(f.Values) > 0 {
			said += " One of `" + strings.Join(f.Values, "`, `") + "`."
		}
		fmt.Fprintf(&out, "| `%s`%s | %s | %s |\n", f.Path, required, f.Type, cell(said))
	}
	return os.WriteFile(blueprintTarget, []byte(out.String()), 0o644) //nolint:gosec // It is documentation, which everybody may read.
}
