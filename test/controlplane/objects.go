package controlplane

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"io"
	"os"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane/apis/v2"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

//go:embed manifests
var manifests embed.FS

// addToScheme adds the kinds that the supervisor reads and writes as Go types.
func addToScheme(s *runtime.Scheme) error {
	return errors.Join(clientgoscheme.AddToScheme(s), apis.AddToScheme(s), apiextensionsv1.AddToScheme(s))
}

func namespace(name string) client.Object {
	return &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
	}
}

// decodeYAML returns the objects of a YAML stream.
func decodeYAML(b []byte) ([]client.Object, error) {
	var out []client.Object
	r := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(b)))
	for {
		doc, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, errors.Wrap(err, "cannot read YAML")
		}
		u := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(doc, &u.Object); err != nil {
			return nil, errors.Wrap(err, "cannot parse YAML")
		}
		if len(u.Object) > 0 {
			out = append(out, u)
		}
	}
}

// ApplyFiles applies every object of YAML files.
func (c *ControlPlane) ApplyFiles(ctx context.Context, files ...string) error {
	for _, f := range files {
		b, err := os.ReadFile(f) //nolint:gosec // Named by whoever runs the control plane.
		if err != nil {
			return errors.Wrap(err, "cannot read manifest")
		}
		objects, err := decodeYAML(b)
		if err != nil {
			return errors.Wrapf(err, "cannot decode %q", f)
		}
		if err := c.apply(ctx, objects...); err != nil {
			return errors.Wrapf(err, "cannot apply %q", f)
		}
	}
	return nil
}

// applyManifest applies one of the manifests built into this program.
func (c *ControlPlane) applyManifest(ctx context.Context, name string) error {
	b, err := manifests.ReadFile("manifests/" + name)
	if err != nil {
		return errors.Wrap(err, "cannot read manifest")
	}
	objects, err := decodeYAML(b)
	if err != nil {
		return errors.Wrapf(err, "cannot decode %q", name)
	}
	return errors.Wrapf(c.apply(ctx, objects...), "cannot apply %q", name)
}

// apply applies objects in order. It waits for a kind that the server does not
// know yet, as right after its definition was created.
func (c *ControlPlane) apply(ctx context.Context, objects ...client.Object) error {
	for _, o := range objects {
		u, err := toUnstructured(o)
		if err != nil {
			return err
		}
		err = c.supervisor.poll(ctx, func(ctx context.Context) error {
			err := c.client.Apply(ctx, client.ApplyConfigurationFromUnstructured(u.DeepCopy()), client.ForceOwnership)
			if meta.IsNoMatchError(err) {
				return err
			}
			return permanent(err)
		})
		if err != nil {
			return errors.Wrapf(err, "cannot apply %s %q", u.GetKind(), u.GetName())
		}
	}
	return nil
}

func toUnstructured(o client.Object) (*unstructured.Unstructured, error) {
	if u, ok := o.(*unstructured.Unstructured); ok {
		return u, nil
	}
	m, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	return &unstructured.Unstructured{Object: m}, errors.Wrap(err, "cannot convert object")
}
