package elasticsearch

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// An answer to a request.
type answer struct {
	status int
	body   any
}

func ok(body any) answer { return answer{http.StatusOK, body} }

func acknowledged() answer { return ok(object{"acknowledged": true}) }

// write answers. A HEAD request is told the status alone.
func write(w http.ResponseWriter, r *http.Request, a answer) {
	h := w.Header()
	// Clients of Elasticsearch refuse to talk to anything that does not say this.
	h.Set("X-Elastic-Product", "Elasticsearch")
	h.Set("Content-Type", "application/json")
	if accept := r.Header.Get("Accept"); strings.HasPrefix(accept, vendored) {
		h.Set("Content-Type", accept)
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_ = json.NewEncoder(w).Encode(a.body) // The client is gone; there is nobody to tell.
	}
}

// A fault is a refusal, in Elasticsearch's terms.
type fault struct {
	status int
	kind   string
	reason string

	details object              // What is said besides, such as the index that it is about.
	cause   *fault              // Told as caused_by.
	header  map[string][]string // Told in the answer's header and its body.

	plain string // An error that is told as a text, for requests that no API got to see.
}

func (f *fault) Error() string {
	if f.plain != "" {
		return f.plain
	}
	return f.kind + ": " + f.reason
}

func (f *fault) object() object {
	out := object{"type": f.kind, "reason": f.reason}
	maps.Copy(out, f.details)
	if f.header != nil {
		out["header"] = f.header
	}
	return out
}

// root is the innermost cause of the same kind; a cause of another kind explains
// the fault, and is none.
func (f *fault) root() *fault {
	if f.cause != nil && f.cause.kind == f.kind {
		return f.cause.root()
	}
	return f
}

// refusal returns the answer that an error is.
func refusal(w http.ResponseWriter, err error) answer {
	var f *fault
	if !errors.As(err, &f) {
		f = &fault{status: http.StatusInternalServerError, kind: "exception", reason: err.Error()}
	}
	for name, values := range f.header {
		for _, v := range values {
			w.Header().Add(name, v)
		}
	}
	if f.plain != "" {
		return answer{f.status, object{"error": f.plain, "status": f.status}}
	}
	whole := f.object()
	whole["root_cause"] = []any{f.root().object()}
	if f.cause != nil {
		whole["caused_by"] = f.cause.object()
	}
	return answer{f.status, object{"error": whole, "status": f.status}}
}

func illegal(format string, args ...any) *fault {
	return &fault{status: http.StatusBadRequest, kind: "illegal_argument_exception", reason: fmt.Sprintf(format, args...)}
}

func noSuchIndex(name string) *fault {
	return &fault{status: http.StatusNotFound, kind: "index_not_found_exception", reason: fmt.Sprintf("no such index [%s]", name),
		details: object{"resource.type": "index_or_alias", "resource.id": name, "index_uuid": "_na_", "index": name}}
}

func closed(i *index) *fault {
	return &fault{status: http.StatusBadRequest, kind: "index_closed_exception", reason: "closed", details: i.identity()}
}

// unsupported is a request that Elasticsearch answers and the stand-in does not.
func unsupported(format string, args ...any) *fault {
	return &fault{status: http.StatusNotImplemented, kind: "unsupported_operation_exception",
		reason: "the stand-in does not " + fmt.Sprintf(format, args...)}
}
