package kubernetes

import (
	"os"
	"path/filepath"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/test/controlplane"
	"github.com/plumbline-dev/plumbline/test/door"
)

const root = "../../.."

// doors of all kinds that are defined, by apiVersion and kind.
func doors(tb testing.TB) map[string]door.Door {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(root, "package", "provider", "crds", "*.yaml"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("cannot find the definitions of our own kinds: %v", err)
	}
	neighbours, err := controlplane.NeighbourFiles(tb.Context(), root)
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string]door.Door{}
	for _, file := range append(files, neighbours...) {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		if err := yaml.Unmarshal(text, crd); err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
		for _, v := range crd.Spec.Versions {
			d, err := door.New(crd, v.Name)
			if err != nil {
				tb.Fatal(err)
			}
			out[crd.Spec.Group+"/"+v.Name+"/"+crd.Spec.Names.Kind] = d
		}
	}
	return out
}
