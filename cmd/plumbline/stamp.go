package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
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
	if err := wholeHistory(ctx, c.Path); err != nil {
		return err
	}
	documents, err := readDocuments(c.Path, nil)
	if err != nil {
		return err
	}
	origins, err := originsOf(ctx, documents)
	if err != nil {
		return err
	}
	texts := make([]string, len(documents))
	for i, d := range documents {
		if texts[i], err = stamped(d, origins[d.file]); err != nil {
			return err
		}
	}
	_, err = io.WriteString(out, strings.Join(texts, "---\n"))
	return err
}

// An origin is a file from the top of its repository, and the last commit that changed it.
type origin struct{ file, commit string }

// originsOf finds the origin of each file that holds a claim. It tells all mistakes at
// once, and one is enough to print nothing: half of a folder would prune the other half.
func originsOf(ctx context.Context, documents []document) (map[string]origin, error) {
	origins := map[string]origin{}
	var mistakes []error
	for _, d := range documents {
		raw, err := d.raw()
		if _, known := origins[d.file]; err == nil && isClaim(raw) && !known {
			origins[d.file], err = originOf(ctx, d.file)
		}
		if err != nil {
			mistakes = append(mistakes, err)
		}
	}
	return origins, errors.Join(mistakes...)
}

func isClaim(raw map[string]any) bool {
	want := v1alpha1.ServiceEnvironmentGroupVersionKind
	return raw["kind"] == want.Kind && raw["apiVersion"] == want.GroupVersion().String()
}

// originOf asks Git. What is not committed has no origin.
func originOf(ctx context.Context, file string) (origin, error) {
	dir, name := filepath.Split(file)
	dir = filepath.Clean(dir)
	commit, err := git(ctx, dir, "log", "-1", "--format=%H", "--", name)
	if err != nil {
		return origin{}, fmt.Errorf("cannot find the commit of %s: %w", file, err)
	}
	changes, err := git(ctx, dir, "status", "--porcelain", "--", name)
	if err != nil {
		return origin{}, fmt.Errorf("cannot compare %s with its commit: %w", file, err)
	}
	if len(commit) == 0 || len(changes) > 0 {
		return origin{}, fmt.Errorf("%s is not as it was committed; commit it first", file)
	}
	full, err := git(ctx, dir, "ls-files", "--full-name", "-z", "--", name)
	return origin{file: strings.TrimRight(string(full), "\x00"), commit: strings.TrimSpace(string(commit))}, err
}

// wholeHistory refuses a clone whose history is cut off: of what was changed before the
// cut it names the commit of the cut.
func wholeHistory(ctx context.Context, dir string) error {
	out, err := git(ctx, dir, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return fmt.Errorf("cannot find the Git repository of %q: %w", dir, err)
	}
	if strings.TrimSpace(string(out)) == "true" {
		return fmt.Errorf("cannot tell the commits of %q: the clone is shallow; fetch its whole history (git fetch --unshallow)", dir)
	}
	return nil
}

// stamped is a document with the origin of its claim. One that holds none is as it was.
func stamped(d document, of origin) (string, error) {
	raw, err := d.raw()
	if err != nil {
		return "", err
	}
	if !isClaim(raw) {
		return strings.TrimSuffix(string(d.text), "\n") + "\n", nil
	}
	for field, value := range map[string]string{trace.AnnotationFile: of.file, trace.AnnotationCommit: of.commit} {
		if err := unstructured.SetNestedField(raw, value, "metadata", "annotations", field); err != nil {
			return "", fmt.Errorf("cannot annotate the claim in %s from line %d: %w", d.file, d.first, err)
		}
	}
	text, err := yaml.Marshal(raw)
	return string(text), err
}
