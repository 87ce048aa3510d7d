package elasticsearch

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// An object is one of JSON.
type object = map[string]any

// maxBody is Elasticsearch's own default for http.max_content_length.
const maxBody = 100 << 20

// A request of the cluster's API.
type request struct {
	ctx    context.Context
	method string
	uri    string   // As it was sent.
	path   []string // Segments, unescaped.
	params map[string]string
	query  url.Values
	body   []byte
	who    identity
	may    func(index string) bool // Whether the sender may do this to an index. Nil: to all.
}

func read(r *http.Request) (*request, error) {
	out := &request{ctx: r.Context(), method: r.Method, uri: r.URL.RequestURI(), query: r.URL.Query()}
	for segment := range strings.SplitSeq(strings.Trim(r.URL.EscapedPath(), "/"), "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			return nil, illegal("failed to decode path segment [%s]", segment)
		}
		out.path = append(out.path, plain)
	}
	var err error
	out.body, err = readBody(r)
	return out, err
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	var in io.Reader = r.Body
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, illegal("the request body is not gzip, as Content-Encoding says")
		}
		in = unzipped
	}
	body, err := io.ReadAll(io.LimitReader(in, maxBody+1))
	if err != nil {
		return nil, illegal("the request body is cut off")
	}
	if len(body) > maxBody {
		return nil, &fault{status: http.StatusRequestEntityTooLarge, plain: "Content Too Large"}
	}
	return body, nil
}

// object returns the body, or an empty one if there is none.
func (r *request) object() (object, error) {
	out := object{}
	if len(bytes.TrimSpace(r.body)) == 0 {
		return out, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.UseNumber()
	if err := decoder.Decode(&out); err != nil || out == nil {
		return nil, &fault{status: http.StatusBadRequest, kind: "parse_exception", reason: "Failed to parse content to map"}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, &fault{status: http.StatusBadRequest, kind: "parse_exception", reason: "Failed to parse content to map"}
	}
	return out, nil
}

// required is a body that may not be left out.
func (r *request) required() (object, error) {
	if len(bytes.TrimSpace(r.body)) == 0 {
		return nil, &fault{status: http.StatusBadRequest, kind: "parse_exception", reason: "request body is required"}
	}
	return r.object()
}

// flag is a parameter that is true if it is there without a value.
func (r *request) flag(name string, fallback bool) (bool, error) {
	if !r.query.Has(name) {
		return fallback, nil
	}
	switch v := r.query.Get(name); v {
	case "", "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, illegal("Failed to parse value [%s] as only [true] or [false] are allowed.", v)
	}
}

// everywhere are the parameters that every API takes.
var everywhere = []string{"pretty", "human", "error_trace", "filter_path", "format"}

// checkQuery refuses parameters that an API does not take, as Elasticsearch does.
func (r *request) checkQuery(takes []string) error {
	var unknown []string
	for name := range r.query {
		if !slices.Contains(takes, name) && !slices.Contains(everywhere, name) {
			unknown = append(unknown, "["+name+"]")
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	path, _, _ := strings.Cut(r.uri, "?")
	parameters := "parameter"
	if len(unknown) > 1 {
		parameters = "parameters"
	}
	return illegal("request [%s] contains unrecognized %s: %s", path, parameters, strings.Join(unknown, ", "))
}
