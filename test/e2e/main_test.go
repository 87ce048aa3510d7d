// Package e2e takes claims through a whole control plane and checks the world:
// what Kubernetes, Elasticsearch and Entra ID hold afterwards, and what the claim
// says of it. It sees only what a user sees.
package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// plane is the control plane that all tests share; starting it takes longer than
// most of them.
var plane *controlplane.ControlPlane

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	log.SetLogger(logr.Discard()) // What the API server warns of is not what is tested.
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return 0, err
	}
	if err := controlplane.Built(root); err != nil {
		return 0, controlplane.Skip("the end-to-end tests", err)
	}
	plane, err = controlplane.Start(context.Background(), controlplane.Options{
		Root: root, Dir: filepath.Join(root, ".cache", "controlplane", "e2e"),
		Report: controlplane.NewReporter(os.Stdout),
	})
	if err != nil {
		return 0, err
	}
	defer plane.Stop()
	return m.Run(), nil
}
