package elasticsearch

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// Options of a stand-in.
type Options struct {
	// Version that the cluster says it has. Left out: 8.19.7.
	Version string
	// Username and Password are the superuser's.
	Username, Password string
	// APIKey is an encoded API key of the superuser. Left out: there is none.
	APIKey string
	// Unprivileged is the encoded API key of somebody who may do nothing.
	Unprivileged string
}

// A Server is a stand-in for one cluster.
type Server struct {
	options Options
	routes  *http.ServeMux

	mu      sync.Mutex
	indices map[string]*index
}

// New returns a cluster without indices.
func New(o Options) *Server {
	if o.Version == "" {
		o.Version = "8.19.7"
	}
	s := &Server{options: o, indices: map[string]*index{}}
	s.routes = http.NewServeMux()
	for pattern, handle := range map[string]func(*http.Request) (any, error){
		"GET /{$}":                              s.info,
		"GET /_cluster/health":                  s.health,
		"GET /_cluster/health/{target}":         s.health,
		"PUT /{index}":                          s.createIndex,
		"GET /{target}":                         s.getIndices,
		"DELETE /{target}":                      s.deleteIndices,
		"GET /{target}/_settings":               s.getSettings,
		"PUT /{target}/_settings":               s.putSettings,
		"GET /{target}/_mapping":                s.getMapping,
		"PUT /{target}/_mapping":                s.putMapping,
		"POST /{index}/_doc":                    s.addDocument,
		"GET /{target}/_count":                  s.count,
		"POST /{target}/{api}":                  unsupported,
		"GET /{target}/{api}":                   unsupported,
		"PUT /{target}/{api}/{rest...}":         unsupported,
		"GET /_cluster/{api}/{target}/{rest}":   unsupported,
		"DELETE /{target}/{api}/{rest...}":      unsupported,
		"POST /{target}/{api}/{part}/{rest...}": unsupported,
	} {
		s.routes.HandleFunc(pattern, s.answer(handle))
	}
	return s
}

func unsupported(r *http.Request) (any, error) {
	return nil, &apiError{http.StatusNotImplemented, "unsupported_operation_exception", fmt.Sprintf("the stand-in does not do %s %s", r.Method, r.URL.Path), ""}
}

// ServeHTTP answers a request as the cluster would.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Clients of Elasticsearch refuse to talk to anything that does not say this.
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	if err := s.authenticate(r); err != nil {
		w.Header().Set("WWW-Authenticate", `Basic realm="security", charset="UTF-8"`)
		w.Header().Add("WWW-Authenticate", "ApiKey")
		writeError(w, r, err)
		return
	}
	if err := s.checkMediaTypes(r); err != nil {
		writeError(w, r, err)
		return
	}
	s.routes.ServeHTTP(w, r)
}

// answer adapts what computes an answer. A HEAD request is a GET without its body.
func (s *Server) answer(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		body, err := handle(r)
		s.mu.Unlock()
		if err != nil {
			writeError(w, r, err)
			return
		}
		status := http.StatusOK
		if late, ok := body.(timedOut); ok {
			status, body = http.StatusRequestTimeout, map[string]any(late)
		}
		writeJSON(w, r, status, body)
	}
}

// A timedOut answer is an ordinary one whose status says that time ran out.
type timedOut map[string]any

func writeJSON(w http.ResponseWriter, r *http.Request, status int, body any) {
	contentType := "application/json"
	if accept := r.Header.Get("Accept"); strings.HasPrefix(accept, vendored) {
		contentType = accept
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_ = json.NewEncoder(w).Encode(body) // The caller has gone, if it fails.
	}
}

const vendored = "application/vnd.elasticsearch+json"

// checkMediaTypes refuses what asks for another major version, but for the one
// before: Elasticsearch answers that for compatibility.
func (s *Server) checkMediaTypes(r *http.Request) error {
	major := int(s.options.Version[0] - '0')
	for _, header := range []string{"Accept", "Content-Type"} {
		_, version, found := strings.Cut(r.Header.Get(header), "compatible-with=")
		if !found || version == fmt.Sprint(major) || version == fmt.Sprint(major-1) {
			continue
		}
		return &apiError{http.StatusBadRequest, "media_type_header_exception", fmt.Sprintf(
			"Invalid media-type value on headers [%s]; %s version must be either version %d or %d, but found %s", header, header, major, major-1, version), ""}
	}
	return nil
}

// authenticate also authorizes: there are only the superuser and somebody who may
// do nothing.
func (s *Server) authenticate(r *http.Request) error {
	if user, password, ok := r.BasicAuth(); ok {
		if same(user, s.options.Username) && same(password, s.options.Password) {
			return nil
		}
		return &apiError{http.StatusUnauthorized, "security_exception", fmt.Sprintf("unable to authenticate user [%s] for REST request [%s]", user, r.URL.Path), ""}
	}
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "ApiKey ")
	switch {
	case ok && s.options.APIKey != "" && same(key, s.options.APIKey):
		return nil
	case ok && s.options.Unprivileged != "" && same(key, s.options.Unprivileged):
		return &apiError{http.StatusForbidden, "security_exception", fmt.Sprintf("action [%s %s] is unauthorized for API key id [unprivileged]", r.Method, r.URL.Path), ""}
	case ok:
		return &apiError{http.StatusUnauthorized, "security_exception", "unable to authenticate with provided credentials and anonymous access is not allowed for this request", ""}
	default:
		return &apiError{http.StatusUnauthorized, "security_exception", fmt.Sprintf("missing authentication credentials for REST request [%s]", r.URL.Path), ""}
	}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// info is what clients ask first.
func (s *Server) info(*http.Request) (any, error) {
	return map[string]any{
		"name": "standin-0", "cluster_name": "standin", "cluster_uuid": "c3RhbmRpbi1jbHVzdGVyLXU",
		"version": map[string]any{
			"number": s.options.Version, "build_flavor": "default", "build_type": "docker",
			"build_hash": "0000000000000000000000000000000000000000", "build_date": "2026-01-01T00:00:00.000000000Z",
			"build_snapshot": false, "lucene_version": "10.0.0",
			"minimum_wire_compatibility_version": "7.17.0", "minimum_index_compatibility_version": "7.0.0",
		},
		"tagline": "You Know, for Search",
	}, nil
}
