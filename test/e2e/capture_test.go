package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// captures are what GitOps engines see of claims in trouble and in health. The module
// test/health shows them to Argo CD's and Flux' own evaluators.
const captures = "../health/testdata"

// capture writes, with -update, what the API server holds of a claim, its composite and
// their managed resources. Otherwise it holds what was written to what is there now, as
// far as the condition goes that tells of the situation.
func capture(t *testing.T, c *claim.Unstructured, situation, condition string) {
	t.Helper()
	path := filepath.Join(captures, slug(situation)+".yaml")
	seen := seenBy(t, c)
	if !*update {
		if diff := cmp.Diff(words(t, []byte(read(t, path)), condition), words(t, seen, condition)); diff != "" {
			t.Errorf("\nWhat GitOps engines are tested with is what they see.\n%s: -want, +got:\n%s", path, diff)
		}
		return
	}
	if err := os.WriteFile(path, seen, 0o600); err != nil {
		t.Fatal(err)
	}
}

// slug is the name of a file.
func slug(situation string) string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(situation), "-"), "-")
}

// seenBy is what a GitOps engine judges by: no spec, and nothing that names this run.
func seenBy(t *testing.T, c *claim.Unstructured) []byte {
	t.Helper()
	var out strings.Builder
	for _, o := range family(t, c) {
		judged := map[string]any{"apiVersion": o.GetAPIVersion(), "kind": o.GetKind(), "metadata": outline(o)}
		if status, found := o.Object["status"]; found {
			judged["status"] = timeless(status)
		}
		text, err := yaml.Marshal(judged)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n" + sameEverywhere(string(text)))
	}
	return []byte(out.String())
}

// family is a claim, its composite, and the resources of our provider that it was expanded
// into.
func family(t *testing.T, c *claim.Unstructured) []*unstructured.Unstructured {
	t.Helper()
	must(t, get(t, c))
	out := []*unstructured.Unstructured{{Object: c.Object}}
	ref := c.GetResourceReference()
	if ref == nil {
		return out
	}
	composite := object("plumbline.dev/v1alpha1", "XServiceEnvironment", "", ref.Name)
	must(t, get(t, composite))
	out = append(out, composite)
	refs, _, err := unstructured.NestedSlice(composite.Object, "spec", "resourceRefs")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range refs {
		r := r.(map[string]any)
		if !strings.HasSuffix(strings.Split(r["apiVersion"].(string), "/")[0], ".plumbline.dev") {
			continue
		}
		ours := object(r["apiVersion"].(string), r["kind"].(string), r["namespace"].(string), r["name"].(string))
		if client.IgnoreNotFound(plane.Client().Get(t.Context(), client.ObjectKeyFromObject(ours), ours)) == nil && ours.GetUID() != "" {
			out = append(out, ours)
		}
	}
	return out
}

func outline(o *unstructured.Unstructured) map[string]any {
	out := map[string]any{"name": o.GetName(), "generation": o.GetGeneration()}
	if ns := o.GetNamespace(); ns != "" {
		out["namespace"] = ns
	}
	if gone := o.GetDeletionTimestamp(); gone != nil {
		out["deletionTimestamp"] = "2026-01-01T00:00:00Z"
	}
	return out
}

// timeless is a value without what differs from run to run.
func timeless(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for field, value := range v {
			switch field {
			case "lastTransitionTime", "connectionDetails", "endpoints", "inUse":
			case "atProvider":
				out[field] = judgedBy(value)
			default:
				out[field] = timeless(value)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = timeless(v[i])
		}
		return out
	default:
		return v
	}
}

// judgedBy is what an engine judges by of all that a backend said: the members that do
// not have what the group gives.
func judgedBy(observation any) any {
	out := map[string]any{}
	all, _ := observation.(map[string]any)
	for _, field := range []string{"unresolved", "disabled"} {
		if all[field] != nil {
			out[field] = all[field]
		}
	}
	return out
}

// sameEverywhere gives what bears a random name the same in every run.
func sameEverywhere(text string) string {
	text = regexp.MustCompile(`\b(faulty|early|ending|theirs|byhand|unasked)-dev-[a-z0-9]{5}\b`).ReplaceAllString(text, "$1-dev-xxxxx")
	text = strings.NewReplacer(
		strings.TrimPrefix(plane.ElasticsearchURL(), "https://"), "elasticsearch.example.com",
		strings.TrimPrefix(plane.GraphURL(), "https://"), "graph.example.com",
	).Replace(text)
	return regexp.MustCompile(`\b127\.0\.0\.1:[0-9]{4,5}\b`).ReplaceAllString(text, "function.example.com:9443")
}

// words are what a claim says by two conditions, without messages and generations, which
// differ by what came before.
func words(t *testing.T, documents []byte, condition string) []string {
	t.Helper()
	var said struct {
		Kind   string
		Status struct{ Conditions []xpv2.Condition }
	}
	first := bytes.SplitN(documents, []byte("---\n"), 3)[1]
	if err := yaml.Unmarshal(first, &said); err != nil {
		t.Fatal(err)
	}
	out := []string{said.Kind}
	for _, c := range said.Status.Conditions {
		if c.Type == xpv2.TypeReady || string(c.Type) == condition {
			out = append(out, fmt.Sprintf("%s=%s %s", c.Type, c.Status, c.Reason))
		}
	}
	return out
}
