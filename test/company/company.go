// Package company runs what a company has around its control plane, on loopback: a Git
// server with the repository of examples/gitops, the GitOps engine that follows it, the
// feed of the catalog, and a Backstage with the templates of examples/backstage.
//
//	form → branch → review → main → engine → environment → feed → catalog
//
// The programs are the real ones: git serves the repository, the engine is Argo CD's
// (test/binaries/gitops), the feed is "plumbline catalog serve" with the rights that
// examples/backstage gives it, and Backstage is installed from npm, as the lock files of
// test/backstage pin it. Not real: a pull request is a branch, which somebody merges with
// git, and the page signs nobody in.
package company

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// Options of a company.
type Options struct {
	// Root of the repository.
	Root string
	// Dir holds the Git repository, templates and kubeconfigs. It is made.
	Dir string
	// Plane is the control plane that the company has. What is started ends with it.
	Plane *controlplane.ControlPlane
	// Report shows the stages to people.
	Report controlplane.Reporter
}

// A Company is all of it, running.
type Company struct {
	Addresses

	Options

	git  *gitServer
	page *http.Server
}

// Addresses are where a Company is found, by other processes as well.
type Addresses struct {
	Git       Repository `json:"git"`
	Remote    string     `json:"remote"`         // URL of the repository.
	Feed      string     `json:"feed"`           // URL of the feed of the catalog.
	Backstage Backstage  `json:"backstage"`      // The backend.
	Page      string     `json:"page,omitempty"` // URL of Backstage's page, if it is installed.
}

// A stage takes a company one step further.
type stage struct {
	name string
	run  func(context.Context) error
}

// Start starts a company.
func Start(ctx context.Context, o Options) (*Company, error) {
	c := &Company{Options: o}
	if err := Installed(o.Root); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil { //nolint:gosec // Nothing in it is secret.
		return nil, fmt.Errorf("cannot make folder %q: %w", o.Dir, err)
	}
	for _, stage := range []stage{
		{"build plumbline", c.buildProgram},
		{"publish a Git repository", c.publish},
		{"start a GitOps engine", c.startEngine},
		{"start the feed of the catalog", c.startFeed},
		{"start Backstage", c.startBackstage},
		{"serve Backstage's page", c.servePage},
	} {
		done := o.Report.Begin(stage.name)
		err := stage.run(ctx)
		done(err)
		if err != nil {
			c.Stop()
			return nil, fmt.Errorf("cannot %s: %w", stage.name, err)
		}
	}
	return c, nil
}

// Stop stops what runs in this process. The programs end with the control plane.
func (c *Company) Stop() {
	if c.git != nil {
		c.git.close()
	}
	if c.page != nil {
		_ = c.page.Close()
	}
}

// Program is plumbline, as it was built.
func (c *Company) Program() string { return filepath.Join(c.Dir, "plumbline") }

// Kubeconfig is that of the feed, which may only read.
func (c *Company) Kubeconfig() string { return filepath.Join(c.Dir, "reader.kubeconfig") }

// Templates is the folder of the templates as this company has them.
func (c *Company) Templates() string { return filepath.Join(c.Dir, "templates") }

// Installed says what misses for a company.
func Installed(root string) error {
	for _, program := range []string{"node", "git"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("cannot find program %s: %w", program, err)
		}
	}
	if _, err := os.Stat(filepath.Join(home(root), "node_modules", "@backstage", "backend-defaults")); err != nil {
		return errors.New("Backstage is not installed; run: make test-backstage, which needs Node and npm")
	}
	if _, err := os.Stat(engine(root)); err != nil {
		return errors.New("program gitops is not built; run: make test-gitops")
	}
	return nil
}

// home is where Backstage is installed.
func home(root string) string { return filepath.Join(root, ".cache", "backstage") }

func engine(root string) string { return filepath.Join(root, ".cache", "bin", "gitops") }

func (c *Company) buildProgram(ctx context.Context) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", c.Program(), "./cmd/plumbline") //nolint:gosec // Ours.
	build.Dir = c.Root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close() //nolint:errcheck // It is only to find the port.
	return l.Addr().String(), nil
}
