package rehearsal

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// extra reads an example of examples/extras: a claim, and the example Blueprint with
// the part that stands beside the claim laid over it.
func extra(tb testing.TB, dir string) (*v1alpha1.ServiceEnvironment, map[string]any) {
	tb.Helper()
	claim, part := &v1alpha1.ServiceEnvironment{}, map[string]any{}
	read(tb, filepath.Join(dir, "claim.yaml"), claim)
	read(tb, filepath.Join(dir, "blueprint.yaml"), &part)
	_, blueprint := example(tb, "minimal")
	blueprint["data"] = overlay(blueprint["data"], part)
	return claim, blueprint
}

// overlay lays one object over another, field by field.
func overlay(base, over any) any {
	b, isObject := base.(map[string]any)
	o, overObject := over.(map[string]any)
	if !isObject || !overObject {
		return over
	}
	for key, value := range o {
		b[key] = overlay(b[key], value)
	}
	return b
}

func extraDirs(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(examples, "extras", "*", "claim.yaml"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no extras found: %v", err)
	}
	dirs := make([]string, len(files))
	for i, f := range files {
		dirs[i] = filepath.Dir(f)
	}
	return dirs
}

// TestExtras renders every example of an extra, and compares what the extra adds and
// changes with the resources.yaml beside it.
func TestExtras(t *testing.T) {
	for _, dir := range extraDirs(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			claim, blueprint := extra(t, dir)
			with, err := Run(claim, blueprint)
			if err != nil {
				t.Fatal(explain(err))
			}
			if !strings.HasSuffix(with.Status.Summary, " is ready") {
				t.Errorf("the example comes to rest, got %q", with.Status.Summary)
			}
			_, plain := example(t, "minimal")
			claim.Spec.Extras = nil
			without, err := Run(claim, plain)
			if err != nil {
				t.Fatal(explain(err))
			}
			changed := slices.DeleteFunc(with.Resources, func(r Resource) bool {
				return slices.ContainsFunc(without.Resources, func(w Resource) bool { return w.Part == r.Part && cmp.Equal(w.Object, r.Object) })
			})
			golden(t, filepath.Join(dir, "resources.yaml"), stream(t, changed))
		})
	}
}

// explain adds to a refusal what is wrong.
func explain(err error) string {
	if r, ok := err.(*RefusedError); ok { //nolint:errorlint // Run wraps none.
		return strings.Join(r.Mistakes, "\n")
	}
	return err.Error()
}
