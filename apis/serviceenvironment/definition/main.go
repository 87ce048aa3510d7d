// Program definition writes the schema and the printer columns of the Go types
// into definition.yaml, from the line that says so to the end of the file. It runs
// where "go generate ./apis" runs it, in the folder apis.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/internal/generate"
)

const (
	types = "./serviceenvironment/v1alpha1"
	tools = "../test/tools/go.mod"
	claim = "ServiceEnvironment"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "definition:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	crd, err := read(ctx)
	if err != nil {
		return err
	}
	return generate.WriteAfter(generate.Definition, map[string]any{"versions": []any{version(crd)}})
}

// read runs controller-gen, which knows the kubebuilder markers.
func read(ctx context.Context) (*apiextensionsv1.CustomResourceDefinition, error) {
	cmd := exec.CommandContext(ctx, "go", "tool", "-modfile="+tools, "controller-gen",
		"crd:crdVersions=v1", "paths="+types, "output:crd:stdout")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot run controller-gen: %w", err)
	}
	for doc := range bytes.SplitSeq(out, []byte("\n---\n")) {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal(doc, crd); err != nil {
			return nil, fmt.Errorf("cannot read controller-gen's answer: %w", err)
		}
		if crd.Spec.Names.Kind == claim {
			return crd, nil
		}
	}
	return nil, fmt.Errorf("cannot find kind %q in controller-gen's answer", claim)
}

// version is the XRD's version. Crossplane adds apiVersion, kind and metadata to
// the schema itself.
func version(crd *apiextensionsv1.CustomResourceDefinition) map[string]any {
	v := crd.Spec.Versions[0]
	schema := v.Schema.OpenAPIV3Schema
	for _, machinery := range []string{"apiVersion", "kind", "metadata"} {
		delete(schema.Properties, machinery)
	}
	return map[string]any{
		"name":                     v.Name,
		"served":                   true,
		"referenceable":            true,
		"additionalPrinterColumns": v.AdditionalPrinterColumns,
		"schema":                   map[string]any{"openAPIV3Schema": schema},
	}
}
