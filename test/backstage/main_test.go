// Package backstage takes a developer's way through a real Backstage: a form, a commit
// in a real Git repository, an environment that a GitOps engine makes of it on a real
// control plane, and its entities in the catalog. Package company says what is real.
package backstage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/test/company"
	"github.com/plumbline-dev/plumbline/test/controlplane"
)

const (
	// patience is what anything may take on a busy machine. It only ends a test that
	// has failed: every wait ends as soon as what it waits for is true.
	patience = 2 * time.Minute
	tick     = 100 * time.Millisecond
)

// here is what all tests share; starting it takes longer than they do.
var here *company.Company

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return 0, err
	}
	if err := errors.Join(controlplane.Built(root), company.Installed(root)); err != nil {
		return 0, controlplane.Skip("the tests of Backstage", err)
	}
	dir, err := os.MkdirTemp("", "plumbline-backstage")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // A folder for temporary files.
	ctx, report := context.Background(), controlplane.NewReporter(os.Stdout)
	plane, err := controlplane.Start(ctx, controlplane.Options{
		Root: root, Dir: filepath.Join(root, ".cache", "controlplane", "backstage"), Report: report,
	})
	if err != nil {
		return 0, err
	}
	defer plane.Stop()
	if here, err = company.Start(ctx, company.Options{Root: root, Dir: dir, Plane: plane, Report: report}); err != nil {
		return 0, err
	}
	defer here.Stop()
	return m.Run(), nil
}

// eventually waits until check misses nothing.
func eventually(ctx context.Context, check func() string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		missing := check()
		if missing == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s", missing)
		case <-ticker.C:
		}
	}
}
