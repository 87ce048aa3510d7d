package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/catalog"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/feed"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

type catalogCommand struct {
	Print printCatalogCommand `cmd:"" default:"withargs" help:"Print the Backstage entities of claims."`
	Serve serveCatalogCommand `cmd:"" help:"Serve the Backstage entities of the claims on a control plane."`
}

type printCatalogCommand struct {
	Paths      []string `arg:"" optional:"" name:"path" help:"Files and folders with ServiceEnvironments; - reads standard input. Without any, the control plane is asked."`
	Team       string   `short:"n" help:"Namespace of the team whose claims are meant. Left out, those of all teams."`
	Blueprint  string   `placeholder:"BLUEPRINT.YAML" help:"File with the EnvironmentConfig plumbline-blueprint, for claims of files. Without it the built-in Blueprint applies."`
	Config     string   `placeholder:"CATALOG.YAML" help:"File that says who owns what a team has, and which links there are."`
	Output     string   `short:"o" enum:"yaml,json" default:"yaml" help:"yaml is what Backstage reads, json a list for other programs."`
	connection `embed:""`
}

// Help is shown below the flags.
func (printCatalogCommand) Help() string {
	return `Prints a Component for each environment, a System for each service, and Resources for namespace, group, indices, data
streams, routes and certificates. Of a control plane they tell the live state too; of files they tell what the claims will
become. It only reads, and makes one request for all claims.

Examples:
  plumbline catalog teams/ --blueprint platform/blueprint.yaml > catalog-info.yaml
  plumbline catalog -n payments -o json`
}

// Run prints the entities.
func (c printCatalogCommand) Run() error { return c.print(context.Background(), os.Stdin, os.Stdout) }

func (c printCatalogCommand) print(ctx context.Context, in io.Reader, out io.Writer) error {
	config, err := readCatalogConfig(c.Config)
	if err != nil {
		return err
	}
	list, blueprint, err := c.read(ctx, in)
	if err != nil {
		return err
	}
	write := catalog.Readable
	if c.Output == "json" {
		write = catalog.JSON
	}
	text, err := write(catalog.Entities(list, blueprint, config))
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

func (c printCatalogCommand) read(ctx context.Context, in io.Reader) ([]inventory.Claim, v1alpha1.Blueprint, error) {
	if len(c.Paths) > 0 {
		return claimsOfFiles(c.Paths, c.Team, c.Blueprint, in)
	}
	plane, err := c.controlPlane()
	if err != nil {
		return nil, v1alpha1.Blueprint{}, err
	}
	blueprint, err := blueprintOf(ctx, plane)
	if err != nil {
		return nil, v1alpha1.Blueprint{}, err
	}
	list, err := plane.Claims(ctx, c.Team)
	return list, blueprint, err
}

type serveCatalogCommand struct {
	Listen     string `default:"127.0.0.1:7008" help:"Address to serve at."`
	Config     string `placeholder:"CATALOG.YAML" help:"File that says who owns what a team has, and which links there are."`
	connection `embed:""`
}

// Help is shown below the flags.
func (serveCatalogCommand) Help() string {
	return `Serves what "plumbline catalog" prints, for a location of type url:

  /catalog.yaml               the entities of all teams
  /teams/<team>/catalog.yaml  those of one
  /facts.json                 the checks of every environment, for Tech Insights
  /healthz                    whether the server is alive

It only reads, keeps nothing, and answers 304 where nothing changed. It asks for no credentials, as Backstage sends none: let
nobody but Backstage reach it.`
}

// Run serves until it is interrupted.
func (c serveCatalogCommand) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config, err := readCatalogConfig(c.Config)
	if err != nil {
		return err
	}
	plane, err := c.controlPlane()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	f := feed.Feed{
		Source: plane, Config: config, Now: time.Now, Log: log,
		Blueprint: func(ctx context.Context) (v1alpha1.Blueprint, error) { return blueprintOf(ctx, plane) },
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen at %q: %w", c.Listen, err)
	}
	log.Info("serving the catalog", "address", "http://"+listener.Addr().String()+"/catalog.yaml")
	return serve(ctx, listener, f.Handler())
}

