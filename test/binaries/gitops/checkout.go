package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/argoproj/gitops-engine/pkg/utils/kube"
)

// A checkout is a clone of a repository that follows a branch.
type checkout struct{ repository, branch, dir string }

func (c checkout) clone(ctx context.Context) error {
	_, err := git(ctx, "clone", "--quiet", "--branch", c.branch, c.repository, c.dir)
	return err
}

// pull returns the commit that the branch points at, and checks it out.
func (c checkout) pull(ctx context.Context) (string, error) {
	if _, err := git(ctx, "-C", c.dir, "fetch", "--quiet", "origin", c.branch); err != nil {
		return "", err
	}
	if _, err := git(ctx, "-C", c.dir, "reset", "--quiet", "--hard", "FETCH_HEAD"); err != nil {
		return "", err
	}
	return git(ctx, "-C", c.dir, "rev-parse", "HEAD")
}

// folders returns those that the patterns match, from the top of the repository.
func (c checkout) folders(patterns []string) ([]string, error) {
	var out []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(c.dir, pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range found {
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				folder, err := filepath.Rel(c.dir, path)
				if err != nil {
					return nil, err
				}
				out = append(out, folder)
			}
		}
	}
	return out, nil
}

// filesOf reads the objects of a folder, and below it. A file that cannot be read
// spoils its folder, as half of it would prune the other half.
func filesOf(dir, folder string) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	err := filepath.Walk(filepath.Join(dir, folder), func(path string, info os.FileInfo, err error) error {
		if os.IsNotExist(err) {
			return nil // The folder is gone, and so is all that it held.
		}
		if err != nil || info.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		objects, err := kube.SplitYAML(text)
		if err != nil {
			return fmt.Errorf("cannot read %s: %w", path, err)
		}
		out = append(out, objects...)
		return nil
	})
	return out, err
}

func git(ctx context.Context, args ...string) (string, error) {
	out, err := printed(exec.CommandContext(ctx, "git", args...))
	if ctx.Err() != nil {
		err = nil
	}
	return strings.TrimSpace(string(out)), err
}

// printed runs a program. What it complains of is in the error.
func printed(cmd *exec.Cmd) ([]byte, error) {
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(problems.Bytes()))
	}
	return out, nil
}
