package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/plan"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/trace"
	"github.com/plumbline-dev/plumbline/test/gittest"
)

const claimText = "apiVersion: plumbline.dev/v1alpha1\nkind: ServiceEnvironment\nmetadata: {name: NAME, namespace: payments}\nspec:\n  service: NAME\n  environment: dev\n"

// history is a Git repository with claims a, b and c, of which since its only commit b
// was edited, c moved to another file, and a removed.
func history(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	of := func(name string) string { return strings.ReplaceAll(claimText, "NAME", name) }
	gittest.Run(t, dir, "init", "--quiet")
	write("teams/a.yaml", of("a")+"---\n"+of("b"))
	write("teams/c d.yaml", of("c"))
	write("teams/.hidden/x.yaml", of("x"))
	write("teams/values.yaml", "replicas: 1\n")
	gittest.Run(t, dir, "add", "--all")
	gittest.Run(t, dir, "commit", "--quiet", "--message", "Begin")
	write("teams/a.yaml", of("b")+"  size: small\n")
	write("teams/moved/c.yaml", of("c"))
	if err := os.Remove(filepath.Join(dir, "teams/c d.yaml")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func names(files []plan.File) []string {
	out := []string{}
	for _, f := range files {
		out = append(out, f.Claim.GetName())
	}
	slices.Sort(out)
	return out
}

func TestPlanReadsBase(t *testing.T) {
	t.Chdir(history(t))
	older := t.TempDir()
	if err := os.WriteFile(filepath.Join(older, "z.yaml"), []byte(strings.ReplaceAll(claimText, "NAME", "z")), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason  string
		command planCommand
		all     bool
		files   []string
		removed []string
	}{
		"NoBase":    {reason: "Without a base all is planned, and nothing is gone.", command: planCommand{Paths: []string{"teams/"}}, files: []string{"b", "c"}},
		"Commit":    {reason: "What is the same is passed over, wherever it lies; what is gone is planned as such.", command: planCommand{Paths: []string{"teams/"}, Base: "HEAD"}, files: []string{"b"}, removed: []string{"a"}},
		"Blueprint": {reason: "Another Blueprint may change each claim.", command: planCommand{Paths: []string{"teams/"}, Base: "HEAD"}, all: true, files: []string{"b", "c"}, removed: []string{"a"}},
		"Folder":    {reason: "A base may be a folder.", command: planCommand{Paths: []string{"teams/"}, Base: older}, files: []string{"b", "c"}, removed: []string{"z"}},
		"GoneFile":  {reason: "A path that is gone as a whole is a removal.", command: planCommand{Paths: []string{"teams/c d.yaml"}, Base: "HEAD"}, files: []string{}, removed: []string{"c"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			files, removed, err := tc.command.read(t.Context(), tc.all)
			if err != nil {
				t.Fatalf("\n%s\nread(...): %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.files, names(files)); diff != "" {
				t.Errorf("\n%s\nclaims: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(append([]string{}, tc.removed...), names(removed)); diff != "" {
				t.Errorf("\n%s\nremoved: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
	for _, base := range []string{"nowhere", "--output=x"} {
		if _, _, err := (planCommand{Paths: []string{"teams/"}, Base: base}).read(t.Context(), false); err == nil {
			t.Errorf("a base %q that is not there is an error, not an empty one", base)
		}
	}
}

func TestTraceFindsLine(t *testing.T) {
	dir := history(t)
	c := &v1alpha1.ServiceEnvironment{}
	c.SetNamespace("payments")
	c.SetName("b")
	got, err := lineOf(t.Context(), dir, trace.Origin{Claim: c, Field: "spec.service"})
	if err != nil {
		t.Fatal(err)
	}
	if got.file != "teams/a.yaml" || got.number != 5 || strings.TrimSpace(got.text) != "service: b" {
		t.Errorf("the line of the field is found: got %s:%d: %q", got.file, got.number, got.text)
	}
	c.SetName("nobody")
	if _, err := lineOf(t.Context(), dir, trace.Origin{Claim: c}); err == nil {
		t.Error("a claim that is not in the checkout is said to be missing")
	}
	applied := gittest.Run(t, dir, "rev-parse", "HEAD")
	c.SetName("b")
	c.SetAnnotations(map[string]string{trace.AnnotationFile: "teams/a.yaml", trace.AnnotationCommit: applied})
	got, err = lineOf(t.Context(), dir, trace.Origin{Claim: c, Field: "spec.service"})
	if err != nil {
		t.Fatal(err)
	}
	if got.number != 12 || got.commit != applied {
		t.Errorf("the line is that of the commit that the claim is of, and not what is checked out: got line %d of %s", got.number, got.commit)
	}
	for _, forged := range []string{"--output=x", "HEAD", strings.Repeat("0", 40)} {
		c.SetAnnotations(map[string]string{trace.AnnotationFile: "teams/a.yaml", trace.AnnotationCommit: forged})
		if _, err := lineOf(t.Context(), dir, trace.Origin{Claim: c}); err == nil {
			t.Errorf("a claim that says it is of %q, which is no commit of the repository, is an error", forged)
		}
	}
}

// TestExampleRepository holds that the repository of examples/gitops is one to copy.
func TestExampleRepository(t *testing.T) {
	repository := filepath.Join(examples, "gitops")
	c := validateCommand{Paths: []string{filepath.Join(repository, "teams")}, Blueprint: filepath.Join(repository, "platform", "blueprint.yaml")}
	var out strings.Builder
	if err := c.validate(nil, &out); err != nil {
		t.Errorf("the claims of the example have no mistakes: %v\n%s", err, &out)
	}
}
