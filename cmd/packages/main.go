// Command packages builds Plumbline's Crossplane packages into a folder, one
// .xpkg file for each package and architecture, as `crossplane xpkg push` and
// `crossplane xpkg extract` take them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/alecthomas/kong"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/plumbline-dev/plumbline/package/build"
)

type cli struct {
	Root          string   `default:"."                help:"Root of the repository."                   type:"existingdir"`
	Output        string   `default:"_output/packages" help:"Folder to write the packages to."`
	Version       string   `default:"v0.1.0"           help:"Version of the packages, a semantic version."`
	Architectures []string `default:"amd64,arm64"      help:"Architectures of Linux to build for."`
}

func main() {
	c := &cli{}
	k := kong.Parse(c, kong.Name("packages"), kong.Description("Build Plumbline's Crossplane packages."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	k.FatalIfErrorf(c.run(ctx))
}

func (c *cli) run(ctx context.Context) error {
	if err := os.MkdirAll(c.Output, 0o755); err != nil { //nolint:gosec // Packages are public.
		return errors.Wrap(err, "cannot make output folder")
	}
	for _, p := range build.Packages() {
		for _, arch := range c.Architectures {
			file, err := c.write(ctx, p, arch)
			if err != nil {
				return err
			}
			fmt.Println(file)
		}
	}
	return nil
}

func (c *cli) write(ctx context.Context, p build.Package, arch string) (string, error) {
	img, err := p.Image(ctx, c.Root, arch)
	if err != nil {
		return "", err
	}
	tag, err := name.NewTag(build.Repository + "/" + p.Name + ":" + c.Version)
	if err != nil {
		return "", errors.Wrap(err, "cannot name package")
	}
	file := filepath.Join(c.Output, fmt.Sprintf("%s-%s-linux-%s.xpkg", p.Name, c.Version, arch))
	return file, errors.Wrapf(tarball.WriteToFile(file, tag, img), "cannot write %q", file)
}
