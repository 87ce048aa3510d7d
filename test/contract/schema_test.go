package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	xpextv1 "github.com/crossplane/crossplane/apis/v2/apiextensions/v1"
	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func definition(t testing.TB) *xpextv1.CompositeResourceDefinition {
	t.Helper()
	xrd := &xpextv1.CompositeResourceDefinition{}
	if err := yaml.UnmarshalStrict(serviceenvironment.Definition, xrd); err != nil {
		t.Fatalf("definition.yaml is an XRD: %v", err)
	}
	return xrd
}

// TestSchemaIsTheGoTypes compares the schema with the Go types both ways, field by
// field, by reflection: it shares nothing with the generator.
func TestSchemaIsTheGoTypes(t *testing.T) {
	schema := apiextensionsv1.JSONSchemaProps{}
	if err := json.Unmarshal(definition(t).Spec.Versions[0].Schema.OpenAPIV3Schema.Raw, &schema); err != nil {
		t.Fatal(err)
	}
	want, got := map[string]string{}, map[string]string{}
	ofType(reflect.TypeFor[v1alpha1.ServiceEnvironmentSpec](), "spec", want)
	ofType(reflect.TypeFor[v1alpha1.ServiceEnvironmentStatus](), "status", want)
	ofSchema(schema.Properties["spec"], "spec", got)
	ofSchema(schema.Properties["status"], "status", got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\nThe XRD offers what the Go types read, and nothing else; run \"go generate ./apis\".\n-types, +definition.yaml:\n%s", diff)
	}
}

// ofType writes each field's path, kind and whether it must be there.
func ofType(t reflect.Type, path string, out map[string]string) {
	if t == reflect.TypeFor[apiextensionsv1.JSON]() {
		out[path] = "object of any fields"
		return
	}
	switch t.Kind() {
	case reflect.Bool:
		out[path] = "boolean"
	case reflect.Pointer:
		ofType(t.Elem(), path, out)
	case reflect.Struct:
		out[path] = "object, requires " + strings.Join(requiredFields(t), " ")
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			ofType(f.Type, path+"."+name, out)
		}
	case reflect.Slice:
		out[path] = "array"
		ofType(t.Elem(), path+"[]", out)
	case reflect.Map:
		out[path] = "map"
		ofType(t.Elem(), path+"{}", out)
	case reflect.Int32, reflect.Int64:
		out[path] = "integer " + t.Kind().String()
	default:
		out[path] = t.Kind().String()
	}
}

func requiredFields(t reflect.Type) []string {
	var out []string
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !strings.Contains(options, "omitempty") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func ofSchema(s apiextensionsv1.JSONSchemaProps, path string, out map[string]string) {
	switch {
	case s.Type == "object" && s.XPreserveUnknownFields != nil:
		out[path] = "object of any fields"
	case s.Type == "object" && s.AdditionalProperties != nil:
		out[path] = "map"
		ofSchema(*s.AdditionalProperties.Schema, path+"{}", out)
	case s.Type == "object":
		slices.Sort(s.Required)
		out[path] = "object, requires " + strings.Join(s.Required, " ")
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			ofSchema(s.Properties[name], path+"."+name, out)
		}
	case s.Type == "array":
		out[path] = "array"
		ofSchema(*s.Items.Schema, path+"[]", out)
	case s.Type == "integer":
		out[path] = "integer " + s.Format
	default:
		out[path] = s.Type
	}
}

// TestSchemaExplains holds that every field of the claim has a description, and every
// one that a form shows a title.
func TestSchemaExplains(t *testing.T) {
	schema := apiextensionsv1.JSONSchemaProps{}
	if err := json.Unmarshal(definition(t).Spec.Versions[0].Schema.OpenAPIV3Schema.Raw, &schema); err != nil {
		t.Fatal(err)
	}
	// The function bounds these, and Elasticsearch knows what may be in them.
	checked := []string{"spec.search.indices[].mappings", "spec.search.streams[].mappings"}
	var check func(s apiextensionsv1.JSONSchemaProps, path string, form bool)
	check = func(s apiextensionsv1.JSONSchemaProps, path string, form bool) {
		for name, p := range s.Properties {
			here := path + "." + name
			if p.Description == "" {
				t.Errorf("kubectl explain says what %s is", here)
			}
			if form && p.Title == "" {
				t.Errorf("a form has a title for %s", here)
			}
			if p.XPreserveUnknownFields != nil && !slices.Contains(checked, here) {
				t.Errorf("%s lets nothing in that nobody checks", here)
			}
			check(p, here, form)
		}
		if s.Items != nil {
			check(*s.Items.Schema, path+"[]", form)
		}
	}
	check(schema.Properties["spec"], "spec", true)
	check(schema.Properties["status"], "status", false)
}

