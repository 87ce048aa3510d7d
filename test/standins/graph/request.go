package graph

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody is more than any request of the API needs.
const maxBody = 4 << 20

// A request of Microsoft Graph, its own or part of a batch.
type request struct {
	method   string
	version  string   // v1.0 or beta.
	path     []string // Segments below the version, unescaped.
	query    url.Values
	header   http.Header
	body     []byte
	host     string
	params   map[string]string
	id       string
	clientID string
	now      time.Time
}

// An answer to a request. A nil body is none.
type answer struct {
	status   int
	body     any
	location string

	retryAfter string
}

func (r *request) beta() bool { return r.version == "beta" }

// base is the URL of the version as the client named it.
func (r *request) base() string { return "https://" + r.host + "/" + r.version }

func (r *request) eventual() bool {
	return strings.EqualFold(r.header.Get("Consistencylevel"), "eventual")
}

// decode reads the body into out, which must be a pointer.
func (r *request) decode(out any) error {
	if json.Unmarshal(r.body, out) != nil {
		return malformed("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	return nil
}

// read returns the request even if it is refused, so that the refusal can name
// it.
func (s *Server) read(r *http.Request) (*request, error) {
	out := &request{
		method: r.Method, host: r.Host, header: r.Header, query: r.URL.Query(),
		id: randomID(), clientID: r.Header.Get("Client-Request-Id"), now: s.options.Now(),
	}
	if out.clientID == "" {
		out.clientID = out.id
	}
	if err := s.authenticate(r.Header.Get("Authorization")); err != nil {
		return out, err
	}
	if err := out.locate(r.URL.EscapedPath()); err != nil {
		return out, err
	}
	body, err := readBody(r)
	out.body = body
	return out, err
}

// locate splits an escaped path into the version and its segments.
func (r *request) locate(escaped string) error {
	segments := strings.Split(strings.Trim(escaped, "/"), "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil {
			return malformed("Invalid path.")
		}
		segments[i] = plain
	}
	r.version, r.path = segments[0], segments[1:]
	if r.version != "v1.0" && r.version != "beta" {
		return malformed("Invalid version: %s", r.version)
	}
	return nil
}

func readBody(r *http.Request) ([]byte, error) {
	var in io.Reader = r.Body
	if r.Body == nil {
		return nil, nil
	}
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, malformed("The request body is not gzip, as Content-Encoding says.")
		}
		in = unzipped
	}
	body, err := io.ReadAll(io.LimitReader(in, maxBody+1))
	if err != nil || len(body) > maxBody {
		return nil, &fault{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request body is too large or cut off."}
	}
	return body, nil
}

func (s *Server) write(w http.ResponseWriter, r *request, a answer) {
	h := w.Header()
	h.Set("Date", r.now.UTC().Format(http.TimeFormat))
	h.Set("Request-Id", r.id)
	h.Set("Client-Request-Id", r.clientID)
	if a.location != "" {
		h.Set("Location", a.location)
	}
	if a.retryAfter != "" {
		h.Set("Retry-After", a.retryAfter)
	}
	if a.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="", authorization_uri="https://`+r.host+`/common/oauth2/authorize"`)
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	h.Set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8")
	w.WriteHeader(a.status)
	if err := json.NewEncoder(w).Encode(a.body); err != nil {
		panic(http.ErrAbortHandler) // Half an answer must not look whole.
	}
}
