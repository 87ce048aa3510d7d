package graph

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// A fault is a refusal, in the terms of Microsoft Graph.
type fault struct {
	status  int
	code    string
	message string
}

func (f *fault) Error() string { return f.code + ": " + f.message }

func badRequest(format string, args ...any) error {
	return &fault{http.StatusBadRequest, "Request_BadRequest", fmt.Sprintf(format, args...)}
}

// malformed is a request that the OData layer refuses before the directory sees
// it; its code has no prefix.
func malformed(format string, args ...any) error {
	return &fault{http.StatusBadRequest, "BadRequest", fmt.Sprintf(format, args...)}
}

func unsupportedQuery(format string, args ...any) error {
	return &fault{http.StatusBadRequest, "Request_UnsupportedQuery", fmt.Sprintf(format, args...)}
}

func notFound(id string) error {
	return &fault{http.StatusNotFound, "Request_ResourceNotFound",
		fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", id)}
}

func segmentNotFound(path []string) error {
	return malformed("Resource not found for the segment '%s'.", strings.Join(path, "/"))
}

func denied() error {
	return &fault{http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."}
}

func unauthenticated(message string) error {
	return &fault{http.StatusUnauthorized, "InvalidAuthenticationToken", message}
}

func conflict(property string) error {
	return badRequest("Another object with the same value for property %s already exists.", property)
}

// refusal returns the answer that an error is.
func refusal(r *request, err error) answer {
	var f *fault
	if !errors.As(err, &f) {
		f = &fault{http.StatusInternalServerError, "InternalServerError", err.Error()}
	}
	return answer{status: f.status, body: map[string]any{"error": map[string]any{
		"code": f.code, "message": f.message,
		"innerError": map[string]string{
			"date":       r.now.UTC().Format("2006-01-02T15:04:05"),
			"request-id": r.id, "client-request-id": r.clientID,
		},
	}}}
}
