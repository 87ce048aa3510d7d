// Package backstage takes a developer's way through a real Backstage: a form, a
// commit in a real Git repository, an environment on a real control plane, and its
// entities in the catalog.
//
// The backend is Backstage's own, from npm, as backend/package-lock.json pins it. Not
// real: the pull request is a branch that the test merges, and the test applies what
// was merged as a GitOps engine would.
package backstage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// here is what all tests share; starting it takes longer than they do.
var here *world

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
	if err := errors.Join(controlplane.Built(root), installed(root)); err != nil {
		if os.Getenv("CI") == "true" {
			return 0, err
		}
		fmt.Println("the tests of Backstage did not run:", err)
		return 0, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	dir, err := os.MkdirTemp("", "plumbline-backstage")
	if err != nil {
		cancel()
		return 0, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // A folder for temporary files.
	here = &world{root: root, dir: dir, report: controlplane.NewReporter(os.Stdout)}
	defer here.stop(cancel)
	if err := here.start(ctx); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// installed says what misses of Backstage.
func installed(root string) error {
	for _, program := range []string{"node", "git"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("program %s is not there: %w", program, err)
		}
	}
	if _, err := os.Stat(filepath.Join(root, ".cache", "backstage", "node_modules", "@backstage", "backend-defaults")); err != nil {
		return errors.New("Backstage is not installed; run: make test-backstage, which needs Node and npm")
	}
	return nil
}
