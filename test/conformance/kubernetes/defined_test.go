package kubernetes

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
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

// undefined are groups of kinds that examples have and whose definitions no Go module
// holds that could be pinned, with the reason.
var undefined = map[string]string{
	"redhatcop.redhat.io": "the Go module proxy serves no version of github.com/redhat-cop/vault-config-operator; test/e2e/testdata has the fields that the example sets, by its documentation",
}

// extraFiles are where modules keep the definitions of kinds that extras have.
func extraFiles() map[string]string {
	return map[string]string{
		"github.com/argoproj/argo-cd/v3":                     "manifests/crds/appproject-crd.yaml",
		"github.com/bitnami-labs/sealed-secrets":             "helm/sealed-secrets/crds/bitnami.com_sealedsecrets.yaml",
		"github.com/external-secrets/external-secrets":       "config/crds/bases/external-secrets.io_*.yaml",
		"github.com/prometheus-operator/prometheus-operator": "example/prometheus-operator-crd/monitoring.coreos.com_*.yaml",
		"istio.io/api": "kubernetes/customresourcedefinitions.gen.yaml",
	}
}

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

// withExtras adds the definitions of kinds that extras have, from the modules that the
// Go module in definitions pins.
func (d *defined) withExtras(tb testing.TB) *defined {
	tb.Helper()
	args := []string{"mod", "download", "-json"}
	for module := range extraFiles() {
		args = append(args, module)
	}
	cmd := exec.CommandContext(tb.Context(), "go", args...) //nolint:gosec // Its arguments are ours.
	cmd.Dir = "definitions"
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("cannot download the definitions of extras: %v\n%s", err, out)
	}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var module struct{ Path, Dir string }
		if err := decoder.Decode(&module); errors.Is(err, io.EOF) {
			return d
		} else if err != nil {
			tb.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(module.Dir, extraFiles()[module.Path]))
		if err != nil || len(files) == 0 {
			tb.Fatalf("cannot find definitions in module %s: %v", module.Path, err)
		}
		d.files = append(d.files, files...)
	}
}

// door returns that of a kind.
func (d *defined) door(kind schema.GroupVersionKind) (door.Door, error) {
	if known, ok := d.doors[kind]; ok {
		return known, nil
	}
	for _, file := range d.files {
		text, err := os.ReadFile(file)
		if err != nil {
			return door.Door{}, err
		}
		for document := range strings.SplitSeq(string(text), "\n---") {
			// A look at the text is cheaper than to read what defines another kind.
			if !strings.Contains(document, "kind: "+kind.Kind+"\n") || !strings.Contains(document, "group: "+kind.Group+"\n") {
				continue
			}
			crd := &apiextensionsv1.CustomResourceDefinition{}
			if err := yaml.Unmarshal([]byte(document), crd); err != nil {
				return door.Door{}, fmt.Errorf("cannot read %q: %w", file, err)
			}
			if crd.Spec.Names.Kind == kind.Kind && crd.Spec.Group == kind.Group {
				d.doors[kind], err = door.New(crd, kind.Version)
				return d.doors[kind], err
			}
		}
	}
	return door.Door{}, fmt.Errorf("no definition of %s is known", kind)
}
