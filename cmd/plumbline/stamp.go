package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/cmd/plumbline/trace"
)

// stampCommand has each claim say which commit it is of.
type stampCommand struct {
	Path string `arg:"" default:"." help:"Folder of claims in a checkout of their Git repository."`
}

// Help is shown below the flags.
func (stampCommand) Help() string {
	return `Prints all documents of a folder, each claim with the annotations ` + trace.AnnotationFile + ` and ` + trace.AnnotationCommit + `: its
file, and the last commit that changed it. A commit to other files leaves a claim as it is. For what applies a folder: as a plugin of
Argo CD, or in a pipeline that commits what it prints to the branch that Flux follows.

Examples:
  plumbline stamp teams/payments/prod | kubectl apply --server-side -f -`
}

// Run prints the documents.
func (c stampCommand) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return c.stamp(ctx, os.Stdout)
}

func (c stampCommand) stamp(ctx context.Context, out io.Writer) error {
	documents, err := readDocuments(c.Path, nil)
	if err != nil {
		return err
	}
	folder, err := lookInto(ctx, c.Path)
	if err != nil {
		return err
	}
	texts := make([]string, len(documents))
	mistakes := make([]error, len(documents))
	for i, d := range documents {
		texts[i], mistakes[i] = folder.stamped(ctx, d)
	}
	// One mistake is enough to print nothing: half of a folder would prune the other half.
	if err := errors.Join(mistakes...); err != nil {
		return err
	}
	_, err = io.WriteString(out, strings.Join(texts, "---\n"))
	return err
}

// A tracked folder is one of a checkout, and what Git knows of it.
type tracked struct {
	dir     string
	fromTop string            // The folder, from the top of its repository.
	changed map[string]bool   // Files, from the top, that are not as they were committed.
	origins map[string]origin // What was asked before, by file.
}

// An origin is a file from the top of its repository, and the last commit that changed it.
type origin struct{ file, commit string }

// lookInto asks Git what it knows of a folder as a whole. It refuses a clone whose history
// is cut off: of what was changed before the cut that names the commit of the cut.
func lookInto(ctx context.Context, dir string) (tracked, error) {
	out, err := git(ctx, dir, "rev-parse", "--is-shallow-repository", "--show-prefix")
	if err != nil {
		return tracked{}, fmt.Errorf("cannot find the Git repository of %q: %w", dir, err)
	}
	shallow, fromTop, _ := strings.Cut(string(out), "\n")
	if shallow == "true" {
		return tracked{}, fmt.Errorf("cannot tell the commits of %q: the clone is shallow; fetch its whole history (git fetch --unshallow)", dir)
	}
	changes, err := git(ctx, dir, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", ".")
	if err != nil {
		return tracked{}, fmt.Errorf("cannot compare %q with its commits: %w", dir, err)
	}
	changed := map[string]bool{}
	const state = len("XY ") // What each entry begins with; after the last there is nothing.
	for entry := range strings.SplitSeq(string(changes), "\x00") {
		if len(entry) > state {
			changed[entry[state:]] = true
		}
	}
	return tracked{dir: dir, fromTop: strings.TrimSuffix(fromTop, "\n"), changed: changed, origins: map[string]origin{}}, nil
}

// origin asks Git once for each file. What is not committed has no origin.
func (t tracked) origin(ctx context.Context, file string) (origin, error) {
	if of, asked := t.origins[file]; asked {
		return of, nil
	}
	name, err := filepath.Rel(t.dir, file)
	if err != nil {
		return origin{}, err
	}
	commit, err := git(ctx, t.dir, "log", "-1", "--format=%H", "--", name)
	if err != nil {
		return origin{}, fmt.Errorf("cannot find the commit of %s: %w", file, err)
	}
	of := origin{file: path.Join(t.fromTop, filepath.ToSlash(name)), commit: strings.TrimSpace(string(commit))}
	if of.commit == "" || t.changed[of.file] {
		return origin{}, fmt.Errorf("%s is not as it was committed; commit it first", file)
	}
	t.origins[file] = of
	return of, nil
}

// stamped is a document with the origin of its claim. One that holds none is as it was.
func (t tracked) stamped(ctx context.Context, d document) (string, error) {
	raw, err := d.raw()
	if err != nil {
		return "", err
	}
	if !isClaim(raw) {
		return strings.TrimSuffix(string(d.text), "\n") + "\n", nil
	}
	of, err := t.origin(ctx, d.file)
	if err != nil {
		return "", err
	}
	for field, value := range map[string]string{trace.AnnotationFile: of.file, trace.AnnotationCommit: of.commit} {
		if err := unstructured.SetNestedField(raw, value, "metadata", "annotations", field); err != nil {
			return "", fmt.Errorf("cannot annotate the claim in %s from line %d: %w", d.file, d.first, err)
		}
	}
	text, err := yaml.Marshal(raw)
	return string(text), err
}
