package graph

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// maxBatch is the number of requests that one batch may hold.
const maxBatch = 20

type batchItem struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

// batch answers each request of a batch by itself. The answers come in another
// order than the requests, because a client must not rely on theirs.
func (s *Server) batch(r *request) answer {
	var in struct {
		Requests []batchItem `json:"requests"`
	}
	if err := r.decode(&in); err != nil {
		return refusal(r, err)
	}
	if err := checkBatch(in.Requests); err != nil {
		return refusal(r, err)
	}
	out := make([]map[string]any, len(in.Requests))
	for i, item := range in.Requests {
		a := s.performItem(r, item)
		headers := map[string]string{"Content-Type": "application/json"}
		if a.retryAfter != "" {
			headers["Retry-After"] = a.retryAfter
		}
		one := map[string]any{"id": item.ID, "status": a.status, "headers": headers}
		if a.body != nil {
			one["body"] = a.body
		}
		out[len(out)-1-i] = one
	}
	return answer{status: http.StatusOK, body: map[string]any{"responses": out}}
}

func checkBatch(items []batchItem) error {
	if len(items) == 0 || len(items) > maxBatch {
		return malformed("Number of batch request steps must be between 1 and %d.", maxBatch)
	}
	seen := map[string]bool{}
	for _, item := range items {
		switch {
		case item.ID == "" || seen[item.ID]:
			return malformed("Request Id has to be present and unique in the batch.")
		case len(item.DependsOn) > 0:
			return malformed("dependsOn is not served by this stand-in.")
		}
		seen[item.ID] = true
	}
	return nil
}

func (s *Server) performItem(outer *request, item batchItem) answer {
	r := &request{
		method: strings.ToUpper(item.Method), host: outer.host, header: http.Header{},
		body: bytes.TrimSpace(item.Body), id: outer.id, clientID: outer.clientID, now: outer.now,
	}
	for name, value := range item.Headers {
		r.header.Set(name, value)
	}
	to, err := url.Parse("/" + outer.version + "/" + strings.TrimPrefix(item.URL, "/"))
	if err != nil {
		return refusal(r, malformed("Invalid URL '%s'.", item.URL))
	}
	r.query = to.Query()
	if err := r.locate(to.EscapedPath()); err != nil {
		return refusal(r, err)
	}
	if len(r.path) == 1 && r.path[0] == "$batch" {
		return refusal(r, malformed("A batch must not hold another."))
	}
	return s.perform(r)
}
