package rehearsal

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

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
			with, err := Run(claim, blueprint, today)
			if err != nil {
				t.Fatal(explain(err))
			}
			if !strings.HasSuffix(with.Status.Summary, " is ready") {
				t.Errorf("the example comes to rest, got %q", with.Status.Summary)
			}
			_, plain := example(t, "minimal")
			claim.Spec.Extras = nil
			without, err := Run(claim, plain, today)
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

// FuzzExtra holds that no value of a parameter changes what an object is, where it
// lies and what it is called, nor anything but the texts that name the parameter.
// The Blueprint lets every text pass, so that nothing but the way of filling in
// stands in between.
func FuzzExtra(f *testing.F) {
	for _, value := range []string{"a", "kube-system", "{namespace}", "\"}, \"kind\": \"Secret\"", "x\nkind: Secret\nmetadata: {namespace: kube-system}", "{{ .x }}", "{parameter:x}", "..", "\x00"} {
		f.Add(value, value)
	}
	claim, blueprint := example(f, "minimal")
	part := map[string]any{}
	if err := yaml.Unmarshal([]byte(`
extras:
  open:
    parameters:
      x: {type: string, pattern: "(?s).*", maxLength: 500}
      z: {type: string, pattern: "(?s).*", maxLength: 500}
    objects:
    - manifest: {apiVersion: v1, kind: ConfigMap, metadata: {name: inside, annotations: {a: "{parameter:x}"}}, data: {x: "{parameter:x}", both: "{parameter:x}-{parameter:z}", fixed: text}}
    - namespace: argocd
      manifest: {apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: "{namespace}"}, spec: {list: ["{parameter:z}", {deep: "{parameter:x}"}]}}
    - clusterScoped: true
      manifest: {apiVersion: example.com/v1, kind: Role, metadata: {name: "p-{namespace}"}, spec: {fixed: 1}}
`), &part); err != nil {
		f.Fatal(err)
	}
	blueprint["data"] = overlay(blueprint["data"], part)
	f.Fuzz(func(t *testing.T, x, z string) {
		claim := claim.DeepCopy()
		claim.Spec.Extras = []v1alpha1.ExtraRequest{{Name: "open", Parameters: map[string]v1alpha1.ParameterValue{"x": v1alpha1.ParameterValue(x), "z": v1alpha1.ParameterValue(z)}}}
		if !utf8.ValidString(x) || !utf8.ValidString(z) {
			t.Skip("no API server hands over such a text")
		}
		r, err := Run(claim, blueprint, today)
		if err != nil {
			if len([]rune(x)) > 500 || len([]rune(z)) > 500 {
				return
			}
			t.Fatal(explain(err))
		}
		want := map[string]map[string]any{
			"extra/configmap/inside": {
				"apiVersion": "v1", "kind": "ConfigMap", "data": map[string]any{"x": x, "both": x + "-" + z, "fixed": "text"},
				"metadata": map[string]any{"name": "inside", "namespace": "ledger-dev", "annotations": map[string]any{"a": x}},
			},
			"extra/appproject.argoproj.io/argocd/ledger-dev": {
				"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "spec": map[string]any{"list": []any{z, map[string]any{"deep": x}}},
				"metadata": map[string]any{"name": "ledger-dev", "namespace": "argocd"},
			},
			"extra/role.example.com/p-ledger-dev": {
				"apiVersion": "example.com/v1", "kind": "Role", "spec": map[string]any{"fixed": 1.0},
				"metadata": map[string]any{"name": "p-ledger-dev"},
			},
		}
		got := map[string]map[string]any{}
		for _, resource := range r.Resources {
			if strings.HasPrefix(resource.Part, "extra/") {
				delete(resource.Object["metadata"].(map[string]any), "labels") // Of every object; they do not depend on extras.
				got[resource.Part] = resource.Object
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("a value takes the place of its placeholders and of nothing else: -want, +got:\n%s", diff)
		}
	})
}
