package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// TestWithLookups holds that every zone of the example has its hosts looked up, and is
// otherwise as it was.
func TestWithLookups(t *testing.T) {
	text, err := os.ReadFile("../../examples/blueprint.yaml")
	if err != nil {
		t.Fatal(err)
	}
	before, got := &unstructured.Unstructured{}, &unstructured.Unstructured{}
	for _, b := range []*unstructured.Unstructured{before, got} {
		if err := yaml.Unmarshal(text, &b.Object); err != nil {
			t.Fatal(err)
		}
	}
	if err := withLookups(got, "127.0.0.1:5353"); err != nil {
		t.Fatal(err)
	}
	zones, _, _ := unstructured.NestedMap(got.Object, "data", "routing", "zones")
	if len(zones) < 2 {
		t.Fatalf("the example has more zones than one, got %d", len(zones))
	}
	for name := range zones {
		path := []string{"data", "routing", "zones", name, "dns", "lookup"}
		lookup, _, _ := unstructured.NestedMap(got.Object, path...)
		if diff := cmp.Diff(map[string]any{"server": "127.0.0.1:5353", "ownerID": "local"}, lookup); diff != "" {
			t.Errorf("zone %s is looked up: -want, +got:\n%s", name, diff)
		}
		unstructured.RemoveNestedField(got.Object, path...)
	}
	if diff := cmp.Diff(before.Object, got.Object); diff != "" {
		t.Errorf("all else stays: -before, +after:\n%s", diff)
	}
}
