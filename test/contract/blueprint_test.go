package contract

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// TestBlueprintFields compares the Blueprint's documentation with the Go types that
// the function decodes, by reflection: it shares nothing with the reader of comments.
func TestBlueprintFields(t *testing.T) {
	fields, err := serviceenvironment.BlueprintFields()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fields {
		got = append(got, f.Path)
		if f.Description == "" || !strings.HasSuffix(f.Description, ".") {
			t.Errorf("%s is explained in sentences, got %q", f.Path, f.Description)
		}
	}
	want := append([]string{"apiVersion", "kind"}, paths(reflect.TypeFor[v1alpha1.Blueprint](), "")...)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\nEvery field is documented, and nothing else.\n-types, +documented:\n%s", diff)
	}
}

// paths returns the path of each field of a type of ours.
func paths(of reflect.Type, prefix string) []string {
	if of.PkgPath() != reflect.TypeFor[v1alpha1.Blueprint]().PkgPath() {
		return nil
	}
	var out []string
	for f := range of.Fields() {
		if f.Anonymous {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		path, inner := prefix+name, f.Type
		for inner.Kind() == reflect.Map || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			path += map[reflect.Kind]string{reflect.Map: "[<" + strings.ToLower(key(inner)) + ">]", reflect.Slice: "[]"}[inner.Kind()]
			inner = inner.Elem()
		}
		out = append(out, prefix+name)
		if inner.Kind() == reflect.Struct {
			out = append(out, paths(inner, path+".")...)
		}
	}
	return out
}

// key is what a map's keys are called.
func key(of reflect.Type) string {
	if of.Kind() != reflect.Map || of.Key().PkgPath() == "" {
		return "name"
	}
	return of.Key().Name()
}
