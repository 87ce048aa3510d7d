package catalog

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	kyaml "sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
)

const root = "../../../.."

// TestDocumented holds the tables of docs/backstage.md to every label and annotation
// that the catalog, the form and the examples set.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "backstage.md"))
	if err != nil {
		t.Fatal(err)
	}
	known := documented(string(text))
	for key, where := range keysSet(t) {
		if !slices.ContainsFunc(known, func(r *regexp.Regexp) bool { return r.MatchString(key) }) {
			t.Errorf("every key that is set is in a table: docs/backstage.md lacks %q, which %s has", key, where)
		}
	}
}

// documented are the keys of the tables: the words in their first columns that have a
// slash. One that begins with a slash goes on from the key before it.
func documented(text string) []*regexp.Regexp {
	var out []*regexp.Regexp
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		prefix := ""
		for _, found := range regexp.MustCompile("`([^`]*/[^`]*)`").FindAllStringSubmatch(strings.SplitN(line, "|", 3)[1], -1) {
			key := found[1]
			if strings.HasPrefix(key, "/") {
				key = prefix + key
			}
			prefix, _, _ = strings.Cut(key, "/")
			pattern := regexp.MustCompile("<[^>]*>").ReplaceAllString(regexp.QuoteMeta(key), "[-.A-Za-z0-9]+")
			out = append(out, regexp.MustCompile("^"+pattern+"$"))
		}
	}
	return out
}

// keysSet are all keys, and for each one thing that has it.
func keysSet(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	note := func(where string, keys ...map[string]string) {
		for _, m := range keys {
			for key := range m {
				out[key] = where
			}
		}
	}
	for _, e := range Entities([]inventory.Claim{claim("shop", "checkout", "prod")}, blueprint(), config(t, "")) {
		note(e.Kind, e.Metadata.Labels, e.Metadata.Annotations)
	}
	form, err := os.ReadFile(filepath.Join(root, "examples", "backstage", "create", "skeleton", "teams", "${{ values.team }}", "${{ values.spec.environment }}", "${{ values.spec.service }}.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`(?m)^    ([-.a-z]+/[-.a-z]+): `).FindAllStringSubmatch(string(form), -1) {
		out[found[1]] = "the form"
	}
	golden, err := filepath.Glob(filepath.Join(root, "examples", "*", "resources.yaml"))
	if err != nil || len(golden) == 0 {
		t.Fatalf("cannot find what the examples become: %v", err)
	}
	for _, file := range golden {
		for _, o := range objects(t, file) {
			note(file+" "+o.Kind, o.Metadata.Labels, o.Metadata.Annotations)
		}
	}
	// What the Blueprint of the examples sets is a company's own.
	maps.DeleteFunc(out, func(key, _ string) bool {
		return strings.Contains(key, ".example.com/") || strings.HasPrefix(key, "eks.amazonaws.com/")
	})
	return out
}

type object struct {
	Kind     string
	Metadata struct{ Labels, Annotations map[string]string }
}

func objects(t *testing.T, file string) []object {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // A file of this repository.
	if err != nil {
		t.Fatal(err)
	}
	var out []object
	for doc := range strings.SplitSeq(string(text), "\n---\n") {
		o := object{}
		if err := kyaml.Unmarshal([]byte(doc), &o); err != nil {
			t.Fatalf("cannot read %s: %v", file, err)
		}
		out = append(out, o)
	}
	return out
}
