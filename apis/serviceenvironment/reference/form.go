package main

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/internal/generate"
)

const formTarget = "serviceenvironment/form.json"

// writeForm writes form.json: the schema of a claim's spec without what only Kubernetes
// understands, and with ui:order, by which forms of react-jsonschema-form, as in
// Backstage, order fields. A schema of Kubernetes knows no order.
func writeForm() error {
	properties, err := generate.Schema()
	if err != nil {
		return err
	}
	spec := properties["spec"]
	schema, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&spec)
	if err != nil {
		return err
	}
	order, err := formOrder()
	if err != nil {
		return err
	}
	form(schema, "", order)
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(formTarget, append(text, '\n'), 0o644) //nolint:gosec // It is documentation, which everybody may read.
}

// formOrder returns the names below each path, in the order of the Go types.
func formOrder() (map[string][]any, error) {
	fields, err := serviceenvironment.ClaimFields()
	if err != nil {
		return nil, err
	}
	order := map[string][]any{}
	for _, f := range fields {
		parent, name := "", f.Path
		if i := strings.LastIndex(f.Path, "."); i >= 0 {
			parent, name = f.Path[:i], f.Path[i+1:]
		}
		order[parent] = append(order[parent], name)
	}
	return order, nil
}

// form makes a form's schema of Kubernetes' own.
func form(schema map[string]any, path string, order map[string][]any) {
	maps.DeleteFunc(schema, func(key string, _ any) bool { return strings.HasPrefix(key, "x-kubernetes-") })
	if said, ok := schema["description"].(string); ok {
		schema["description"] = strings.Join(strings.Fields(said), " ")
	}
	if example, ok := schema["example"]; ok {
		schema["examples"] = []any{example}
		delete(schema, "example")
	}
	if items, ok := schema["items"].(map[string]any); ok {
		form(items, path+"[]", order)
	}
	if values, ok := schema["additionalProperties"].(map[string]any); ok {
		form(values, path+"[<name>]", order)
	}
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		return
	}
	schema["ui:order"] = order[path]
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if property, ok := properties[name].(map[string]any); ok {
			form(property, strings.TrimPrefix(path+"."+name, "."), order)
		}
	}
}
