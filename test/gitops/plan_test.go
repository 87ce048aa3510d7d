package gitops

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/plan"
)

// TestPlanHolds applies each example, and holds its plan to what then happens: what was
// to be created is there and nothing else is, and a plan of what is there is empty.
func TestPlanHolds(t *testing.T) {
	for _, example := range []string{"minimal", "web", "internal-api", "events", "production"} {
		t.Run(example, func(t *testing.T) {
			wanted, applied := exampleOf(t, example)
			team := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: wanted.GetNamespace()}}
			if err := client.IgnoreAlreadyExists(plane.Client().Create(t.Context(), team)); err != nil {
				t.Fatal(err)
			}
			before := planOf(t, []*platform.ServiceEnvironment{wanted}, nil)
			if before.ExitCode() != plan.ExitChanges {
				t.Fatalf("a new claim changes something, and loses nothing: %s", printed(t, before))
			}
			if err := plane.Client().Create(t.Context(), applied); err != nil {
				t.Fatal(err)
			}
			c := claimOf(wanted.GetNamespace(), wanted.GetName())
			eventually(t, "claim becomes Ready", func() string { return unready(t, c) })
			created := map[string]bool{}
			for _, r := range before.Claims[0].Resources {
				created[r.Kind+" "+r.Namespace+"/"+r.Name] = r.Action == plan.Create
			}
			if diff := cmp.Diff(composed(t, c), created); diff != "" {
				t.Errorf("what is created is what was planned: -want, +got:\n%s", diff)
			}
			if after := planOf(t, []*platform.ServiceEnvironment{wanted}, nil); !after.Empty() {
				t.Errorf("what is applied changes nothing any more: %s", printed(t, after))
			}
			editHolds(t, wanted, c)
		})
	}
}

// editHolds edits a claim, and looks whether each field that the plan named is as it
// said.
func editHolds(t *testing.T, wanted *platform.ServiceEnvironment, c client.Object) {
	t.Helper()
	wanted = wanted.DeepCopy()
	wanted.Spec.Description = "Tells whether a plan holds"
	edit := `{"spec":{"description":"Tells whether a plan holds"}}`
	if wanted.Spec.Overrides == nil { // Another size might not allow them.
		wanted.Spec.Size = "large"
		edit = `{"spec":{"description":"Tells whether a plan holds","size":"large"}}`
	}
	before := planOf(t, []*platform.ServiceEnvironment{wanted}, nil)
	if before.ExitCode() != plan.ExitChanges || (wanted.Spec.Overrides == nil) != (len(before.Claims[0].Quota) > 0) {
		t.Fatalf("an edit changes something, and another size the quota: %s", printed(t, before))
	}
	if err := plane.Client().Patch(t.Context(), c, client.RawPatch("application/merge-patch+json", []byte(edit))); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what was planned comes true, and nothing else is left to do", func() string {
		after := planOf(t, []*platform.ServiceEnvironment{wanted}, nil)
		if !after.Empty() {
			return printed(t, after)
		}
		return ""
	})
	for _, r := range before.Claims[0].Resources {
		o := &unstructured.Unstructured{}
		o.SetAPIVersion(r.APIVersion)
		o.SetKind(r.Kind)
		if err := plane.Client().Get(t.Context(), client.ObjectKey{Namespace: r.Namespace, Name: r.Name}, o); err != nil {
			t.Errorf("what was to be changed is there: %v", err)
			continue
		}
		for _, f := range r.Fields {
			hard, ok := strings.CutPrefix(f.Path, "spec.hard[")
			if !ok {
				continue
			}
			got, _, _ := unstructured.NestedFieldNoCopy(o.Object, "spec", "hard", strings.TrimSuffix(hard, "]"))
			if diff := cmp.Diff(f.To, got); diff != "" {
				t.Errorf("%s is as the plan said: -want, +got:\n%s", f.Path, diff)
			}
		}
	}
}

