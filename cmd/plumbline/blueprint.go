package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

type blueprintCommand struct {
	Validate validateBlueprintCommand `cmd:"" help:"Find every mistake of a Blueprint, without a control plane."`
	Explain  explainBlueprintCommand  `cmd:"" help:"Say what a field of the Blueprint means."`
}

type validateBlueprintCommand struct {
	File string `short:"f" required:"" placeholder:"BLUEPRINT.YAML" help:"File with the EnvironmentConfig plumbline-blueprint."`
}

// Help is shown below the flags.
func (validateBlueprintCommand) Help() string {
	return `Runs the very checks of the composition function. Every mistake is printed with the path of its field, and the exit
code is 1. What only a control plane knows is not checked: whether a ClusterRole, an issuer or the kind of an extra exists.

Example:
  plumbline blueprint validate -f examples/blueprint.yaml`
}

// Run prints all mistakes.
func (c validateBlueprintCommand) Run() error { return c.validate(os.Stdout) }

func (c validateBlueprintCommand) validate(out io.Writer) error {
	blueprint, err := readBlueprint(c.File)
	if err != nil {
		return err
	}
	_, mistakes, err := rehearsal.Blueprint(blueprint)
	if err != nil {
		return fmt.Errorf("cannot read %q: %w", c.File, err)
	}
	for _, m := range mistakes {
		_, _ = fmt.Fprintf(out, "%s: %s\n", c.File, m)
	}
	if len(mistakes) > 0 {
		return fmt.Errorf("found %d mistakes in %q", len(mistakes), c.File)
	}
	_, err = fmt.Fprintf(out, "%s: no mistakes\n", c.File)
	return err
}

type explainBlueprintCommand struct {
	Field string `arg:"" optional:"" help:"Field, such as environments.tier. A path as a mistake names it will do: data.environments[prod].tier. Without one, the fields at the top are listed."`
}

// Run prints the field and what lies directly below it.
func (c explainBlueprintCommand) Run() error { return c.explain(os.Stdout) }

func (c explainBlueprintCommand) explain(out io.Writer) error {
	fields, err := serviceenvironment.BlueprintFields()
	if err != nil {
		return err
	}
	wanted := bare(strings.TrimPrefix(strings.TrimPrefix(c.Field, "data"), "."))
	if wanted != "" {
		i := slices.IndexFunc(fields, func(f serviceenvironment.Field) bool { return bare(f.Path) == wanted })
		if i < 0 {
			return fmt.Errorf("cannot find field %q in the Blueprint; %w", c.Field, nearest(fields, wanted))
		}
		_, _ = fmt.Fprintf(out, "%s (%s)\n\n", fields[i].Path, typeOf(fields[i]))
		_, _ = fmt.Fprintln(out, paragraph("  ", said(fields[i])))
	}
	for _, f := range below(fields, wanted) {
		_, _ = fmt.Fprintf(out, "\n  %s (%s)\n%s\n", f.Path, typeOf(f), paragraph("      ", said(f)))
	}
	return nil
}

var brackets = regexp.MustCompile(`\[[^]]*\]`)

// bare leaves names and numbers out of a path: what is said of one environment is
// said of all.
func bare(path string) string { return brackets.ReplaceAllString(path, "") }

// below returns the fields directly below a path.
func below(fields []serviceenvironment.Field, parent string) []serviceenvironment.Field {
	var out []serviceenvironment.Field
	for _, f := range fields {
		path, depth := bare(f.Path), 0
		if parent != "" {
			if !strings.HasPrefix(path, parent+".") {
				continue
			}
			depth = strings.Count(parent, ".") + 1
		}
		if strings.Count(path, ".") == depth {
			out = append(out, f)
		}
	}
	return out
}

// nearest names the fields that a misspelt one could have meant: those of the deepest
// object on its way that there is.
func nearest(fields []serviceenvironment.Field, wanted string) error {
	for wanted != "" {
		wanted = wanted[:max(strings.LastIndex(wanted, "."), 0)]
		if there := below(fields, wanted); len(there) > 0 {
			names := make([]string, len(there))
			for i, f := range there {
				names[i] = f.Path
			}
			return errors.New("there are " + strings.Join(names, ", "))
		}
	}
	return errors.New("run without a field to list those there are")
}

func typeOf(f serviceenvironment.Field) string {
	if f.Required {
		return f.Type + ", required"
	}
	return f.Type
}

func said(f serviceenvironment.Field) string {
	if len(f.Values) == 0 {
		return f.Description
	}
	return f.Description + " One of " + strings.Join(f.Values, ", ") + "."
}

// paragraph breaks a text into lines that fit a terminal.
func paragraph(indent, text string) string {
	const width = 100
	var lines []string
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line)+len(word) >= width && line != indent {
			lines = append(lines, strings.TrimRight(line, " "))
			line = indent
		}
		line += word + " "
	}
	return strings.Join(append(lines, strings.TrimRight(line, " ")), "\n")
}
