package kubernetes

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/test/controlplane"
	"github.com/plumbline-dev/plumbline/test/door"
)

const root = "../../.."

// defined are the kinds that somebody defines. A definition is read when an object of
// its kind is first seen: some are of a megabyte.
type defined struct {
	files []string
	doors map[schema.GroupVersionKind]door.Door
}

func definitions(tb testing.TB) *defined {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(root, "package", "provider", "crds", "*.yaml"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("cannot find the definitions of our own kinds: %v", err)
	}
	neighbours, err := controlplane.NeighbourFiles(tb.Context(), root)
	if err != nil {
		tb.Fatal(err)
	}
	return &defined{files: append(files, neighbours...), doors: map[schema.GroupVersionKind]door.Door{}}
}

// door returns that of a kind. The file of a definition has the plural of its kind, and
// its group, in its name.
func (d *defined) door(kind schema.GroupVersionKind) (door.Door, error) {
	if known, ok := d.doors[kind]; ok {
		return known, nil
	}
	beginning := strings.ToLower(kind.Kind[:min(len(kind.Kind), 3)]) // Of its plural too.
	for _, file := range d.files {
		name := filepath.Base(file)
		if !strings.Contains(name, beginning) || !strings.Contains(name, kind.Group) {
			continue
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		text, err := os.ReadFile(file)
		if err != nil {
			return door.Door{}, err
		}
		if err := yaml.Unmarshal(text, crd); err != nil {
			return door.Door{}, fmt.Errorf("cannot read %q: %w", file, err)
		}
		if crd.Spec.Names.Kind != kind.Kind || crd.Spec.Group != kind.Group {
			continue
		}
		d.doors[kind], err = door.New(crd, kind.Version)
		return d.doors[kind], err
	}
	return door.Door{}, fmt.Errorf("no definition of %s is known", kind)
}
