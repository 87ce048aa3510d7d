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
	origins := map[string]origin{}
	texts := make([]string, len(documents))
	mistakes := make([]error, len(documents))
	for i, d := range documents {
		texts[i], mistakes[i] = stamped(ctx, d, origins)
	}
	// One mistake is enough to print nothing: half of a folder would prune the other half.
	if err := errors.Join(mistakes...); err != nil {
		return err
	}
	_, err = io.WriteString(out, strings.Join(texts, "---\n"))
	return err
}

// An origin is a file from the top of its repository, and the last commit that changed it.
type origin struct{ file, commit string }

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
// Git is asked once for each file.
func stamped(ctx context.Context, d document, origins map[string]origin) (string, error) {
	raw, err := d.raw()
	if err != nil {
		return "", err
	}
	if !isClaim(raw) {
		return strings.TrimSuffix(string(d.text), "\n") + "\n", nil
	}
	if _, asked := origins[d.file]; !asked {
		if origins[d.file], err = originOf(ctx, d.file); err != nil {
			return "", err
		}
	}
	of := origins[d.file]
	for field, value := range map[string]string{trace.AnnotationFile: of.file, trace.AnnotationCommit: of.commit} {
		if err := unstructured.SetNestedField(raw, value, "metadata", "annotations", field); err != nil {
			return "", fmt.Errorf("cannot annotate the claim in %s from line %d: %w", d.file, d.first, err)
		}
	}
	text, err := yaml.Marshal(raw)
	return string(text), err
}
