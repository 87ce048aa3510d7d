// Package gittest runs Git in tests.
package gittest

import (
	"os/exec"
	"strings"
	"testing"
)

// Run runs Git in a folder, with an author for what is committed, and returns what it
// prints. If Git fails, so does the test.
func Run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=Ana", "-c", "user.email=ana@example.com"}, args...)...) //nolint:gosec // Its arguments are those of tests.
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v: %s", args[0], err, out)
	}
	return strings.TrimSpace(string(out))
}
