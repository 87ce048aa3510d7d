package elasticsearch

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/test/engine"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// TestLifeOfAnIndex takes one index through every call, in the order that a life
// has, against clusters that keep state, of both versions that are supported.
func TestLifeOfAnIndex(t *testing.T) {
	for _, version := range []string{"8.19.7", "9.5.2"} {
		t.Run(version, func(t *testing.T) { lifeOfAnIndex(t, version) })
	}
}

func lifeOfAnIndex(t *testing.T, version string) {
	t.Helper()
	ctx := t.Context()
	server := httptest.NewServer(engine.New(t, standin.Options{Version: version, Username: "u", Password: "p"}))
	defer server.Close()
	c, err := New(Config{Endpoint: server.URL, Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}

	if _, err := c.Index(ctx, "orders"); !IsNotFound(err) {
		t.Fatalf("\nAn index that is not there is not found.\nIndex(...): %v", err)
	}
	mappings := map[string]any{"_meta": map[string]any{"a": "b"}, "properties": map[string]any{"id": map[string]any{"type": "keyword"}}}
	if err := c.CreateIndex(ctx, "orders", map[string]string{"number_of_shards": "2", "number_of_replicas": "0"}, mappings); err != nil {
		t.Fatalf("CreateIndex(...): %v", err)
	}
	if err := c.CreateIndex(ctx, "orders", nil, nil); !IsAlreadyExists(err) {
		t.Errorf("\nAn index that is there is told apart.\nCreateIndex(...): %v", err)
	}
	if health, err := c.Health(ctx, "orders"); err != nil || health != "green" {
		t.Errorf("Health(...): %q, %v", health, err)
	}
	if err := c.PutSettings(ctx, "orders", map[string]string{"refresh_interval": "30s"}); err != nil {
		t.Errorf("PutSettings(...): %v", err)
	}
	if err := c.PutSettings(ctx, "orders", map[string]string{"number_of_shards": "3"}); !IsInvalid(err) {
		t.Errorf("\nWhat Elasticsearch fixes cannot be put.\nPutSettings(...): %v", err)
	}
	if err := c.PutMapping(ctx, "orders", map[string]any{"properties": map[string]any{"total": map[string]any{"type": "long"}}}); err != nil {
		t.Errorf("PutMapping(...): %v", err)
	}
	if err := c.PutMapping(ctx, "orders", map[string]any{"properties": map[string]any{"id": map[string]any{"type": "long"}}}); !IsInvalid(err) {
		t.Errorf("\nA field cannot change its type.\nPutMapping(...): %v", err)
	}
	got, err := c.Index(ctx, "orders")
	if err != nil || got.UUID == "" {
		t.Fatalf("Index(...): %+v, %v", got, err)
	}
	mappings["properties"].(map[string]any)["total"] = map[string]any{"type": "long"}
	if diff := cmp.Diff(mappings, got.Mappings); diff != "" {
		t.Errorf("\nA mapping is added to.\nIndex(...): -want, +got:\n%s", diff)
	}
	settings := []string{got.Settings["number_of_shards"], got.Settings["number_of_replicas"], got.Settings["refresh_interval"]}
	if diff := cmp.Diff([]string{"2", "0", "30s"}, settings); diff != "" {
		t.Errorf("\nSettings are what was put.\nIndex(...): -want, +got:\n%s", diff)
	}
	if n, err := c.Documents(ctx, "orders"); err != nil || n != 0 {
		t.Errorf("Documents(...): %d, %v", n, err)
	}
	if err := c.do(ctx, http.MethodPost, "/orders/_doc", nil, map[string]any{"id": "x"}, nil); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Documents(ctx, "orders"); err != nil || n != 1 {
		t.Errorf("\nDocuments are counted.\nDocuments(...): %d, %v", n, err)
	}
	if err := c.DeleteIndex(ctx, "orders"); err != nil {
		t.Errorf("DeleteIndex(...): %v", err)
	}
	if err := c.DeleteIndex(ctx, "orders"); !IsNotFound(err) {
		t.Errorf("\nWhat is gone is not found.\nDeleteIndex(...): %v", err)
	}
}
