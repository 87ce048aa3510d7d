package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/cmd/plumbline/trace"
	"github.com/plumbline-dev/plumbline/test/gittest"
)

func TestStamp(t *testing.T) {
	dir := history(t)
	gittest.Run(t, dir, "add", "--all")
	gittest.Run(t, dir, "commit", "--quiet", "--message", "Go on")
	moved := gittest.Run(t, dir, "rev-parse", "HEAD")
	if err := os.WriteFile(filepath.Join(dir, "teams", "d.yaml"), []byte(strings.ReplaceAll(claimText, "NAME", "d")), 0o600); err != nil {
		t.Fatal(err)
	}
	gittest.Run(t, dir, "add", "--all")
	gittest.Run(t, dir, "commit", "--quiet", "--message", "Add d")
	added := gittest.Run(t, dir, "rev-parse", "HEAD")

	var out strings.Builder
	if err := (stampCommand{Path: filepath.Join(dir, "teams")}).stamp(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	got := map[string][2]string{}
	for _, d := range split("what is printed", []byte(out.String())) {
		raw, err := d.raw()
		if err != nil {
			t.Fatal(err)
		}
		metadata, _ := raw["metadata"].(map[string]any)
		name, _ := metadata["name"].(string)
		annotations, _ := metadata["annotations"].(map[string]any)
		file, _ := annotations[trace.AnnotationFile].(string)
		commit, _ := annotations[trace.AnnotationCommit].(string)
		got[name] = [2]string{file, commit}
	}
	want := map[string][2]string{
		"b": {"teams/a.yaml", moved}, "c": {"teams/moved/c.yaml", moved}, "d": {"teams/d.yaml", added},
		"": {}, // What is no claim is printed as it is.
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("each claim says its file from the top, and the last commit that changed it: -want, +got:\n%s", diff)
	}
	if !strings.Contains(out.String(), "replicas: 1\n") {
		t.Errorf("what is no claim is printed as it is, got:\n%s", &out)
	}
}

func TestStampMistakes(t *testing.T) {
	shallow := filepath.Join(t.TempDir(), "clone")
	gittest.Run(t, t.TempDir(), "clone", "--quiet", "--depth", "1", "file://"+history(t), shallow)
	broken := history(t)
	if err := os.WriteFile(filepath.Join(broken, "teams", "a.yaml"), []byte("kind: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason string
		dir    string
		want   []string
	}{
		"NotCommitted": {
			reason: "What no commit holds has none to say; all such files are named at once.",
			dir:    history(t), want: []string{"a.yaml is not as it was committed", "moved/c.yaml is not as it was committed", "commit it first"},
		},
		"Broken": {
			reason: "A file that is no YAML is named beside them.",
			dir:    broken, want: []string{"a.yaml from line 1", "moved/c.yaml is not as it was committed"},
		},
		"Shallow": {
			reason: "A history that is cut off would name the wrong commit.",
			dir:    shallow, want: []string{"shallow", "--unshallow"},
		},
		"NoRepository": {
			reason: "A folder outside of Git has no commits.",
			dir:    t.TempDir(), want: []string{"cannot find the Git repository"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			err := stampCommand{Path: tc.dir}.stamp(t.Context(), &out)
			if err == nil || out.Len() > 0 {
				t.Fatalf("\n%s\nstamp(...): want an error and nothing printed, got %v and:\n%s", tc.reason, err, &out)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("\n%s\nstamp(...): want %q, got: %v", tc.reason, want, err)
				}
			}
		})
	}
}
