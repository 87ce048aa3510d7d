package health

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

var update = flag.Bool("update", false, "write the table of docs/health.md from what the judges say")

// Words of the two for what serves its users.
const (
	argocdHealthy = "Healthy"
	fluxHealthy   = "Current"
)

// The rows of the fault table in which a claim is healthy.
const (
	// waits has a route that leads to a Service which somebody may be about to deploy, once
	// the environment is healthy.
	waits = "a-route-leads-to-a-service-that-does-not-exist"
	// over is past as soon as anybody can ask.
	over = "the-api-server-dies-when-the-claim-changes"
)

// TestFaultsAreNeverHealthy shows the judges every row of the fault table.
func TestFaultsAreNeverHealthy(t *testing.T) {
	argocd, flux := argocd(t), flux(t)
	table := &strings.Builder{}
	for _, situation := range situations(t) {
		objects := captured(t, situation)
		fmt.Fprintf(table, "| %s | %s | %s | %s |\n", strings.ReplaceAll(situation, "-", " "), argocd(t, objects[0]), flux(t, objects[0]), kstatus(t, objects[0]))
		if slices.Contains([]string{"healthy", waits, over}, situation) {
			for _, o := range objects {
				if got := argocd(t, o) + ", " + flux(t, o); got != argocdHealthy+", "+fluxHealthy {
					t.Errorf("%s %s is healthy while it is %q, got %s", o.GetKind(), o.GetName(), situation, got)
				}
			}
			continue
		}
		for _, o := range objects[:2] { // The claim and its composite.
			if got := argocd(t, o); got == argocdHealthy || got == "without health" {
				t.Errorf("%s: Argo CD calls %s %s", situation, o.GetKind(), got)
			}
			if got := flux(t, o); got == fluxHealthy || got == "without health" {
				t.Errorf("%s: Flux calls %s %s", situation, o.GetKind(), got)
			}
		}
	}
	heldTable(t, table.String())
}

// TestManagedResources holds that what the claim blames is not healthy itself.
func TestManagedResources(t *testing.T) {
	argocd, flux := argocd(t), flux(t)
	blamed := 0
	for _, situation := range situations(t) {
		objects := captured(t, situation)
		for _, o := range objects[2:] {
			if !blames(t, objects[0], o) {
				continue
			}
			blamed++
			if got := argocd(t, o); got == argocdHealthy {
				t.Errorf("%s: the claim blames %s %s, and Argo CD calls it %s", situation, o.GetKind(), o.GetName(), got)
			}
			if got := flux(t, o); got == fluxHealthy {
				t.Errorf("%s: the claim blames %s %s, and Flux calls it %s", situation, o.GetKind(), o.GetName(), got)
			}
		}
	}
	if blamed == 0 {
		t.Error("no claim blames a managed resource, so nothing is proved")
	}
}

// blames says whether a claim's table tells of trouble with a managed resource.
func blames(t *testing.T, claim, o *unstructured.Unstructured) bool {
	t.Helper()
	rows, _, err := unstructured.NestedSlice(claim.Object, "status", "resources")
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(rows, func(r any) bool {
		row := r.(map[string]any)
		return row["kind"] == o.GetKind() && row["name"] == o.GetName() && (row["state"] == "Failed" || row["whoFixes"] != nil)
	})
}

// TestLife holds what is said of an object before anybody looked at it, after an edit
// that nobody looked at, while it is paused, and while it goes.
func TestLife(t *testing.T) {
	cases := map[string]struct {
		reason string
		edit   func(o *unstructured.Unstructured)
		argocd string
		flux   []string
	}{
		"Fresh": {
			reason: "What was just created is under way. Flux cannot evaluate it, and waits.",
			edit:   func(o *unstructured.Unstructured) { delete(o.Object, "status") },
			argocd: "Progressing", flux: []string{"Unknown", "InProgress"},
		},
		"Edited": {
			reason: "What is said of an earlier generation is not said of this one.",
			edit:   func(o *unstructured.Unstructured) { o.SetGeneration(o.GetGeneration() + 1) },
			argocd: "Progressing", flux: []string{"InProgress"},
		},
		"Deleted": {
			reason: "What is being deleted is on its way, though it is still there and Ready.",
			edit: func(o *unstructured.Unstructured) {
				must(unstructured.SetNestedField(o.Object, "2026-01-01T00:00:00Z", "metadata", "deletionTimestamp"))
			},
			argocd: "Progressing", flux: []string{"InProgress", "Terminating"},
		},
		"Paused": {
			reason: "What is paused by Crossplane's annotation is not looked at by anybody.",
			edit:   func(o *unstructured.Unstructured) { synced(o, "False", "ReconcilePaused") },
			argocd: "Suspended", flux: []string{"InProgress"},
		},
		"NotWritten": {
			reason: "Ready is as it was when the backend last answered.",
			edit:   func(o *unstructured.Unstructured) { synced(o, "False", "ReconcileError") },
			argocd: "Degraded", flux: []string{"Failed"},
		},
	}
	argocd, flux := argocd(t), flux(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for _, o := range captured(t, "healthy") {
				tc.edit(o)
				if diff := cmp.Diff(tc.argocd, argocd(t, o)); diff != "" {
					t.Errorf("\n%s\nArgo CD on %s: -want, +got:\n%s", tc.reason, o.GetKind(), diff)
				}
				if got := flux(t, o); !slices.Contains(tc.flux, got) {
					t.Errorf("\n%s\nFlux on %s: want one of %v, got %s", tc.reason, o.GetKind(), tc.flux, got)
				}
			}
		})
	}
}

