package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

// renderCommand runs the function's own code on claims.
type renderCommand struct {
	File      string `short:"f" required:"" placeholder:"CLAIM.YAML" help:"File with one or more ServiceEnvironments; - reads standard input."`
	Blueprint string `placeholder:"BLUEPRINT.YAML" help:"File with the EnvironmentConfig plumbline-blueprint. Without it the built-in Blueprint applies."`
	Output    string `short:"o" enum:"yaml,table" default:"yaml" help:"yaml prints the resources as they are applied; table lists them, with the pass in which each is created."`
}

// Help is shown below the flags.
func (renderCommand) Help() string {
	return `Runs the very code of the composition function until nothing changes any more, and prints every resource that the
claims become, the namespace first. Each pass is given what the last one asked for, as a control plane would show it
once all is well: the namespace active, indices and group ready, routes served. The object id of the group is all
zeros, since only Entra ID knows it.

A claim or Blueprint with mistakes renders nothing. Every mistake is printed with the path of its field, and the exit
code is 1. Whether a name is taken, or a member exists, only a control plane can tell.

Examples:
  plumbline render -f claim.yaml --blueprint blueprint.yaml
  cat payments/*.yaml | plumbline render -f - -o table`
}

// Run prints all claims, or all mistakes of all claims.
func (c renderCommand) Run() error { return c.render(os.Stdin, os.Stdout, os.Stderr) }

func (c renderCommand) render(in io.Reader, out, problems io.Writer) error {
	blueprint, err := readBlueprint(c.Blueprint)
	if err != nil {
		return err
	}
	claims, err := readClaims(c.File, in)
	if err != nil {
		return err
	}
	var rendered []rendering
	refused := 0
	for _, claim := range claims {
		title := claim.GetNamespace() + "/" + claim.GetName()
		result, err := rehearsal.Run(claim, blueprint, time.Now())
		var refusal *rehearsal.RefusedError
		switch {
		case errors.As(err, &refusal):
			refused++
			for _, mistake := range refusal.Mistakes {
				_, _ = fmt.Fprintf(problems, "%s: %s: %s\n", title, refusal.Reason, mistake)
			}
		case err != nil:
			return fmt.Errorf("cannot render %s: %w", title, err)
		default:
			rendered = append(rendered, rendering{title: title, result: result})
		}
	}
	if refused > 0 {
		return fmt.Errorf("cannot render %d of %d claims", refused, len(claims))
	}
	if c.Output == "table" {
		return printTable(out, rendered)
	}
	return printYAML(out, rendered)
}
