// Package generate is what the programs share that write files from the claim's schema.
// They run where "go generate ./apis" runs them, in the folder apis.
package generate

import (
	"bytes"
	"fmt"
	"os"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// Definition is the CompositeResourceDefinition, which holds the schema.
const Definition = "serviceenvironment/definition.yaml"

const marker = "# What follows is generated"

// Schema returns the schema's properties: those of spec, and of status.
func Schema() (map[string]apiextensionsv1.JSONSchemaProps, error) {
	b, err := os.ReadFile(Definition)
	if err != nil {
		return nil, err
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
		return nil, fmt.Errorf("cannot parse %q: %w", Definition, err)
	}
	return xrd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties, nil
}

// WriteAfter replaces what follows the line of a YAML file that says so, to the end of
// the file, by a value, indented as that line is.
func WriteAfter(file string, value any) error {
	old, err := os.ReadFile(file) //nolint:gosec // A file of this repository.
	if err != nil {
		return err
	}
	y, err := yaml.Marshal(value)
	if err != nil {
		return fmt.Errorf("cannot write %q: %w", file, err)
	}
	head, _, found := bytes.Cut(old, []byte(marker))
	if !found {
		return fmt.Errorf("cannot find %q in %q", marker, file)
	}
	indent := head[bytes.LastIndexByte(head, '\n')+1:]
	line, _, _ := bytes.Cut(old[len(head):], []byte("\n"))
	out := bytes.NewBuffer(bytes.Clone(old[:len(head)+len(line)]))
	out.WriteByte('\n')
	for line := range bytes.Lines(y) {
		out.Write(indent)
		out.Write(line)
	}
	return os.WriteFile(file, out.Bytes(), 0o644) //nolint:gosec // It is source, which everybody may read.
}
