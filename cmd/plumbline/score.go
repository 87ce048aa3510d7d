package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/score"
)

// scoreCommand holds environments against what a platform team wants of each.
type scoreCommand struct {
	Name       string `arg:"" optional:"" help:"ServiceEnvironment to look at. Without it all of the team."`
	Team       string `short:"n" help:"Namespace of the team. Left out, all teams."`
	Output     string `short:"o" enum:"table,json" default:"table" help:"table is for people, json for programs."`
	connection `embed:""`
}

// Help is shown below the flags.
func (scoreCommand) Help() string {
	return `Looks at what a claim says, at its quota and certificates, and at what was changed outside, and says of each check in a
sentence why it passes or fails, and who acts. It only reads, and makes one request for each kind, however many claims there are.
The exit code is 0 if every check passes, and 1 if one fails.

Examples:
  plumbline score -n payments
  plumbline score checkout-prod -n payments -o json`
}

// Run prints the card of each claim.
func (c scoreCommand) Run() error {
	plane, err := c.controlPlane()
	if err != nil {
		return err
	}
	return c.score(context.Background(), plane, os.Stdout)
}

// A scored environment.
type scored struct {
	Claim       string     `json:"claim"`
	Environment string     `json:"environment"`
	Passed      int        `json:"passed"`
	Checks      score.Card `json:"checks"`
}

func (c scoreCommand) score(ctx context.Context, plane inventory.ControlPlane, out io.Writer) error {
	blueprint, err := blueprintOf(ctx, plane)
	if err != nil {
		return err
	}
	list, err := plane.Claims(ctx, c.Team)
	if err != nil {
		return err
	}
	world, err := plane.World(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b inventory.Claim) int { return strings.Compare(a.Title(), b.Title()) })
	all, failed := []scored{}, 0
	for _, claim := range list {
		if c.Name != "" && claim.Name != c.Name {
			continue
		}
		card := score.InWorld(claim, blueprint, world, time.Now())
		failed += len(card) - card.Passed()
		all = append(all, scored{Claim: claim.Title(), Environment: claim.Environment(), Passed: card.Passed(), Checks: card})
	}
	if c.Name != "" && len(all) == 0 {
		return fmt.Errorf("cannot find ServiceEnvironment %q", c.Name)
	}
	if err := c.print(out, all); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d checks of %d environments fail", failed, len(all))
	}
	return nil
}

func (c scoreCommand) print(out io.Writer, all []scored) error {
	if c.Output == "json" {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(all)
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	for _, s := range all {
		_, _ = fmt.Fprintf(table, "%s: %d of %d\n", s.Claim, s.Passed, len(s.Checks))
		for _, r := range s.Checks {
			mark := "✗"
			if r.Pass {
				mark = "✓"
			}
			_, _ = fmt.Fprintf(table, "  %s %s\t%s\t%s\n", mark, r.Check, who(r.WhoActs), r.Sentence)
		}
	}
	return table.Flush()
}
