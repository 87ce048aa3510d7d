package build

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// nobody is the numeric user that the programs run as: a name would need an
// /etc/passwd, which the image does not have, and runAsNonRoot wants a number.
const nobody = "65532"

// runtimeImage returns an image that holds nothing but the package's program,
// linked statically.
func runtimeImage(ctx context.Context, root string, p Package, architecture string) (v1.Image, error) {
	program, err := compile(ctx, root, p, architecture)
	if err != nil {
		return nil, err
	}
	layer, err := programLayer(p.Name, program)
	if err != nil {
		return nil, err
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, errors.Wrap(err, "cannot append layer")
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, errors.Wrap(err, "cannot read configuration of image")
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", architecture
	config.Config = v1.Config{Entrypoint: []string{"/" + p.Name}, User: nobody}
	img, err = mutate.ConfigFile(img, config)
	return img, errors.Wrap(err, "cannot configure image")
}

// compile returns the program of a package. The paths of the machine and the
// version control are left out, so that the same sources make the same bytes.
func compile(ctx context.Context, root string, p Package, architecture string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "plumbline-build-")
	if err != nil {
		return nil, errors.Wrap(err, "cannot make folder")
	}
	defer os.RemoveAll(dir) //nolint:errcheck // A leftover in the temporary folder harms nobody.
	out := filepath.Join(dir, p.Name)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", out, p.Program) //nolint:gosec // Its arguments are the list of packages.
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture)
	if b, err := cmd.CombinedOutput(); err != nil {
		return nil, errors.Wrapf(err, "cannot compile %s: %s", p.Program, bytes.TrimSpace(b))
	}
	program, err := os.ReadFile(out) //nolint:gosec // Just written.
	return program, errors.Wrap(err, "cannot read program")
}

// programLayer returns a layer with one executable file, without a time stamp.
func programLayer(name string, program []byte) (v1.Layer, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(program)), Typeflag: tar.TypeReg})
	if err != nil {
		return nil, errors.Wrap(err, "cannot write layer")
	}
	_, err1 := w.Write(program)
	if err := errors.Join(err1, w.Close()); err != nil {
		return nil, errors.Wrap(err, "cannot write layer")
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(b.Bytes())), nil
	})
	return layer, errors.Wrap(err, "cannot make layer")
}
