package company

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/cgi" //nolint:gosec // The weakness of it was mended in Go 1.6.3.
	"path/filepath"
	"time"
)

// A gitServer serves a bare repository over HTTP, as git itself does, and the files of
// its branch main, as the web page of a Git host does. Backstage expands the * of a
// location only with hosts that it knows, so locations.yaml does that here.
type gitServer struct {
	host   string
	server *http.Server
}

// publish makes the repository of the company from that of examples/gitops, and serves it.
func (c *Company) publish(ctx context.Context) error {
	dir := filepath.Join(c.Dir, "git")
	repository, err := newRepository(dir, filepath.Join(c.Root, "examples", "gitops"))
	if err != nil {
		return err
	}
	core, err := git("--exec-path")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/git/", &cgi.Handler{
		Path: filepath.Join(core, "git-http-backend"), Root: "/git",
		Env: []string{"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1"},
	})
	mux.HandleFunc("GET /raw/locations.yaml", func(w http.ResponseWriter, r *http.Request) {
		files, err := repository.list("main", "teams/*/*.catalog-info.yaml")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = fmt.Fprint(w, "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: environments}\nspec:\n  type: url\n  targets:\n")
		for _, file := range files {
			_, _ = fmt.Fprintf(w, "    - http://%s/raw/%s\n", r.Host, file) //nolint:gosec // YAML, for a Backstage on this machine.
		}
	})
	mux.HandleFunc("GET /raw/{path...}", func(w http.ResponseWriter, r *http.Request) {
		text, err := repository.Show("main", r.PathValue("path"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(text))
	})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.git = &gitServer{host: listener.Addr().String(), server: &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}}
	go c.git.server.Serve(listener) //nolint:errcheck // It ends when it is closed.
	c.Git, c.Remote = repository, "http://"+c.git.host+"/git/environments.git"
	return nil
}

func (g *gitServer) close() { _ = g.server.Close() }
