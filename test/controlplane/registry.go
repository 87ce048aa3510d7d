package controlplane

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	pkgv1beta1 "github.com/crossplane/crossplane/apis/v2/pkg/v1beta1"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/package/build"
)

// packageVersion is the version under which the control plane serves packages.
const packageVersion = "v0.1.0"

// A registryServer is a registry of OCI images, in memory, on loopback.
type registryServer struct {
	address string
	server  *http.Server
}

func startRegistry() (*registryServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It returns at once.
	if err != nil {
		return nil, errors.Wrap(err, "cannot listen")
	}
	r := &registryServer{
		address: l.Addr().String(),
		server: &http.Server{
			Handler:           registry.New(registry.Logger(log.New(io.Discard, "", 0))),
			ReadHeaderTimeout: time.Minute,
		},
	}
	go r.server.Serve(l) //nolint:errcheck // It ends when it is closed.
	return r, nil
}

func (r *registryServer) close() { _ = r.server.Close() }

// servePackages builds the packages, pushes them to a registry of our own, and
// tells Crossplane to look there for what is published elsewhere.
func (c *ControlPlane) servePackages(ctx context.Context) error {
	r, err := startRegistry()
	if err != nil {
		return err
	}
	c.registry = r
	for _, p := range build.Packages() {
		img, err := p.Image(ctx, c.opts.Root, runtime.GOARCH)
		if err != nil {
			return err
		}
		ref, err := name.ParseReference(r.address + "/plumbline/" + p.Name + ":" + packageVersion)
		if err != nil {
			return errors.Wrap(err, "cannot name image")
		}
		if err := remote.Write(ref, img, remote.WithContext(ctx)); err != nil {
			return errors.Wrapf(err, "cannot push %s", p.Name)
		}
	}
	host, _, _ := strings.Cut(build.Repository, "/")
	return c.apply(ctx, &pkgv1beta1.ImageConfig{
		TypeMeta:   metav1.TypeMeta{APIVersion: pkgv1beta1.SchemeGroupVersion.String(), Kind: "ImageConfig"},
		ObjectMeta: metav1.ObjectMeta{Name: "local-registry"},
		Spec: pkgv1beta1.ImageConfigSpec{
			MatchImages:  []pkgv1beta1.ImageMatch{{Type: pkgv1beta1.Prefix, Prefix: host}},
			RewriteImage: &pkgv1beta1.ImageRewrite{Prefix: r.address},
		},
	})
}