// TestPlanOfEnd holds what a plan says of a removal to what is there afterwards.
func TestPlanOfEnd(t *testing.T) {
	wanted, applied := exampleOf(t, "web")
	for _, o := range []metav1.Object{wanted, applied} {
		o.SetName("ending-dev")
	}
	wanted.Spec.Service, wanted.Spec.Routes = "ending", nil
	spec := applied.Object["spec"].(map[string]any)
	spec["service"] = "ending"
	delete(spec, "routes")
	wanted.Spec.Environment = "dev"
	spec["environment"] = "dev"
	team := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: wanted.GetNamespace()}}
	if err := client.IgnoreAlreadyExists(plane.Client().Create(t.Context(), team)); err != nil {
		t.Fatal(err)
	}
	if err := plane.Client().Create(t.Context(), applied); err != nil {
		t.Fatal(err)
	}
	eventually(t, "claim becomes Ready", func() string { return unready(t, claimOf(wanted.GetNamespace(), wanted.GetName())) })
	p := planOf(t, nil, []*platform.ServiceEnvironment{wanted})
	if p.ExitCode() != plan.ExitDestroys {
		t.Errorf("a removal destroys: %s", printed(t, p))
	}
	if err := plane.Client().Delete(t.Context(), applied); err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Claims[0].Resources {
		o := &unstructured.Unstructured{}
		o.SetAPIVersion(r.APIVersion)
		o.SetKind(r.Kind)
		o.SetNamespace(r.Namespace)
		o.SetName(r.Name)
		eventually(t, "what was to go is gone: "+r.Kind, func() string { return absent(t, o) })
	}
}

// planOf plans, and fails if anything but a read leaves for the API server.
func planOf(t *testing.T, files, removed []*platform.ServiceEnvironment) plan.Plan {
	t.Helper()
	var writes atomic.Int32
	config := plane.Config()
	config.Impersonate.UserName = planner
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.Method != http.MethodGet || strings.Contains(req.URL.Path, "/secrets") {
				writes.Add(1)
				t.Errorf("a plan only reads, and no Secret: %s %s", req.Method, req.URL.Path)
			}
			return next.RoundTrip(req)
		})
	})
	p := planWith(t.Context(), t, config, files, removed)
	if writes.Load() > 0 {
		t.Fatal("a plan wrote")
	}
	return p
}

func planWith(ctx context.Context, t *testing.T, config *rest.Config, files, removed []*platform.ServiceEnvironment) plan.Plan {
	t.Helper()
	cluster, err := plan.Read(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	list := func(claims []*platform.ServiceEnvironment) []plan.File {
		var out []plan.File
		for _, c := range claims {
			out = append(out, plan.File{Path: c.GetName() + ".yaml", Claim: c})
		}
		return out
	}
	p, err := plan.Of(cluster, list(files), list(removed), nil)
	if err != nil {
		t.Fatalf("cannot plan: %v", err)
	}
	return p
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// exampleOf returns a claim of examples/, as a plan reads it and as it is applied.
func exampleOf(t *testing.T, name string) (*platform.ServiceEnvironment, *unstructured.Unstructured) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples", name, "claim.yaml")) //nolint:gosec // An example of this repository.
	if err != nil {
		t.Fatal(err)
	}
	wanted, applied := &platform.ServiceEnvironment{}, &unstructured.Unstructured{}
	if err := yaml.UnmarshalStrict(text, wanted); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &applied.Object); err != nil {
		t.Fatal(err)
	}
	return wanted, applied
}

// composed lists what a claim became.
func composed(t *testing.T, c *claim.Unstructured) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, r := range references(t, c) {
		out[r.GetKind()+" "+r.GetNamespace()+"/"+r.GetName()] = true
	}
	return out
}

// references are the objects that a claim is composed of, by kind and name.
func references(t *testing.T, c *claim.Unstructured) []unstructured.Unstructured {
	t.Helper()
	xr := &unstructured.Unstructured{}
	xr.SetAPIVersion("plumbline.dev/v1alpha1")
	xr.SetKind("XServiceEnvironment")
	if err := plane.Client().Get(t.Context(), client.ObjectKey{Name: c.GetResourceReference().Name}, xr); err != nil {
		t.Fatal(err)
	}
	var out []unstructured.Unstructured
	refs, _, _ := unstructured.NestedSlice(xr.Object, "spec", "resourceRefs")
	for _, entry := range refs {
		ref := entry.(map[string]any)
		r := unstructured.Unstructured{Object: map[string]any{"metadata": ref, "apiVersion": ref["apiVersion"], "kind": ref["kind"]}}
		out = append(out, r)
	}
	return out
}

// printed is what a failure shows.
func printed(t *testing.T, p plan.Plan) string {
	t.Helper()
	var b strings.Builder
	if err := p.Print(&b, "text"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
