package backstage

import (
	"fmt"
	"net"
	"net/http"
	"net/http/cgi" //nolint:gosec // The weakness of it was mended in Go 1.6.3.
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A gitServer serves a bare repository over HTTP, as git itself does, and the files of
// its branch main, as the web page of a Git host does.
type gitServer struct {
	host   string
	bare   string
	clone  string
	server *http.Server
}

func newGitServer(dir string) (*gitServer, error) {
	g := &gitServer{bare: filepath.Join(dir, "environments.git"), clone: filepath.Join(dir, "reviewer")}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // Nothing in it is secret.
		return nil, err
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--bare", "--initial-branch=main", g.bare},
		{"-C", g.bare, "config", "http.receivepack", "true"},
		{"clone", "--quiet", g.bare, g.clone},
		{"-C", g.clone, "commit", "--quiet", "--allow-empty", "--message", "Begin"},
		{"-C", g.clone, "push", "--quiet", "origin", "HEAD:main"},
	} {
		if _, err := g.run(args...); err != nil {
			return nil, err
		}
	}
	core, err := g.run("--exec-path")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/git/", &cgi.Handler{
		Path: filepath.Join(core, "git-http-backend"), Root: "/git",
		Env: []string{"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1"},
	})
	mux.HandleFunc("GET /raw/{path...}", g.raw)
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // close ends it.
	if err != nil {
		return nil, err
	}
	g.host = listener.Addr().String()
	g.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go g.server.Serve(listener) //nolint:errcheck // It ends when it is closed.
	return g, nil
}

func (g *gitServer) close() { _ = g.server.Close() }

func (g *gitServer) remote() string { return "http://" + g.host + "/git/environments.git" }

func (g *gitServer) raw(w http.ResponseWriter, r *http.Request) {
	text, err := g.show("main", r.PathValue("path"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write([]byte(text))
}

// show returns a file of a branch.
func (g *gitServer) show(branch, path string) (string, error) {
	cmd := exec.Command("git", "-C", g.bare, "show", branch+":"+path) //nolint:gosec,noctx // The test chooses what it reads.
	out, err := cmd.Output()
	return string(out), err
}

// branches are all but main.
func (g *gitServer) branches() (string, error) {
	return g.run("-C", g.bare, "for-each-ref", "--format=%(refname:short)", "refs/heads")
}

// merge is what a reviewer does who accepts.
func (g *gitServer) merge(branch string) error {
	for _, args := range [][]string{
		{"fetch", "--quiet"},
		{"merge", "--quiet", "--no-ff", "--message", "Merge " + branch, "origin/" + branch},
		{"push", "--quiet", "origin", "HEAD:main"},
	} {
		if _, err := g.run(append([]string{"-C", g.clone}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// commit changes a file on main, as somebody does without a form.
func (g *gitServer) commit(path string, edit func(string) string) error {
	name := filepath.Join(g.clone, path)
	text, err := os.ReadFile(name) //nolint:gosec // The test chooses what it reads.
	if err != nil {
		return err
	}
	if err := os.WriteFile(name, []byte(edit(string(text))), 0o600); err != nil {
		return err
	}
	for _, args := range [][]string{{"commit", "--quiet", "--all", "--message", "Edit " + path}, {"push", "--quiet", "origin", "HEAD:main"}} {
		if _, err := g.run(append([]string{"-C", g.clone}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

func (g *gitServer) run(args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-c", "user.name=Reviewer", "-c", "user.email=reviewer@example.com", "-c", "init.defaultBranch=main"}, args...)...) //nolint:gosec,noctx // Ours.
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}
