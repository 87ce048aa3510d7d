package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// baseDocuments reads what lay at the paths before: in another folder, or in a commit
// of the Git repository that the paths lie in.
func baseDocuments(ctx context.Context, base string, paths []string) ([]document, error) {
	if info, err := os.Stat(base); err == nil && info.IsDir() {
		return readDocuments(base, nil)
	}
	if _, err := git(ctx, ".", "rev-parse", "--verify", "--quiet", "--end-of-options", base+"^{commit}"); err != nil {
		return nil, fmt.Errorf("cannot find base %q: it is neither a folder nor a commit of this repository; in CI, fetch it first", base)
	}
	var out []document
	for _, path := range paths {
		// Names from here, and not from the top, so that they are those of the paths.
		names, err := git(ctx, ".", "ls-tree", "-r", "-z", "--name-only", base, "--", path)
		if err != nil {
			return nil, fmt.Errorf("cannot list %q in %q: %w", path, base, err)
		}
		for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
			hidden := slices.ContainsFunc(strings.Split(name, "/"), func(s string) bool { return strings.HasPrefix(s, ".") && s != ".." })
			if hidden || !slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(name)) {
				continue
			}
			text, err := git(ctx, ".", "show", base+":./"+name)
			if err != nil {
				return nil, fmt.Errorf("cannot read %q in %q: %w", name, base, err)
			}
			out = append(out, split(name, text)...)
		}
	}
	return out, nil
}

// git runs the program of that name in a folder: it knows every form of a repository.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...) //nolint:gosec // No shell; a revision that begins with a hyphen is refused before.
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(problems.String()))
	}
	return out, nil
}
