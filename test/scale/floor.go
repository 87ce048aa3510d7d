package scale

import (
	"context"
	"io/fs"
	"net"
	"path/filepath"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	pkgv1 "github.com/crossplane/crossplane/apis/v2/pkg/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/test/controlplane"
	"github.com/plumbline-dev/plumbline/test/scale/floor"
)

func floorClaims() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "floor.plumbline.dev", Version: "v1alpha1", Resource: "floorenvironments"}
}

// installFloor installs what the bare engine is measured with.
func (w *world) installFloor(ctx context.Context, dir string) error {
	endpoint, err := w.serveFloor(ctx, dir)
	if err != nil {
		return err
	}
	if err := w.createRevision(ctx, endpoint); err != nil {
		return err
	}
	files, err := fs.Glob(floor.Manifests, "*.yaml")
	if err != nil {
		return err
	}
	for _, f := range files {
		b, err := floor.Manifests.ReadFile(f)
		if err != nil {
			return err
		}
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(b, &o.Object); err != nil {
			return errors.Wrapf(err, "cannot parse %q", f)
		}
		if err := client.IgnoreAlreadyExists(w.k.Create(ctx, o)); err != nil {
			return errors.Wrapf(err, "cannot create %s", o.GetKind())
		}
	}
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: "floor.plumbline.dev", Version: "v1alpha1", Kind: "FloorEnvironmentList"})
	var missing error
	waited := every(ctx, look, func() bool { missing = w.k.List(ctx, list); return missing == nil })
	return errors.Join(waited, missing)
}

// serveFloor serves the function in this process, with a certificate that Crossplane
// trusts.
func (w *world) serveFloor(ctx context.Context, dir string) (string, error) {
	ca := &corev1.Secret{}
	if err := w.k.Get(ctx, client.ObjectKey{Namespace: "crossplane-system", Name: "crossplane-root-ca"}, ca); err != nil {
		return "", errors.Wrap(err, "cannot read the authority of Crossplane")
	}
	certificates := filepath.Join(dir, floor.FunctionName)
	if err := controlplane.WriteServerCertificate(certificates, floor.FunctionName, ca); err != nil {
		return "", err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", errors.Wrap(err, "cannot find a free port")
	}
	endpoint := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", err
	}
	go func() { _ = floor.Serve(endpoint, certificates) }() // Without it no claim becomes Ready, which says so.
	return endpoint, nil
}

// createRevision tells Crossplane where the function is. There is no package: its
// revision is paused, so that Crossplane does not look for one. One that is there is
// from a run that was interrupted.
func (w *world) createRevision(ctx context.Context, endpoint string) error {
	r := &pkgv1.FunctionRevision{
		ObjectMeta: metav1.ObjectMeta{
			Name:        floor.FunctionName,
			Labels:      map[string]string{pkgv1.LabelParentPackage: floor.FunctionName},
			Annotations: map[string]string{"crossplane.io/paused": "true"},
		},
		Spec: pkgv1.FunctionRevisionSpec{PackageRevisionSpec: pkgv1.PackageRevisionSpec{
			DesiredState: pkgv1.PackageRevisionActive, Package: "xpkg.example.org/floor/function:v0", Revision: 1,
		}},
	}
	if err := client.IgnoreAlreadyExists(w.k.Create(ctx, r)); err != nil {
		return errors.Wrap(err, "cannot create the revision of the function")
	}
	var missing error
	waited := every(ctx, look, func() bool {
		if missing = w.k.Get(ctx, client.ObjectKeyFromObject(r), r); missing != nil {
			return false
		}
		r.Status.Endpoint = endpoint
		r.Status.Capabilities = []string{"composition"}
		missing = w.k.Status().Update(ctx, r)
		return missing == nil
	})
	return errors.Join(waited, missing)
}

// floorCommitter makes claims of as many objects as those of the mix become.
func floorCommitter(m *Mix, objects func(number int) int) committer {
	return func(number int) (client.Object, error) {
		c, err := m.Claim(number)
		if err != nil {
			return nil, err
		}
		o := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"objects": int64(objects(number))}}}
		o.SetGroupVersionKind(schema.GroupVersionKind{Group: "floor.plumbline.dev", Version: "v1alpha1", Kind: "FloorEnvironment"})
		o.SetNamespace(c.GetNamespace())
		o.SetName(c.GetName())
		return o, nil
	}
}
