package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

// validateCommand finds mistakes before they are merged.
type validateCommand struct {
	Paths     []string `arg:"" name:"path" help:"Files and folders with ServiceEnvironments; - reads standard input."`
	Blueprint string   `placeholder:"BLUEPRINT.YAML" help:"File with the EnvironmentConfig plumbline-blueprint. Without it the built-in Blueprint applies."`
	Output    string   `short:"o" enum:"text,github,sarif,json" default:"text" help:"text is for people, github annotates a pull request, sarif is for code scanning, json for programs."`
}

// Help is shown below the flags.
func (validateCommand) Help() string {
	return `Says what the control plane would say of the claims, with the same words: each mistake with file, line and field. It looks
at all claims together, so it also finds two that want the same name or host. A claim whose day has come, on which it ends or
is to be reviewed, is a warning, which does not change the exit code.

Of a folder every YAML file is read, also below it, and everything that is not Plumbline's is passed over. The exit code is
0 if there is no mistake, and 1 if there is one, or a file cannot be read. What only a control plane knows, it cannot find:
whether a name is taken by a claim elsewhere, whether a field may change, whether a member exists.

Examples:
  plumbline validate teams/ --blueprint platform/blueprint.yaml
  plumbline validate claim.yaml -o github`
}

// Run prints all mistakes of all claims.
func (c validateCommand) Run() error { return c.validate(os.Stdin, os.Stdout) }

func (c validateCommand) validate(in io.Reader, out io.Writer) error {
	blueprint, err := readBlueprint(c.Blueprint)
	if err != nil {
		return err
	}
	v := validation{blueprint: blueprint, blueprintFile: c.Blueprint, names: map[string]string{}}
	for _, path := range c.Paths {
		documents, err := readDocuments(path, in)
		if err != nil {
			return err
		}
		for _, d := range documents {
			v.look(d)
		}
	}
	if err := printMistakes(out, c.Output, v.claims, v.mistakes); err != nil {
		return err
	}
	switch n := errorsIn(v.mistakes); {
	case n > 0:
		return fmt.Errorf("found %d mistakes in %d claims", n, v.claims)
	case v.claims == 0:
		return fmt.Errorf("cannot find a ServiceEnvironment in %s", strings.Join(c.Paths, ", "))
	}
	return nil
}

// Levels of a mistake.
const (
	levelError   = "error"
	levelWarning = "warning" // Nothing is wrong, and yet somebody has to act.
)

// A mistake of a claim.
type mistake struct {
	Level   string `json:"level"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Claim   string `json:"claim,omitempty"`
	Reason  string `json:"reason"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// A validation gathers what is wrong with claims, one by one and together.
type validation struct {
	blueprint     map[string]any
	blueprintFile string

	claims   int
	mistakes []mistake
	names    map[string]string // Who has a name: claim, environment or host.
}

// look finds the mistakes of one document.
func (v *validation) look(d document) {
	raw, err := d.raw()
	if err != nil {
		v.add(d, "", "Unreadable", err.Error())
		return
	}
	if version, _ := raw["apiVersion"].(string); !strings.HasPrefix(version, v1alpha1.GroupVersion.Group+"/") {
		return
	}
	claim, err := readClaim(raw)
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			v.add(d, titleOf(raw), "InvalidClaim", unknownField(strings.TrimSpace(line)))
		}
		return
	}
	v.claims++
	title := claim.GetNamespace() + "/" + claim.GetName()
	v.take(d, title, "metadata.name", "ServiceEnvironment "+title)
	result, err := rehearsal.Run(claim, v.blueprint, time.Now())
	if refused := (*rehearsal.RefusedError)(nil); errors.As(err, &refused) {
		v.refuse(d, title, refused)
		return
	}
	if err != nil {
		v.add(d, title, "InvalidClaim", err.Error())
		return
	}
	for _, notice := range result.Notices {
		v.warn(d, title, notice)
	}
	v.take(d, title, "spec.service", "environment "+result.Status.Environment)
	var hosts []string
	for i, r := range claim.Spec.Routes {
		if !slices.Contains(hosts, r.Host) {
			v.take(d, title, fmt.Sprintf("spec.routes[%d].host", i), "host "+r.Host)
		}
		hosts = append(hosts, r.Host)
	}
}

// refuse adds what the function refuses. A wrong Blueprint is told once, and not of
// each claim.
func (v *validation) refuse(d document, title string, refused *rehearsal.RefusedError) {
	for _, m := range refused.Mistakes {
		if refused.Reason != "InvalidBlueprint" {
			v.add(d, title, refused.Reason, m)
			continue
		}
		told := slices.ContainsFunc(v.mistakes, func(has mistake) bool { return has.Reason == refused.Reason && has.Message == message(m) })
		if !told {
			v.add(document{file: v.blueprintFile, first: 1, text: d.text[:0]}, "", refused.Reason, m)
		}
	}
}

// take gives a name to a claim, or says who has it.
func (v *validation) take(d document, title, field, name string) {
	if holder, taken := v.names[name]; taken {
		v.add(d, title, "NameTaken", fmt.Sprintf("%s: %s belongs to %s", field, name, holder))
		return
	}
	v.names[name] = fmt.Sprintf("%s in %s", title, d.file)
}

func (v *validation) add(d document, title, reason, text string) {
	v.tell(levelError, d, title, reason, text)
}

func (v *validation) warn(d document, title, text string) {
	v.tell(levelWarning, d, title, "Lifetime", text)
}

func (v *validation) tell(level string, d document, title, reason, text string) {
	v.mistakes = append(v.mistakes, mistake{
		Level: level, File: d.file, Line: d.line(fieldOf(text)), Claim: title, Reason: reason, Field: fieldOf(text), Message: message(text),
	})
}

// field at the beginning of a text, such as spec.tags[cost center].
var field = regexp.MustCompile(`^[A-Za-z]+(\.[A-Za-z]+|\[[^\]]*\])*: `)

// fieldOf returns the field that a text begins with, if it does.
func fieldOf(text string) string { return strings.TrimSuffix(field.FindString(text), ": ") }

func message(text string) string { return strings.TrimPrefix(text, fieldOf(text)+": ") }

// unknownField puts the field that a decoder names at the beginning.
func unknownField(text string) string {
	if field, ok := strings.CutPrefix(text, "unknown field "); ok {
		return strings.Trim(field, `"`) + ": unknown field; see the claim's reference for those there are"
	}
	return text
}

func titleOf(raw map[string]any) string {
	metadata, _ := raw["metadata"].(map[string]any)
	return fmt.Sprintf("%v/%v", metadata["namespace"], metadata["name"])
}