// serve ends when the context does, after the requests that it is at.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	const patience = 10 * time.Second
	server := &http.Server{Handler: handler, ReadHeaderTimeout: patience}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return fmt.Errorf("cannot end all requests: %w", err)
	}
	return nil
}

func readCatalogConfig(file string) (catalog.Config, error) {
	if file == "" {
		return catalog.ParseConfig(nil)
	}
	text, err := os.ReadFile(file) //nolint:gosec // The user names the file to read.
	if err != nil {
		return catalog.Config{}, err
	}
	config, err := catalog.ParseConfig(text)
	if err != nil {
		return catalog.Config{}, fmt.Errorf("cannot use %q: %w", file, err)
	}
	return config, nil
}

// blueprintOf reads the Blueprint as the function would.
func blueprintOf(ctx context.Context, plane inventory.ControlPlane) (v1alpha1.Blueprint, error) {
	config, err := plane.Blueprint(ctx)
	if err != nil {
		return v1alpha1.Blueprint{}, err
	}
	return usable(config)
}

// usable returns a Blueprint without mistakes.
func usable(config map[string]any) (v1alpha1.Blueprint, error) {
	blueprint, mistakes, err := rehearsal.Blueprint(config)
	if len(mistakes) > 0 {
		err = errors.New(strings.Join(mistakes, "; "))
	}
	return blueprint, err
}

// claimsOfFiles rehearses the claims of files, to know what they will become.
func claimsOfFiles(paths []string, team, blueprintFile string, in io.Reader) ([]inventory.Claim, v1alpha1.Blueprint, error) {
	raw, err := readBlueprint(blueprintFile)
	if err != nil {
		return nil, v1alpha1.Blueprint{}, err
	}
	blueprint, err := usable(raw)
	if err != nil {
		return nil, v1alpha1.Blueprint{}, fmt.Errorf("cannot use %q: %w", blueprintFile, err)
	}
	var list []inventory.Claim
	var mistakes []error
	holders := map[string]string{}
	for _, path := range paths {
		read, err := claimsBelow(path, in)
		if err != nil {
			return nil, v1alpha1.Blueprint{}, err
		}
		for _, c := range read {
			if team != "" && c.Namespace != team {
				continue
			}
			result, err := rehearsal.Run(c, raw, time.Now())
			claim := inventory.Claim{ObjectMeta: c.ObjectMeta, Spec: c.Spec, Status: inventory.Status{ServiceEnvironmentStatus: result.Status}}
			if holder, taken := holders[claim.Environment()]; taken {
				err = fmt.Errorf("environment %q is that of %s already", claim.Environment(), holder)
			}
			if err != nil {
				mistakes = append(mistakes, fmt.Errorf("%s: %w", claim.Title(), err))
			}
			holders[claim.Environment()] = claim.Title()
			list = append(list, claim)
		}
	}
	return list, blueprint, errors.Join(mistakes...)
}

// claimsBelow reads the claims of a file or folder, and passes over what is not
// Plumbline's.
func claimsBelow(path string, in io.Reader) ([]*v1alpha1.ServiceEnvironment, error) {
	documents, err := readDocuments(path, in)
	if err != nil {
		return nil, err
	}
	var list []*v1alpha1.ServiceEnvironment
	for _, d := range documents {
		raw, err := d.raw()
		if err != nil {
			return nil, err
		}
		if raw["kind"] != v1alpha1.ServiceEnvironmentGroupVersionKind.Kind {
			continue
		}
		claim, err := readClaim(raw)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s from line %d: %w", d.file, d.first, err)
		}
		list = append(list, claim)
	}
	return list, nil
}
