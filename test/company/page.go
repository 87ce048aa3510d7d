package company

import (
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// page is where Backstage's page is bundled.
func page(root string) string { return filepath.Join(root, ".cache", "backstage-page", "dist") }

// PageInstalled says whether there is a page to serve.
func PageInstalled(root string) bool {
	_, err := os.Stat(filepath.Join(page(root), "index.html"))
	return err == nil
}

// servePage serves Backstage's page, if it is installed, and behind it the backend:
// whoever opens it is signed in with the backend's token.
func (c *Company) servePage(ctx context.Context) error {
	if !PageInstalled(c.Root) {
		return nil
	}
	backend, err := url.Parse(c.Backstage.URL)
	if err != nil {
		return err
	}
	api := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(backend)
		r.Out.Header.Set("Authorization", "Bearer "+c.Backstage.Token)
	}}
	files := http.FileServer(http.Dir(page(c.Root)))
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.page = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/api/"):
			api.ServeHTTP(w, r)
		case filepath.Ext(r.URL.Path) == ".js" || filepath.Ext(r.URL.Path) == ".css":
			files.ServeHTTP(w, r)
		default: // A place within the page.
			http.ServeFile(w, r, filepath.Join(page(c.Root), "index.html"))
		}
	})}
	go c.page.Serve(listener) //nolint:errcheck // It ends when it is closed.
	c.Page = "http://" + listener.Addr().String()
	return nil
}
