package backstage

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/test/company"
)

// ask calls Backstage's API as somebody who is signed in.
func ask(t *testing.T, method, path string, body any) company.Answer {
	t.Helper()
	a, err := here.Backstage.Ask(t.Context(), method, path, body)
	must(t, "ask Backstage", err)
	return a
}

// submit sends a form, and returns the id of the task.
func submit(t *testing.T, template string, values map[string]any) string {
	t.Helper()
	task, err := here.Backstage.Submit(t.Context(), template, values)
	must(t, "the form is taken", err)
	return task
}

// outcome waits until a task ends, and returns its status and what it logged.
func outcome(t *testing.T, task string) (status, log string) {
	t.Helper()
	must(t, "task ends", eventually(t.Context(), func() string {
		var err error
		if status, err = here.Backstage.Status(t.Context(), task); err != nil {
			return err.Error()
		}
		if status == "completed" || status == "failed" {
			return ""
		}
		return "it is " + status
	}))
	log, err := here.Backstage.Log(t.Context(), task)
	must(t, "read what the task said", err)
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
	folder := filepath.Join(here.Templates(), template)
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
	if a.Code == http.StatusOK {
		must(t, "read answer", json.Unmarshal(a.Body, &got))
	} else {
		out["error"] = string(a.Body)
	}
	for _, f := range got.Directory {
		b, err := base64.StdEncoding.DecodeString(f.Content)
		must(t, "decode "+f.Path, err)
		out[f.Path] = string(b)
	}
	return a.Code, out
}

// find reads an entity, and says whether it is there.
func find(t *testing.T, ref string) (company.Entity, bool) {
	t.Helper()
	e, err := here.Backstage.Entity(t.Context(), ref)
	var missing *company.NotFoundError
	if errors.As(err, &missing) {
		return company.Entity{}, false
	}
	must(t, "read entity", err)
	return *e, true
}

// becomes waits until an entity is as check wants it; check says what misses.
func becomes(t *testing.T, ref string, check func(company.Entity) string) company.Entity {
	t.Helper()
	var last company.Entity
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