// TestForm holds that the definition which Crossplane makes of the XRD, and which a
// portal reads, has all that a form shows: a title and a description of each field, and
// of each that takes a value an example or the values that there are. Crossplane keeps
// them, but for those of spec itself.
func TestForm(t *testing.T) {
	claim, _ := crds(t)
	served := claim.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	own := apiextensionsv1.JSONSchemaProps{}
	if err := json.Unmarshal(definition(t).Spec.Versions[0].Schema.OpenAPIV3Schema.Raw, &own); err != nil {
		t.Fatal(err)
	}
	leaves := 0
	for name := range own.Properties["spec"].Properties { // Crossplane adds fields of its own.
		leaves += checkForm(t, "spec."+name, served.Properties[name])
	}
	if leaves < 60 {
		t.Errorf("a claim has 60 fields that take values, got %d", leaves)
	}
}

// TestFormOrder holds that form.json orders every field of every object, what everybody
// sets first, and that no form sees what only Kubernetes understands.
func TestFormOrder(t *testing.T) {
	form := map[string]any{}
	read(t, "../../apis/serviceenvironment/form.json", &form)
	objects := 0
	var check func(path string, v any)
	check = func(path string, v any) {
		schema, isObject := v.(map[string]any)
		if !isObject {
			return
		}
		if properties, ok := schema["properties"].(map[string]any); ok {
			objects++
			var order []string
			for _, name := range schema["ui:order"].([]any) {
				order = append(order, name.(string))
				check(path+"."+name.(string), properties[name.(string)])
			}
			slices.Sort(order)
			if diff := cmp.Diff(slices.Sorted(maps.Keys(properties)), order); diff != "" {
				t.Errorf("\n%s: each field has its place.\n-fields, +ui:order:\n%s", path, diff)
			}
		}
		for key := range schema {
			if strings.HasPrefix(key, "x-kubernetes-") {
				t.Errorf("%s has %s, which no form understands", path, key)
			}
		}
		check(path+"[]", schema["items"])
	}
	check("spec", form)
	if first := form["ui:order"].([]any); objects < 15 || first[0] != "service" || first[1] != "environment" {
		t.Errorf("a form begins with service and environment, and has 15 objects at least, got %d and %v", objects, first)
	}
}

// checkForm returns how many fields take a value at a field and below it.
func checkForm(t *testing.T, path string, s apiextensionsv1.JSONSchemaProps) int {
	t.Helper()
	if s.Title == "" || s.Description == "" {
		t.Errorf("a form shows title and description of %s, got %q and %q", path, s.Title, s.Description)
	}
	value := s
	for value.Items != nil || value.AdditionalProperties != nil {
		if value.Items != nil {
			value = *value.Items.Schema
		} else {
			value = *value.AdditionalProperties.Schema
		}
	}
	if len(value.Properties) == 0 {
		if len(value.Enum) == 0 && value.Example == nil && s.Example == nil {
			t.Errorf("a form shows an example or the values of %s", path)
		}
		return 1
	}
	leaves := 0
	for name, p := range value.Properties {
		leaves += checkForm(t, path+"."+name, p)
	}
	return leaves
}

// TestColumns holds that the claim's columns tell its story, and that none is one
// that Crossplane adds itself.
func TestColumns(t *testing.T) {
	var got []string
	for _, c := range definition(t).Spec.Versions[0].AdditionalPrinterColumns {
		got = append(got, fmt.Sprintf("%s %s", c.Name, c.Type))
	}
	if diff := cmp.Diff([]string{"ENVIRONMENT string", "ACCEPTED string", "URL string", "SUMMARY string"}, got); diff != "" {
		t.Errorf("\nThe columns are an API too.\n-want, +got:\n%s", diff)
	}
}
