package controlplane

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
)

// Versions of the real programs. test/binaries pins the same in go.mod, which a
// program does not know of itself: Crossplane refuses packages that constrain
// its version, and kubectl warns, unless the linker tells them.
const (
	crossplaneVersion = "v2.4.0"
	kubernetesVersion = "v1.35.3"
)

// A binary is a program and the Go package that it is built from.
type binary struct {
	name   string
	module string // Folder of the Go module, from the root of the repository.
	pkg    string
}

// binaries lists every program of a control plane, in the order they are built.
// The go command's cache decides what a build costs: minutes once, then nothing.
func binaries() []binary {
	const plane = "test/binaries/controlplane"
	return []binary{
		{"etcd", plane, "./etcd"},
		{"kube-apiserver", plane, "k8s.io/kubernetes/cmd/kube-apiserver"},
		{"kube-controller-manager", plane, "k8s.io/kubernetes/cmd/kube-controller-manager"},
		{"kubectl", plane, "k8s.io/kubernetes/cmd/kubectl"},
		{"crossplane", plane, "github.com/crossplane/crossplane/v2/cmd/crossplane"},
		{"crossplane-rbac", plane, "./rbac"},
		{"cert-manager", "test/binaries/certmanager", "."},
		{"external-dns", "test/binaries/externaldns", "sigs.k8s.io/external-dns"},
		{"coredns", "test/binaries/coredns", "."},
		{"kong-ingress-controller", "test/binaries/kong", "github.com/kong/kubernetes-ingress-controller/v3/internal/cmd"},
		{"standins", ".", "./test/standins/cmd/standins"},
		{"function-service-environment", ".", "./functions/serviceenvironment"},
		{"provider-plumbline", ".", "./provider"},
	}
}

// build builds a program into a folder.
func (b binary) build(ctx context.Context, root, dir string) error {
	const version = "github.com/crossplane/crossplane-runtime/v2/pkg/version.version="
	const component = "k8s.io/component-base/version."
	ldflags := "-s -w -X " + version + crossplaneVersion +
		" -X " + component + "gitVersion=" + kubernetesVersion +
		" -X " + component + "gitMajor=1 -X " + component + "gitMinor=35"
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", ldflags, "-o", filepath.Join(dir, b.name), b.pkg) //nolint:gosec // Its arguments are the list above.
	cmd.Dir = filepath.Join(root, b.module)
	// Without cgo the programs run on any Linux, as in the packages' images.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	return errors.Wrapf(err, "cannot build %s: %s", b.name, bytes.TrimSpace(out))
}

// Build builds every program of a control plane from the repository at root
// into its cache folder, and reports each to w.
func Build(ctx context.Context, root string, report Reporter) error {
	dir := binDir(root)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // Nothing in it is secret.
		return errors.Wrapf(err, "cannot make folder %q", dir)
	}
	for _, b := range binaries() {
		done := report.Begin("build " + b.name)
		err := b.build(ctx, root, dir)
		done(err)
		if err != nil {
			return err
		}
	}
	return nil
}

// Built returns an error that names the first program that is not built.
func Built(root string) error {
	for _, b := range binaries() {
		if _, err := os.Stat(filepath.Join(binDir(root), b.name)); err != nil {
			return errors.Errorf("program %s is not built; run: make build", b.name)
		}
	}
	return nil
}

// Skip says that tests do not run, and for want of what. Where CI=true all that tests
// need is there, and what is missing is an error.
func Skip(tests string, missing error) error {
	if os.Getenv("CI") == "true" {
		return missing
	}
	fmt.Println(tests, "did not run:", missing)
	return nil
}

func binDir(root string) string { return filepath.Join(root, ".cache", "bin") }
