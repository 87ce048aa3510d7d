package elasticsearch

import (
	"errors"
	"fmt"
	"net/http"
)

// An apiError is an error in Elasticsearch's own shape.
type apiError struct {
	status int
	kind   string
	reason string
	index  string // The index that the error is about, if any.
}

func (e *apiError) Error() string { return e.kind + ": " + e.reason }

// body is the answer: the root cause, the same once more, and the status.
func (e *apiError) body() map[string]any {
	cause := func() map[string]any {
		out := map[string]any{"type": e.kind, "reason": e.reason}
		if e.index != "" {
			out["index"] = e.index
			out["index_uuid"] = "_na_"
		}
		return out
	}
	whole := cause()
	whole["root_cause"] = []any{cause()}
	return map[string]any{"error": whole, "status": e.status}
}

func writeError(w http.ResponseWriter, r *http.Request, err error) {
	var known *apiError
	if !errors.As(err, &known) {
		known = &apiError{http.StatusInternalServerError, "exception", err.Error(), ""}
	}
	writeJSON(w, r, known.status, known.body())
}

func notFound(name string) error {
	return &apiError{http.StatusNotFound, "index_not_found_exception", fmt.Sprintf("no such index [%s]", name), name}
}

func illegal(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, "illegal_argument_exception", fmt.Sprintf(format, args...), ""}
}

func malformed(err error) error {
	return &apiError{http.StatusBadRequest, "parse_exception", "request body is not what was expected: " + err.Error(), ""}
}
