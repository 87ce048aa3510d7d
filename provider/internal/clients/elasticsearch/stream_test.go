package elasticsearch

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/test/engine"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

func streamTemplate(l *Lifecycle) Template {
	return Template{
		Patterns: []string{"events"}, Priority: 500, Meta: map[string]any{"owner": "a"},
		Settings:  map[string]string{"number_of_shards": "1", "number_of_replicas": "0"},
		Mappings:  map[string]any{"_meta": map[string]any{"owner": "a"}, "properties": map[string]any{"id": map[string]any{"type": "keyword"}}},
		Lifecycle: l,
	}
}

// TestLifeOfATemplate takes a template through every call.
func TestLifeOfATemplate(t *testing.T) {
	ctx := t.Context()
	server := httptest.NewServer(engine.New(t, standin.Options{Username: "u", Password: "p"}, engine.StreamLifecycles))
	defer server.Close()
	c, err := New(Config{Endpoint: server.URL, Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Template(ctx, "events"); !IsTemplateNotFound(err) {
		t.Errorf("\nA template that is not there is told apart.\n%v", err)
	}
	for _, want := range []Template{streamTemplate(nil), streamTemplate(&Lifecycle{DataRetention: "7d"}), streamTemplate(&Lifecycle{})} {
		if err := c.PutTemplate(ctx, "events", want); err != nil {
			t.Fatal(err)
		}
		got, err := c.Template(ctx, "events")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("\nA template is what was put.\n%v, -want, +got:\n%s", err, diff)
		}
	}
	if rivals, err := c.Rivals(ctx, "events", 100); err != nil || len(rivals) > 0 {
		t.Errorf("\nA template is no rival of its own.\n%v, %v", rivals, err)
	}
	broad := streamTemplate(nil)
	broad.Patterns, broad.Priority = []string{"ev*"}, 600
	if err := c.PutTemplate(ctx, "all", broad); err != nil {
		t.Fatal(err)
	}
	rivals, err := c.Rivals(ctx, "events", 500)
	if diff := cmp.Diff([]Rival{{Name: "all", Priority: 600}}, rivals); err != nil || diff != "" {
		t.Errorf("\nAnother that fits the name is one.\n%v, -want, +got:\n%s", err, diff)
	}
	broad.Priority = 500
	if err := c.PutTemplate(ctx, "all", broad); !IsInvalid(err) {
		t.Errorf("\nNo two that fit the same names have one priority.\n%v", err)
	}
	if err := c.DeleteTemplate(ctx, "events"); err != nil {
		t.Fatal(err)
	}
	if err := c.DeleteTemplate(ctx, "events"); !IsTemplateNotFound(err) {
		t.Errorf("\nWhat is gone is not found.\n%v", err)
	}
}

// TestLifeOfADataStream takes a template and its stream through every call, in the
// order that a life has.
func TestLifeOfADataStream(t *testing.T) {
	ctx := t.Context()
	server := httptest.NewServer(engine.New(t, standin.Options{Username: "u", Password: "p"}, engine.DataStreams))
	defer server.Close()
	c, err := New(Config{Endpoint: server.URL, Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	must := func(reason string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("\n%s\n%v", reason, err)
		}
	}

	if _, err := c.DataStream(ctx, "events"); !IsNotFound(err) {
		t.Errorf("\nA stream that is not there is not found.\n%v", err)
	}
	if err := c.CreateDataStream(ctx, "events"); !IsInvalid(err) {
		t.Errorf("\nNo template, no stream.\n%v", err)
	}
	must("A template is put.", c.PutTemplate(ctx, "events", streamTemplate(nil)))
	must("The stream is made.", c.CreateDataStream(ctx, "events"))
	if err := c.CreateDataStream(ctx, "events"); !IsAlreadyExists(err) {
		t.Errorf("\nA stream that is there is told apart.\n%v", err)
	}
	if _, err := c.Index(ctx, "events"); err == nil || IsNotFound(err) {
		t.Errorf("\nA stream is no index, and its name is not free.\n%v", err)
	}
	if err := c.DeleteTemplate(ctx, "events"); !IsInvalid(err) {
		t.Errorf("\nA template stays while a stream has no other.\n%v", err)
	}
	must("A stream takes documents with a time.", c.do(ctx, http.MethodPost, "/events/_doc", nil, map[string]any{"@timestamp": "2026-03-04T00:00:00Z", "id": "x"}, nil))
	if n, err := c.Documents(ctx, "events"); err != nil || n != 1 {
		t.Errorf("\nIts documents are counted.\n%d, %v", n, err)
	}
	must("It rolls over.", c.Rollover(ctx, "events"))
	d, err := c.DataStream(ctx, "events")
	must("It is got.", err)
	if len(d.Indices) != 2 || d.Generation != 2 || d.Health != "green" || d.Template != "events" {
		t.Fatalf("\nIt has an index for each generation, by its template.\n%+v", d)
	}
	must("Settings of all its indices change.", c.PutSettings(ctx, "events", map[string]string{"refresh_interval": "30s"}))
	must("Mappings of all its indices grow.", c.PutMapping(ctx, "events", map[string]any{"properties": map[string]any{"total": map[string]any{"type": "long"}}}))
	for _, name := range d.Indices {
		i, err := c.BackingIndex(ctx, name)
		must("A backing index is got.", err)
		if properties, _ := i.Mappings["properties"].(map[string]any); i.Settings["refresh_interval"] != "30s" || properties["total"] == nil {
			t.Errorf("\nThe change is in every index.\n%+v", i)
		}
	}
	must("The stream goes with its documents.", c.DeleteDataStream(ctx, "events"))
	if _, err := c.DataStream(ctx, "events"); !IsNotFound(err) {
		t.Errorf("\nIt is gone.\n%v", err)
	}
	must("Then the template may go.", c.DeleteTemplate(ctx, "events"))
	if err := c.DeleteTemplate(ctx, "events"); !IsTemplateNotFound(err) {
		t.Errorf("\nWhat is gone is not found.\n%v", err)
	}
}
