// Package provider runs the shipped provider program against a real API server
// and stand-ins for its backends, and checks the world: what the backends hold,
// and what the resources say. It sees only what a user sees.
//
// Tests run one after another, each with a provider process of its own, because
// every provider reconciles every resource of the API server.
package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	custody "github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/test/controlplane"
)

var (
	// plane is the API server that all tests share.
	plane *controlplane.ControlPlane
	// kube is its administrator's client.
	kube client.Client
	// program is the provider, built from the source.
	program string
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return 0, err
	}
	if err := controlplane.Built(root); err != nil {
		return 0, controlplane.Skip("the tests of the provider", err)
	}
	dir := filepath.Join(root, ".cache", "controlplane", "provider-test")
	ctx := context.Background()
	plane, err = controlplane.StartKubernetes(ctx, controlplane.Options{Root: root, Dir: dir})
	if err != nil {
		return 0, err
	}
	defer plane.Stop()
	if kube, err = newClient(); err != nil {
		return 0, err
	}
	crds, err := filepath.Glob(filepath.Join(root, "package", "provider", "crds", "*.yaml"))
	if err != nil || len(crds) == 0 {
		return 0, fmt.Errorf("cannot find the provider's CRDs: %w", err)
	}
	if err := plane.ApplyFiles(ctx, crds...); err != nil {
		return 0, err
	}
	program = filepath.Join(dir, "provider-plumbline")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./provider") //nolint:gosec // Its arguments are ours.
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("cannot build the provider: %w: %s", err, out)
	}
	return m.Run(), nil
}

func newClient() (client.Client, error) {
	s := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(s), elasticsearch.AddToScheme(s), entra.AddToScheme(s), custody.AddToScheme(s)); err != nil {
		return nil, err
	}
	return client.New(plane.Config(), client.Options{Scheme: s})
}
