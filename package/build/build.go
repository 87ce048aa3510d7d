// Package build makes Plumbline's Crossplane packages, with the programs they
// run inside, without a container engine. Crossplane's own builder lints what it
// packs, so that a package that Crossplane would refuse is never made. The same
// sources make the same bytes.
package build

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/xpkg"
	"github.com/crossplane/crossplane-runtime/v2/pkg/xpkg/parser"
	"github.com/crossplane/crossplane-runtime/v2/pkg/xpkg/parser/examples"
	"github.com/crossplane/crossplane-runtime/v2/pkg/xpkg/parser/yaml"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
)

// Repository is where releases of the packages are published.
const Repository = "xpkg.plumbline.dev/plumbline"

// A Package is one Crossplane package: its metadata, the objects it installs,
// and the program that it runs.
type Package struct {
	// Name of the package, and of its program.
	Name string
	// Sources are the metadata and the objects, as patterns of files from the root
	// of the repository.
	Sources []string
	// Examples are files that show how to use what the package installs.
	Examples []string
	// Program is the Go package of the program. A Configuration has none.
	Program string
}

// Packages lists all packages, each after those it depends on.
func Packages() []Package {
	return []Package{
		{
			Name:    "function-service-environment",
			Sources: []string{"package/function/crossplane.yaml"},
			Program: "./functions/serviceenvironment",
		},
		{
			Name:    "provider-plumbline",
			Sources: []string{"package/provider/crossplane.yaml", "package/provider/crds/*.yaml"},
			Program: "./provider",
		},
		{
			Name:     "configuration-service-environment",
			Sources:  []string{"crossplane.yaml", "apis/serviceenvironment/definition.yaml", "apis/serviceenvironment/composition.yaml"},
			Examples: []string{"examples/*/claim.yaml"},
		},
	}
}

// Image returns the image of a package for one architecture of Linux, built from
// the repository at root.
func (p Package) Image(ctx context.Context, root, architecture string) (v1.Image, error) {
	base := empty.Image
	if p.Program != "" {
		var err error
		if base, err = runtimeImage(ctx, root, p, architecture); err != nil {
			return nil, errors.Wrapf(err, "cannot make runtime image of %s", p.Name)
		}
	}
	source, err := concatenate(root, p.Sources)
	if err != nil {
		return nil, err
	}
	shown, err := concatenate(root, p.Examples)
	if err != nil {
		return nil, err
	}
	pkgs, err := yaml.New()
	if err != nil {
		return nil, errors.Wrap(err, "cannot make package parser")
	}
	builder := xpkg.New(parser.NewEchoBackend(source), parser.NewEchoBackend(shown), pkgs, examples.New())
	img, _, err := builder.Build(ctx, xpkg.WithBase(base))
	if err != nil {
		return nil, errors.Wrapf(err, "cannot build package %s", p.Name)
	}
	img, err = xpkg.AnnotateLayers(img)
	return img, errors.Wrapf(err, "cannot annotate layers of %s", p.Name)
}

// concatenate returns the files that match the patterns as one YAML stream.
func concatenate(root string, patterns []string) (string, error) {
	var b strings.Builder
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			return "", errors.Errorf("cannot find any file %q in %q", pattern, root)
		}
		for _, f := range files {
			content, err := os.ReadFile(f) //nolint:gosec // A file of the repository.
			if err != nil {
				return "", errors.Wrap(err, "cannot read source of package")
			}
			b.WriteString("---\n")
			b.Write(content)
			b.WriteString("\n")
		}
	}
	return b.String(), nil
}
