package backstage

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// pictures is where the pictures of docs/backstage.md are kept; left out, they are thrown
// away.
var pictures = flag.String("pictures", "", "folder for the pictures of the page")

// onPage opens Backstage's page in a browser, fills the form, is refused, and looks at
// the environment. drive.js says what it expects to see.
func onPage(t *testing.T) {
	if here.Page == "" {
		t.Skip("the page did not run: it is not installed; run: make test-backstage PAGE=1")
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("the page did not run:", err)
	}
	folder := *pictures
	if folder == "" {
		folder = t.TempDir()
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(here.Root, "test", "backstage", "page", "drive.js"), here.Page, folder, browser, "checkout-prod") //nolint:gosec // Ours.
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(here.Root, ".cache", "backstage-page", "node_modules"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("a developer gets along on the page: %v\n%s", err, out)
	}
}
