// Command controlplane runs a whole control plane with Plumbline on this
// machine: see package test/controlplane for what it is made of.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/plumbline-dev/plumbline/test/company"
	"github.com/plumbline-dev/plumbline/test/controlplane"
)

type cli struct {
	Root string `default:"."    help:"Root of the repository."                                                type:"existingdir"`
	Name string `default:"demo" help:"Name of the control plane; those with different names run side by side."`

	Build struct{} `cmd:"" help:"Build the programs of a control plane. It takes minutes once."`
	Up    struct{} `cmd:"" help:"Start a control plane and leave it running."`
	Demo  around   `cmd:"" help:"Start a control plane, apply the claims of examples/, and show what became of them."`
	Show  struct{} `cmd:"" help:"Show what became of the claims on a running control plane."`
	Down  struct{} `cmd:"" help:"Stop a control plane."`
	Serve around   `cmd:"" help:"Run a control plane in the foreground."`

	Scale scaleFlags `cmd:"" help:"Measure what many claims cost, on control planes of its own. Interrupted, it goes on where it stopped."`

	Provider providerFlags `cmd:"" help:"Measure the provider as it is shipped with many resources, on control planes that have nothing else."`

	Capture struct {
		Dir string `default:"functions/expand/testdata" help:"Folder that the requests are written to." type:"existingdir"`
	} `cmd:"" help:"Write down what Crossplane asks the function of the production example, on a control plane that is new."`
}

// around is what runs around a control plane.
type around struct {
	Backstage bool     `help:"Run a Git server, a GitOps engine and a Backstage beside it, and take an environment from the form to the catalog."`
	Without   []string `enum:"cert-manager,dns,kong" help:"Neighbours to leave out, of cert-manager, dns and kong. What they would make of a claim is not made then."`
	AsShipped bool     `help:"Have programs log, and look for changes, as they do by themselves, and not as a demo has it."`
}

func main() {
	c := &cli{}
	k := kong.Parse(c, kong.Name("controlplane"), kong.UsageOnError(),
		kong.Description("Run a whole control plane with Plumbline on this machine."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := filepath.Abs(c.Root)
	k.FatalIfErrorf(err)
	p := place{root: root, name: c.Name}
	k.FatalIfErrorf(c.run(ctx, k.Command(), p))
}

func (c *cli) run(ctx context.Context, command string, p place) error {
	switch command {
	case "build":
		return controlplane.Build(ctx, p.root, controlplane.NewReporter(os.Stdout))
	case "up":
		return up(ctx, p, around{}, controlplane.NewReporter(os.Stdout))
	case "demo":
		return demo(ctx, p, c.Demo)
	case "show":
		return show(ctx, p)
	case "scale":
		return measure(ctx, p, c.Scale)
	case "provider":
		return burden(ctx, p, c.Provider)
	case "capture":
		return capture(ctx, p, c.Capture.Dir)
	case "down":
		return down(p)
	default:
		return serve(ctx, p, c.Serve)
	}
}

// serve runs a control plane until it is told to stop, or one of its programs dies.
func serve(ctx context.Context, p place, a around) error {
	report := controlplane.NewReporter(os.Stdout)
	plane, err := controlplane.Start(ctx, controlplane.Options{Root: p.root, Dir: p.dir(), Without: a.Without, AsShipped: a.AsShipped, Report: report})
	if err != nil {
		return err
	}
	defer plane.Stop()
	f := facts{Metrics: plane.Metrics(), AuditLog: plane.AuditLog(), Without: a.Without}
	if a.Backstage {
		c, err := company.Start(ctx, company.Options{Root: p.root, Dir: filepath.Join(p.dir(), "company"), Plane: plane, Report: report})
		if err != nil {
			return err
		}
		defer c.Stop()
		f.Company = &c.Addresses
	}
	f.PIDs = plane.PIDs()
	if err := writeFacts(p, f); err != nil {
		return err
	}
	defer os.Remove(p.ready()) //nolint:errcheck // The next start removes it with the folder.
	fmt.Println("The control plane is up.")
	return plane.Wait(ctx)
}
