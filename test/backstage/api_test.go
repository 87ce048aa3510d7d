package backstage

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// An answer of an HTTP server.
type answer struct {
	code   int
	header http.Header
	body   []byte
}

func fetch(ctx context.Context, method, url string, header map[string]string, body any) (answer, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return answer{}, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	for key, value := range header {
		r.Header.Set(key, value)
	}
	rsp, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer rsp.Body.Close() //nolint:errcheck // It was read.
	out, err := io.ReadAll(rsp.Body)
	return answer{code: rsp.StatusCode, header: rsp.Header, body: out}, err
}

// ask calls Backstage's API as somebody who is signed in.
func ask(t *testing.T, method, path string, body any) answer {
	t.Helper()
	a, err := fetch(t.Context(), method, here.backstage+path, map[string]string{"Authorization": "Bearer " + token}, body)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// submit sends a form, and returns the id of the task.
func submit(t *testing.T, template string, values map[string]any) string {
	t.Helper()
	a := ask(t, http.MethodPost, "/api/scaffolder/v2/tasks", map[string]any{"templateRef": "template:default/" + template, "values": values})
	if a.code != http.StatusCreated {
		t.Fatalf("form %s is taken, got %d: %s", template, a.code, a.body)
	}
	var task struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(a.body, &task); err != nil {
		t.Fatal(err)
	}
	return task.ID
}

// outcome waits until a task ends, and returns its status and what it logged.
func outcome(t *testing.T, task string) (status, log string) {
	t.Helper()
	must(t, "task ends", eventually(t.Context(), func() string {
		var state struct {
			Status string `json:"status"`
		}
		a := ask(t, http.MethodGet, "/api/scaffolder/v2/tasks/"+task, nil)
		if err := json.Unmarshal(a.body, &state); err != nil {
			return err.Error()
		}
		status = state.Status
		if status == "completed" || status == "failed" {
			return ""
		}
		return "it is " + status
	}))
	var events []struct {
		Body struct {
			Message string `json:"message"`
		} `json:"body"`
	}
	if err := json.Unmarshal(ask(t, http.MethodGet, "/api/scaffolder/v2/tasks/"+task+"/events", nil).body, &events); err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		log += e.Body.Message + "\n"
	}
	return status, log
}

// fill sends a form and waits until its task has completed.
func fill(t *testing.T, template string, values map[string]any) {
	t.Helper()
	if status, log := outcome(t, submit(t, template, values)); status != "completed" {
		t.Fatalf("form %s opens a pull request, but its task %s:\n%s", template, status, log)
	}
}

// rehearse sends a form as a dry run, and returns the files that it would commit.
func rehearse(t *testing.T, template string, values map[string]any) (int, map[string]string) {
	t.Helper()
	folder := filepath.Join(here.templates, template)
	text, err := os.ReadFile(filepath.Join(folder, "template.yaml")) //nolint:gosec // The test's own.
	must(t, "read template", err)
	var raw map[string]any
	must(t, "parse template", yaml.Unmarshal(text, &raw))
	type file struct {
		Path    string `json:"path"`
		Content string `json:"base64Content"`
	}
	var contents []file
	must(t, "read folder", filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(path) //nolint:gosec // The test's own.
		name, _ := filepath.Rel(folder, path)
		contents = append(contents, file{name, base64.StdEncoding.EncodeToString(b)})
		return err
	}))
	a := ask(t, http.MethodPost, "/api/scaffolder/v2/dry-run", map[string]any{"template": raw, "values": values, "directoryContents": contents})
	var got struct {
		Directory []file `json:"directoryContents"`
	}
	out := map[string]string{}
	if a.code == http.StatusOK {
		must(t, "read answer", json.Unmarshal(a.body, &got))
	} else {
		out["error"] = string(a.body)
	}
	for _, f := range got.Directory {
		b, err := base64.StdEncoding.DecodeString(f.Content)
		must(t, "decode "+f.Path, err)
		out[f.Path] = string(b)
	}
	return a.code, out
}

// An entity as the catalog has it.
type entity struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name        string            `json:"name"`
		Annotations map[string]string `json:"annotations"`
		Tags        []string          `json:"tags"`
		Links       []struct {
			URL string `json:"url"`
		} `json:"links"`
	} `json:"metadata"`
	Spec      map[string]any `json:"spec"`
	Relations []struct {
		Type      string `json:"type"`
		TargetRef string `json:"targetRef"`
	} `json:"relations"`
}

// relation says whether the entity has a relation.
func (e entity) relation(kind, target string) bool {
	return slices.ContainsFunc(e.Relations, func(r struct {
		Type      string `json:"type"`
		TargetRef string `json:"targetRef"`
	},
	) bool {
		return r.Type == kind && r.TargetRef == target
	})
}

// find reads an entity, and says whether it is there.
func find(t *testing.T, ref string) (entity, bool) {
	t.Helper()
	kind, name, _ := strings.Cut(ref, ":")
	a := ask(t, http.MethodGet, "/api/catalog/entities/by-name/"+kind+"/"+name, nil)
	var e entity
	if a.code == http.StatusNotFound {
		return e, false
	}
	if a.code != http.StatusOK {
		t.Fatalf("cannot read entity %s: %d %s", ref, a.code, a.body)
	}
	must(t, "read entity", json.Unmarshal(a.body, &e))
	return e, true
}

// becomes waits until an entity is as check wants it; check says what misses.
func becomes(t *testing.T, ref string, check func(entity) string) entity {
	t.Helper()
	var last entity
	must(t, ref, eventually(t.Context(), func() string {
		e, found := find(t, ref)
		if !found {
			return "is not in the catalog"
		}
		last = e
		return check(e)
	}))
	return last
}

func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", what, err))
	}
}
