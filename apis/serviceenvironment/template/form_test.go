package main

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/internal/generate"
)

func spec(t *testing.T) apiextensionsv1.JSONSchemaProps {
	t.Helper()
	t.Chdir("../..") // Where "go generate" runs the program.
	schema, err := generate.Schema()
	if err != nil {
		t.Fatal(err)
	}
	return schema["spec"]
}

// TestPages holds that no field of the claim is forgotten, and none is asked twice.
func TestPages(t *testing.T) {
	s := spec(t)
	all := slices.Sorted(maps.Keys(s.Properties))
	cases := map[string]struct {
		reason   string
		why      purpose
		want     []string
		required []string
	}{
		"New": {"A form for a new claim asks for everything, and demands what the claim must say", forNew, all, s.Required},
		"Change": {
			"A form for a change asks for what can change, and demands nothing", forChange,
			slices.DeleteFunc(slices.Clone(all), func(name string) bool { return name == "service" || name == "environment" }), nil,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var asked, required []string
			for _, p := range pages(s, tc.why) {
				asked, required = append(asked, p.Order...), append(required, p.Required...)
				if len(p.Order) != len(p.Properties) {
					t.Errorf("page %s asks each field once", p.Title)
				}
			}
			if !slices.Equal(tc.want, slices.Sorted(slices.Values(asked))) {
				t.Errorf("%s: want %v, got %v", tc.reason, tc.want, asked)
			}
			if !slices.Equal(slices.Sorted(slices.Values(tc.required)), slices.Sorted(slices.Values(required))) {
				t.Errorf("%s: want required %v, got %v", tc.reason, tc.required, required)
			}
		})
	}
}

// TestQuestions holds that a form checks what the schema checks, all the way down.
func TestQuestions(t *testing.T) {
	var compare func(path string, field apiextensionsv1.JSONSchemaProps, q map[string]any)
	compare = func(path string, field apiextensionsv1.JSONSchemaProps, q map[string]any) {
		if field.Pattern != "" && q["pattern"] != field.Pattern {
			t.Errorf("%s has its pattern, got %v", path, q["pattern"])
		}
		if len(field.Enum) > 0 && len(q["enum"].([]any)) != len(field.Enum) {
			t.Errorf("%s has its values, got %v", path, q["enum"])
		}
		if required, _ := q["required"].([]string); !slices.Equal(required, field.Required) {
			t.Errorf("%s demands what it must have, got %v", path, required)
		}
		for key := range q {
			if strings.HasPrefix(key, "x-") {
				t.Errorf("%s holds nothing that only Kubernetes knows, got %s", path, key)
			}
		}
		if field.Items != nil {
			compare(path+"[]", *field.Items.Schema, q["items"].(map[string]any))
		}
		for _, name := range inOrder(field) {
			compare(path+"."+name, field.Properties[name], q["properties"].(map[string]any)[name].(map[string]any))
		}
	}
	s := spec(t)
	compare("spec", s, question(s))
}

// TestSkeleton holds that every question has its place in the claim, and every
// condition its end.
func TestSkeleton(t *testing.T) {
	s := spec(t)
	text := string(claim(s))
	for name := range s.Properties {
		if !strings.Contains(text, "\n  "+name+":") {
			t.Errorf("field %s has its place", name)
		}
	}
	for _, word := range []string{"if", "for"} {
		if begun, ended := strings.Count(text, "{% "+word+" "), strings.Count(text, "{% end"+word+" "); begun != ended {
			t.Errorf("each %s ends: %d begin, %d end", word, begun, ended)
		}
	}
	committed, err := os.ReadFile(skeleton)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(committed) {
		t.Error("the committed skeleton is what the schema makes of it; run: make generate")
	}
}
