package company

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// A Backstage is a backend, called as somebody who is signed in.
type Backstage struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

// An Answer of an HTTP server.
type Answer struct {
	Code   int
	Header http.Header
	Body   []byte
}

// Fetch sends a request, whose body is JSON.
func Fetch(ctx context.Context, method, url string, header map[string]string, body any) (Answer, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return Answer{}, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(text))
	if err != nil {
		return Answer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	for key, value := range header {
		r.Header.Set(key, value)
	}
	rsp, err := http.DefaultClient.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer rsp.Body.Close() //nolint:errcheck // It was read.
	out, err := io.ReadAll(rsp.Body)
	return Answer{Code: rsp.StatusCode, Header: rsp.Header, Body: out}, err
}

// Ask calls the backend's API.
func (b Backstage) Ask(ctx context.Context, method, path string, body any) (Answer, error) {
	return Fetch(ctx, method, b.URL+path, map[string]string{"Authorization": "Bearer " + b.Token}, body)
}

// Submit sends a form, and returns the id of the task that it began.
func (b Backstage) Submit(ctx context.Context, template string, values map[string]any) (string, error) {
	a, err := b.Ask(ctx, http.MethodPost, "/api/scaffolder/v2/tasks", map[string]any{"templateRef": "template:default/" + template, "values": values})
	if err != nil {
		return "", err
	}
	if a.Code != http.StatusCreated {
		return "", fmt.Errorf("cannot send form %q: %d: %s", template, a.Code, a.Body)
	}
	var task struct {
		ID string `json:"id"`
	}
	return task.ID, json.Unmarshal(a.Body, &task)
}

// Status of a task: it has come to its end if it is completed or failed.
func (b Backstage) Status(ctx context.Context, task string) (string, error) {
	a, err := b.Ask(ctx, http.MethodGet, "/api/scaffolder/v2/tasks/"+task, nil)
	if err != nil {
		return "", err
	}
	var state struct {
		Status string `json:"status"`
	}
	return state.Status, json.Unmarshal(a.Body, &state)
}

// Log is what a task said.
func (b Backstage) Log(ctx context.Context, task string) (string, error) {
	a, err := b.Ask(ctx, http.MethodGet, "/api/scaffolder/v2/tasks/"+task+"/events", nil)
	if err != nil {
		return "", err
	}
	var events []struct {
		Body struct {
			Message string `json:"message"`
		} `json:"body"`
	}
	if err := json.Unmarshal(a.Body, &events); err != nil {
		return "", err
	}
	var log strings.Builder
	for _, e := range events {
		log.WriteString(e.Body.Message + "\n")
	}
	return log.String(), nil
}

// An Entity as the catalog has it.
type Entity struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name        string            `json:"name"`
		Annotations map[string]string `json:"annotations"`
		Labels      map[string]string `json:"labels"`
		Tags        []string          `json:"tags"`
		Links       []struct {
			URL string `json:"url"`
		} `json:"links"`
	} `json:"metadata"`
	Spec      map[string]any `json:"spec"`
	Relations []Relation     `json:"relations"`
}

// A Relation to another entity.
type Relation struct {
	Type      string `json:"type"`
	TargetRef string `json:"targetRef"`
}

// Has says whether the entity has a relation.
func (e Entity) Has(kind, target string) bool {
	return slices.Contains(e.Relations, Relation{Type: kind, TargetRef: target})
}

// Entity reads one; a NotFoundError says that the catalog does not have it.
func (b Backstage) Entity(ctx context.Context, ref string) (*Entity, error) {
	kind, name, _ := strings.Cut(ref, ":")
	a, err := b.Ask(ctx, http.MethodGet, "/api/catalog/entities/by-name/"+kind+"/"+name, nil)
	if err != nil {
		return nil, err
	}
	if a.Code == http.StatusNotFound {
		return nil, &NotFoundError{Ref: ref}
	}
	if a.Code != http.StatusOK {
		return nil, fmt.Errorf("cannot read entity %q: %d: %s", ref, a.Code, a.Body)
	}
	e := &Entity{}
	return e, json.Unmarshal(a.Body, e)
}

// A NotFoundError says that the catalog does not have an entity.
type NotFoundError struct{ Ref string }

func (e *NotFoundError) Error() string { return "the catalog has no " + e.Ref }
