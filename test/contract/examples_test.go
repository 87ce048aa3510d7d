package contract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExamplesAreExplained holds that each example has what it becomes beside it, a
// Blueprint to be seen under, and one paragraph that says why it is there: a paragraph
// begins with the example's name, and says more than the name does.
func TestExamplesAreExplained(t *testing.T) {
	const examples = "../../examples"
	index, err := os.ReadFile(filepath.Join(examples, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	paragraphs := strings.Split(string(index), "\n\n")
	for pattern, files := range map[string][]string{
		"*/claim.yaml":        {"resources.yaml", "../blueprint.yaml"},
		"extras/*/claim.yaml": {"resources.yaml", "blueprint.yaml"},
	} {
		claims, err := filepath.Glob(filepath.Join(examples, pattern))
		if err != nil || len(claims) < 7 {
			t.Fatalf("there are seven examples of each sort at least, got %d: %v", len(claims), err)
		}
		for _, claim := range claims {
			dir := filepath.Dir(claim)
			for _, file := range files {
				if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
					t.Errorf("%s has its %s: %v", dir, filepath.Base(file), err)
				}
			}
			if got := explanations(paragraphs, filepath.Base(dir)); len(got) != 1 || len(strings.Fields(got[0])) < 30 {
				t.Errorf("examples/README.md has one paragraph that begins with **[%s], of thirty words at least, got %q", filepath.Base(dir), got)
			}
		}
	}
	for _, name := range []string{"minimal", "web", "events", "internal-api", "preview", "production", "build"} {
		if len(explanations(paragraphs, name)) == 0 {
			t.Errorf("there is an example %s", name)
		}
	}
}

func explanations(paragraphs []string, name string) []string {
	var out []string
	for _, p := range paragraphs {
		if strings.HasPrefix(strings.TrimSpace(p), "**["+name+"]") {
			out = append(out, p)
		}
	}
	return out
}