// TestEveryKindHasHealth goes over the definitions that the provider is shipped with.
func TestEveryKindHasHealth(t *testing.T) {
	argocd, flux := argocd(t), flux(t)
	definitions, err := filepath.Glob("../../package/provider/crds/*.yaml")
	if err != nil || len(definitions) == 0 {
		t.Fatalf("there are definitions to look at: %v", err)
	}
	for _, path := range definitions {
		definition := documents(t, file(t, path))[0]
		group, _, _ := unstructured.NestedString(definition.Object, "spec", "group")
		kind, _, _ := unstructured.NestedString(definition.Object, "spec", "names", "kind")
		categories, _, _ := unstructured.NestedStringSlice(definition.Object, "spec", "names", "categories")
		if !slices.Contains(categories, "managed") && kind != "Lookup" {
			continue
		}
		o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": group + "/v1alpha1", "kind": kind, "metadata": map[string]any{"name": "any", "generation": int64(1)}}}
		for engine, judge := range map[string]judge{"Argo CD": argocd, "Flux": flux} {
			if judge(t, o) == "without health" {
				t.Errorf("%s knows no health of %s.%s", engine, kind, group)
			}
		}
	}
}

// synced sets the condition Synced.
func synced(o *unstructured.Unstructured, status, reason string) {
	conditions, _, err := unstructured.NestedSlice(o.Object, "status", "conditions")
	must(err)
	for _, c := range conditions {
		if c := c.(map[string]any); c["type"] == "Synced" {
			c["status"], c["reason"] = status, reason
		}
	}
	must(unstructured.SetNestedSlice(o.Object, conditions, "status", "conditions"))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// situations are the names of what was captured.
func situations(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("there is something to judge: %v", err)
	}
	var out []string
	for _, path := range paths {
		out = append(out, strings.TrimSuffix(filepath.Base(path), ".yaml"))
	}
	return out
}

// captured are a claim, its composite, and its managed resources, if it has any.
func captured(t *testing.T, situation string) []*unstructured.Unstructured {
	t.Helper()
	objects := documents(t, file(t, filepath.Join("testdata", situation+".yaml")))
	if len(objects) < 2 {
		t.Fatalf("%s holds a claim and its composite, got %d objects", situation, len(objects))
	}
	return objects
}

func documents(t *testing.T, text []byte) []*unstructured.Unstructured {
	t.Helper()
	var out []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		o := &unstructured.Unstructured{}
		err := decoder.Decode(o)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if o.Object != nil {
			out = append(out, o)
		}
	}
}

const (
	guide = "../../docs/health.md"
	head  = "| the claim is | Argo CD | Flux | Flux without the expressions |\n| --- | --- | --- | --- |\n"
)

// heldTable holds the last table of docs/health.md to what the judges say.
func heldTable(t *testing.T, want string) {
	t.Helper()
	text, held, found := strings.Cut(string(file(t, guide)), head)
	if !found {
		t.Fatalf("%s has no table", guide)
	}
	if *update {
		if err := os.WriteFile(guide, []byte(text+head+want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, held); diff != "" {
		t.Errorf("\nThe guide says what the judges say.\n%s: -want, +got:\n%s", guide, diff)
	}
}

// TestLookup holds that a host which needs somebody is not healthy, even while it leads
// where it should.
func TestLookup(t *testing.T) {
	cases := map[string]struct {
		reason string
		synced string // Status and reason of a condition.
		ready  string
		argocd string
		flux   string
	}{
		"Ready":    {reason: "A host that leads where it should is healthy.", synced: "True ReconcileSuccess", ready: "True Available", argocd: argocdHealthy, flux: fluxHealthy},
		"New":      {reason: "One that is not published yet is under way.", synced: "True ReconcileSuccess", ready: "False Creating", argocd: "Progressing", flux: "InProgress"},
		"Theirs":   {reason: "A record of another needs the platform team, wherever it leads.", synced: "True ReconcileSuccess", ready: "True RecordNotOwned", argocd: "Degraded", flux: "Failed"},
		"Wrong":    {reason: "A host that leads elsewhere serves nobody.", synced: "True ReconcileSuccess", ready: "False LeadsElsewhere", argocd: "Degraded", flux: "Failed"},
		"Unasked":  {reason: "What no server tells is not healthy.", synced: "False ReconcileError", ready: "Unknown Unobserved", argocd: "Degraded", flux: "Failed"},
		"Dangling": {reason: "Nor is what leads to a name that does not exist.", synced: "True ReconcileSuccess", ready: "False Unavailable", argocd: "Degraded", flux: "Failed"},
	}
	argocd, flux := argocd(t), flux(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			condition := func(kind, words string) any {
				status, reason, _ := strings.Cut(words, " ")
				return map[string]any{"type": kind, "status": status, "reason": reason, "observedGeneration": int64(1)}
			}
			o := &unstructured.Unstructured{Object: map[string]any{
				"apiVersion": "dns.plumbline.dev/v1alpha1", "kind": "Lookup", "metadata": map[string]any{"name": "any", "generation": int64(1)},
				"status": map[string]any{"conditions": []any{condition("Synced", tc.synced), condition("Ready", tc.ready)}},
			}}
			if diff := cmp.Diff([]string{tc.argocd, tc.flux}, []string{argocd(t, o), flux(t, o)}); diff != "" {
				t.Errorf("\n%s\nArgo CD and Flux: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
