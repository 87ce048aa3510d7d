// Program plumbline is for people who write claims and Blueprints.
package main

import (
	"github.com/alecthomas/kong"
)

type program struct {
	Render    renderCommand    `cmd:"" help:"Show what claims become, without a control plane."`
	Adopt     adoptCommand     `cmd:"" help:"Draft the claim of a service that runs already, and say how it is taken over."`
	Status    statusCommand    `cmd:"" help:"Show what became of claims on a control plane."`
	Blueprint blueprintCommand `cmd:"" help:"Check and explain the platform team's Blueprint."`
	Validate  validateCommand  `cmd:"" help:"Find the mistakes of claims, without a control plane."`
	Catalog   catalogCommand   `cmd:"" help:"Say what claims became in the words of a Backstage catalog."`
	Score     scoreCommand     `cmd:"" help:"Hold environments against what a platform team wants of each."`
	Plan      planCommand      `cmd:"" help:"Say what claims would change on a control plane, before they are merged."`
	Trace     traceCommand     `cmd:"" help:"Say which claim a thing was made for, and which line in Git."`
	Stamp     stampCommand     `cmd:"" help:"Print claims with the commit that each is of, for what applies them."`
}

func main() {
	ctx := kong.Parse(&program{},
		kong.Name("plumbline"),
		kong.Description("Gives a service what it needs around it, from one small file."),
		kong.UsageOnError(),
	)
	ctx.FatalIfErrorf(ctx.Run())
}
