package gitops

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/test/gittest"
)

// patience is what anything may take on a busy machine. It only ends a test that has
// failed.
const patience = 4 * time.Minute

func eventually(t *testing.T, what string, check func() string) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		answer := check()
		if answer == "" {
			return
		}
		if err := plane.Died(); err != nil {
			t.Fatalf("%s: %s", what, err)
		}
		select {
		case <-deadline:
			t.Fatalf("%s: %s", what, answer)
		case <-tick.C:
		}
	}
}

func claimOf(namespace, name string) *claim.Unstructured {
	c := claim.New()
	c.SetAPIVersion("plumbline.dev/v1alpha1")
	c.SetKind("ServiceEnvironment")
	c.SetNamespace(namespace)
	c.SetName(name)
	return c
}

// unready says why a claim is not Ready.
func unready(t *testing.T, c *claim.Unstructured) string {
	t.Helper()
	if err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(c), c); err != nil {
		return err.Error()
	}
	if c.GetCondition(xpv2.TypeReady).Status == corev1.ConditionTrue {
		return ""
	}
	summary, _, _ := unstructured.NestedString(c.Object, "status", "summary")
	return c.GetName() + " says: " + summary
}

// absent says that an object is still there.
func absent(t *testing.T, o client.Object) string {
	t.Helper()
	err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(o), o)
	switch {
	case kerrors.IsNotFound(err):
		return ""
	case err != nil:
		return err.Error()
	default:
		return o.GetName() + " is still there"
	}
}

// A repository is a bare one, with a clone in which a developer works and the engine
// that follows it.
type repository struct {
	bare, work string
	log        *os.File
}

// publish makes a repository of examples/gitops, and starts the engine on it.
func publish(t *testing.T) repository {
	t.Helper()
	dir := t.TempDir()
	r := repository{bare: filepath.Join(dir, "bare.git"), work: filepath.Join(dir, "work")}
	gittest.Run(t, dir, "init", "--quiet", "--bare", "--initial-branch=main", r.bare)
	gittest.Run(t, dir, "clone", "--quiet", r.bare, r.work)
	gittest.Run(t, r.work, "checkout", "--quiet", "-B", "main")
	copyFolder(t, filepath.Join(root, "examples", "gitops"), r.work)
	r.commit(t, "Begin")
	var err error
	if r.log, err = os.Create(plane.Log("gitops")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), enginePath(), "--kubeconfig", plane.Kubeconfig(), //nolint:gosec // Its arguments are ours.
		"--repository", r.bare, "--work", filepath.Join(dir, "engine"),
		"--plugin", filepath.Join(root, "examples", "gitops", "clusters", "argocd", "plugin.yaml"), "platform", "teams/*/*")
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(program)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	cmd.Stdout, cmd.Stderr = r.log, r.log
	if err := cmd.Start(); err != nil {
		t.Fatalf("cannot start the engine: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = r.log.Close()
	})
	return r
}

// copyFolder copies files as they read: a link becomes what it leads to.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path) //nolint:gosec // An example of this repository.
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o600) //nolint:gosec // In a folder of the test.
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r repository) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(r.work, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (r repository) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.work, name)) //nolint:gosec // In a folder of the test.
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (r repository) remove(t *testing.T, name string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(r.work, name)); err != nil {
		t.Fatal(err)
	}
}

func (r repository) commit(t *testing.T, message string) {
	t.Helper()
	gittest.Run(t, r.work, "add", "--all")
	gittest.Run(t, r.work, "commit", "--quiet", "--message", message)
	gittest.Run(t, r.work, "push", "--quiet", "origin", "main")
}

// said says that the engine has not said something.
func (r repository) said(t *testing.T, words string) string {
	t.Helper()
	text, err := os.ReadFile(r.log.Name())
	if err != nil {
		return err.Error()
	}
	if !bytes.Contains(text, []byte(words)) {
		return "the engine did not say " + words
	}
	return ""
}

// plumbline runs our program in a folder, and returns what it says and its exit code.
func plumbline(t *testing.T, dir string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...) //nolint:gosec // Its arguments are ours.
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("cannot run plumbline: %v", err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}
