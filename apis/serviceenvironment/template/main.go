// Program template writes the forms of examples/backstage from the schema in
// definition.yaml: what may be asked, and how an answer becomes a claim. It runs where
// "go generate ./apis" runs it, in the folder apis.
//
// In each template.yaml it writes what follows the line that says so; the lines before
// it are a platform team's own.
package main

import (
	"bytes"
	"fmt"
	"os"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

const (
	source   = "serviceenvironment/definition.yaml"
	create   = "../examples/backstage/create/template.yaml"
	edit     = "../examples/backstage/edit/template.yaml"
	skeleton = "../examples/backstage/create/skeleton/teams/${{ values.team }}/${{ values.spec.environment }}/${{ values.spec.service }}.yaml"
	marker   = "    # What follows is generated"
	newline  = '\n'
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "template:", err)
		os.Exit(1)
	}
}

func run() error {
	spec, err := readSpec()
	if err != nil {
		return err
	}
	if err := writeForm(create, pages(spec, forNew)); err != nil {
		return err
	}
	if err := writeForm(edit, pages(spec, forChange)); err != nil {
		return err
	}
	return os.WriteFile(skeleton, claim(spec), 0o644) //nolint:gosec // It is source, which everybody may read.
}

func readSpec() (apiextensionsv1.JSONSchemaProps, error) {
	b, err := os.ReadFile(source)
	if err != nil {
		return apiextensionsv1.JSONSchemaProps{}, err
	}
	var xrd struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema apiextensionsv1.JSONSchemaProps `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(b, &xrd); err != nil {
		return apiextensionsv1.JSONSchemaProps{}, fmt.Errorf("cannot parse %q: %w", source, err)
	}
	return xrd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"], nil
}

// writeForm puts pages where the marker says, at the end of a template.
func writeForm(file string, pages []page) error {
	old, err := os.ReadFile(file) //nolint:gosec // A template of this repository.
	if err != nil {
		return err
	}
	start := bytes.Index(old, []byte(marker))
	if start < 0 {
		return fmt.Errorf("cannot find %q in %q", marker, file)
	}
	form, err := yaml.Marshal(pages)
	if err != nil {
		return fmt.Errorf("cannot write the form of %q: %w", file, err)
	}
	out := bytes.NewBuffer(bytes.Clone(old[:start+bytes.IndexByte(old[start:], newline)+1]))
	for line := range bytes.Lines(form) {
		out.WriteString("    ")
		out.Write(line)
	}
	return os.WriteFile(file, out.Bytes(), 0o644) //nolint:gosec // It is source, which everybody may read.
}
