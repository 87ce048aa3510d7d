// Package kong stands in for the Admin API of a Kong Gateway without a database,
// as far as the Kong Ingress Controller uses it: it reports itself, accepts a
// declarative configuration whole, and keeps the last one for tests to read at
// GET /_standin/config.
//
// What it does not do:
//   - It proxies nothing, and checks of a configuration only that it is JSON, names
//     its format version, and that services, routes, upstreams and certificates are
//     lists of objects with what makes each findable: a name, or a certificate's key
//     pair.
//   - It knows no entities one by one (/services, /routes and so on answer 404), no
//     workspaces, no licences and no Konnect.
//   - Schemas of plugins are not Kong's: each has a config that takes anything.
package kong

import (
	"compress/gzip"
	"crypto/md5" //nolint:gosec // Kong's own hash of a configuration; it protects nothing.
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

const (
	version = "3.9.0"
	nodeID  = "6a1f0c52-6f1c-4c39-9d0e-5a3f3d1c7b10"

	// emptyHash is what Kong reports until it has a configuration.
	emptyHash = "00000000000000000000000000000000"

	maxConfig = 64 << 20
)

// A Server is the stand-in.
type Server struct {
	mux *http.ServeMux

	mu     sync.Mutex
	config json.RawMessage
	hash   string
}

var _ http.Handler = &Server{}

// New returns a server without a configuration.
func New() *Server {
	s := &Server{mux: http.NewServeMux(), hash: emptyHash}
	s.mux.HandleFunc("GET /{$}", s.root)
	s.mux.HandleFunc("GET /status", s.status)
	s.mux.HandleFunc("GET /schemas/{entity}", schema)
	s.mux.HandleFunc("GET /schemas/plugins/{plugin}", schema)
	s.mux.HandleFunc("GET /config", s.getConfig)
	s.mux.HandleFunc("POST /config", s.postConfig)
	s.mux.HandleFunc("GET /_standin/config", s.recorded)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "Not found") })
	return s
}

// ServeHTTP answers the Admin API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Config returns the last configuration that was accepted, or nil.
func (s *Server) Config() json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config
}

func (s *Server) recorded(w http.ResponseWriter, _ *http.Request) {
	config := s.Config()
	if config == nil {
		refuse(w, http.StatusNotFound, "no configuration has been accepted yet")
		return
	}
	answer(w, http.StatusOK, config)
}

// getConfig answers as Kong does: the configuration is a string.
func (s *Server) getConfig(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"config": string(s.Config())})
}

func (s *Server) postConfig(w http.ResponseWriter, r *http.Request) {
	body, err := read(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if mistakes := check(body); len(mistakes) > 0 {
		answer(w, http.StatusBadRequest, map[string]any{
			"code": 14, "name": "invalid declarative configuration",
			"message":          "declarative config is invalid: " + strings.Join(mistakes, "; "),
			"flattened_errors": []any{}, "fields": map[string]any{},
		})
		return
	}
	sum := md5.Sum(body) //nolint:gosec // See the import.
	s.mu.Lock()
	s.config, s.hash = body, hex.EncodeToString(sum[:])
	s.mu.Unlock()
	answer(w, http.StatusCreated, json.RawMessage(body))
}

func read(r *http.Request) ([]byte, error) {
	var in io.Reader = r.Body
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, errors.New("the request body is not gzip, as Content-Encoding says")
		}
		in = unzipped
	}
	body, err := io.ReadAll(io.LimitReader(in, maxConfig+1))
	if err != nil || len(body) > maxConfig {
		return nil, errors.New("the request body is too large or cut off")
	}
	return body, nil
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]string{"message": message})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Server", "kong/"+version)
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(http.ErrAbortHandler) // Half an answer must not look whole.
	}
}
