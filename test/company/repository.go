package company

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// A Repository is a bare one, and the clone of somebody who reviews.
type Repository struct {
	Bare  string `json:"bare"`
	Clone string `json:"clone"`
}

// newRepository makes one below a folder, with a first commit of what another folder
// holds. Links become what they lead to.
func newRepository(dir, content string) (Repository, error) {
	r := Repository{Bare: filepath.Join(dir, "environments.git"), Clone: filepath.Join(dir, "reviewer")}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // Nothing in it is secret.
		return r, err
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--bare", "--initial-branch=main", r.Bare},
		{"-C", r.Bare, "config", "http.receivepack", "true"},
		{"clone", "--quiet", r.Bare, r.Clone},
		{"-C", r.Clone, "config", "user.name", "Reviewer"},
		{"-C", r.Clone, "config", "user.email", "reviewer@example.com"},
		{"-C", r.Clone, "checkout", "--quiet", "-B", "main"},
	} {
		if _, err := git(args...); err != nil {
			return r, err
		}
	}
	if err := copyFolder(content, r.Clone); err != nil {
		return r, fmt.Errorf("cannot copy %q: %w", content, err)
	}
	return r, r.inClone([][]string{
		{"add", "--all"},
		{"commit", "--quiet", "--message", "Begin"},
		{"push", "--quiet", "--set-upstream", "origin", "main"},
	})
}

// Show returns a file of a branch.
func (r Repository) Show(branch, file string) (string, error) {
	cmd := exec.Command("git", "-C", r.Bare, "show", branch+":"+file) //nolint:gosec,noctx // It reads, and ends by itself.
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("cannot read %q of branch %q: %w", file, branch, err)
	}
	return string(out), nil
}

// list returns the files of a branch that match a pattern.
func (r Repository) list(branch, pattern string) ([]string, error) {
	names, err := git("-C", r.Bare, "ls-tree", "-r", "--name-only", branch)
	if err != nil {
		return nil, err
	}
	var out []string
	for name := range strings.SplitSeq(names, "\n") {
		if matched, err := path.Match(pattern, name); err != nil {
			return nil, err
		} else if matched {
			out = append(out, name)
		}
	}
	return out, nil
}

// Branches lists all branches, one a line.
func (r Repository) Branches() (string, error) {
	return git("-C", r.Bare, "for-each-ref", "--format=%(refname:short)", "refs/heads")
}

// Merge is what a reviewer does who accepts a branch.
func (r Repository) Merge(branch string) error {
	return r.inClone([][]string{
		{"pull", "--quiet"},
		{"merge", "--quiet", "--no-ff", "--message", "Merge " + branch, "origin/" + branch},
		{"push", "--quiet"},
	})
}

// Commit changes a file on main, as somebody does without a form.
func (r Repository) Commit(file string, edit func(string) string) error {
	name := filepath.Join(r.Clone, file)
	text, err := os.ReadFile(name) //nolint:gosec // The caller chooses what it reads.
	if err != nil {
		return err
	}
	if err := os.WriteFile(name, []byte(edit(string(text))), 0o600); err != nil {
		return err
	}
	return r.inClone([][]string{{"commit", "--quiet", "--all", "--message", "Edit " + file}, {"push", "--quiet"}})
}

func (r Repository) inClone(commands [][]string) error {
	for _, args := range commands {
		if _, err := git(append([]string{"-C", r.Clone}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

func git(args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-c", "init.defaultBranch=main"}, args...)...) //nolint:gosec,noctx // Ours.
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cannot run git %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o755) //nolint:gosec // Nothing in it is secret.
		}
		text, err := os.ReadFile(file) //nolint:gosec // A file of this repository.
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), text, 0o600) //nolint:gosec // Below the company's own folder.
	})
}
