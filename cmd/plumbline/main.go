// Program plumbline is for people who write claims and Blueprints.
package main

import (
	"github.com/alecthomas/kong"
)

type program struct {
	Render    renderCommand    `cmd:"" help:"Show what claims become, without a control plane."`
	Blueprint blueprintCommand `cmd:"" help:"Check and explain the platform team's Blueprint."`
}

func main() {
	ctx := kong.Parse(&program{},
		kong.Name("plumbline"),
		kong.Description("Gives a service what it needs around it, from one small file."),
		kong.UsageOnError(),
	)
	ctx.FatalIfErrorf(ctx.Run())
}
