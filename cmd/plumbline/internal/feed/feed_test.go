package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/catalog"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
)

// A plane is a control plane whose claims a test changes.
type plane struct {
	list []inventory.Claim
	down error
}

func (p *plane) Claims(_ context.Context, team string) ([]inventory.Claim, error) {
	var out []inventory.Claim
	for _, c := range p.list {
		if team == "" || c.Namespace == team {
			out = append(out, c)
		}
	}
	return out, p.down
}

func (p *plane) World(context.Context) (inventory.World, error) { return inventory.World{}, p.down }

func claim(team, service string) inventory.Claim {
	c := inventory.Claim{ObjectMeta: metav1.ObjectMeta{Namespace: team, Name: service, UID: "1"}}
	c.Spec.Service, c.Spec.Environment = service, "dev"
	return c
}

func handler(t testing.TB, source Source) http.Handler {
	t.Helper()
	config, err := catalog.ParseConfig(nil)
	if err != nil {
		t.Fatal(err)
	}
	return Feed{
		Source: source, Config: config, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Blueprint: func(context.Context) (v1alpha1.Blueprint, error) { return v1alpha1.Blueprint{}, nil },
	}.Handler()
}

func get(h http.Handler, path, etag string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
	r.Header.Set("If-None-Match", etag)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFeed(t *testing.T) {
	p := &plane{list: []inventory.Claim{claim("payments", "checkout"), claim("shop", "web")}}
	h := handler(t, p)
	all, one := get(h, "/catalog.yaml", ""), get(h, "/teams/shop/catalog.yaml", "")
	if all.Code != http.StatusOK || !strings.Contains(all.Body.String(), "checkout-dev") || !strings.Contains(all.Body.String(), "web-dev") {
		t.Errorf("one address has all teams, got %d: %s", all.Code, all.Body)
	}
	if one.Code != http.StatusOK || strings.Contains(one.Body.String(), "checkout-dev") || !strings.Contains(one.Body.String(), "web-dev") {
		t.Errorf("each team has an address of its own, got %d: %s", one.Code, one.Body)
	}
	etag := all.Header().Get("ETag")
	for _, seen := range []string{etag, "W/" + etag, `"other", ` + etag} {
		if again := get(h, "/catalog.yaml", seen); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("what the reader has is not sent again, got %d for %s", again.Code, seen)
		}
	}
	p.list[0].Status.Summary = "checkout-dev is ready"
	if changed := get(h, "/catalog.yaml", etag); changed.Code != http.StatusOK || changed.Header().Get("ETag") == etag {
		t.Errorf("what changed is sent, got %d", changed.Code)
	}
	if got := get(h, "/teams/..%2Fcatalog/catalog.yaml", ""); got.Code != http.StatusNotFound {
		t.Errorf("what cannot be a namespace is no team, got %d", got.Code)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/catalog.yaml", strings.NewReader("a"))
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("the feed is only read, got %d", w.Code)
	}
}

// TestUnread holds that an error is never an empty catalog: Backstage would delete every
// entity.
func TestUnread(t *testing.T) {
	h := handler(t, &plane{down: errors.New("https://10.0.0.1: connection refused")})
	for _, path := range []string{"/catalog.yaml", "/teams/shop/catalog.yaml", "/facts.json"} {
		got := get(h, path, "")
		if got.Code != http.StatusBadGateway || strings.Contains(got.Body.String(), "10.0.0.1") {
			t.Errorf("%s is an error that tells readers nothing of the control plane, got %d: %s", path, got.Code, got.Body)
		}
	}
	if got := get(h, "/healthz", ""); got.Code != http.StatusNoContent {
		t.Errorf("the feed is alive while the control plane is not, got %d", got.Code)
	}
}

func TestFacts(t *testing.T) {
	got := get(handler(t, &plane{list: []inventory.Claim{claim("payments", "checkout")}}), "/facts.json", "")
	var facts []Fact
	if err := json.Unmarshal(got.Body.Bytes(), &facts); err != nil || len(facts) != 1 {
		t.Fatalf("each environment has facts, got %v: %s", err, got.Body)
	}
	if f := facts[0]; f.Entity != (EntityName{"Component", "default", "checkout-dev"}) || f.Facts["has-owner"] != false || f.Facts["no-drift"] != true || f.Facts["has-owner-sentence"] == "" {
		t.Errorf("facts are booleans of an entity, each with its sentence, got %+v", f)
	}
}

// BenchmarkFeed reads a thousand claims over HTTP and writes their entities.
func BenchmarkFeed(b *testing.B) {
	items := make([]any, 1000)
	for i := range items {
		name := fmt.Sprintf("service%d-prod", i)
		resources := []any{}
		for _, kind := range []string{"Namespace", "Group", "Index", "DataStream", "Certificate", "Ingress"} {
			resources = append(resources, map[string]any{"kind": kind, "name": name, "state": "Ready", "reason": "Available"})
		}
		for j := range 20 {
			resources = append(resources, map[string]any{"kind": "NetworkPolicy", "name": fmt.Sprintf("allow-%d", j), "state": "Ready", "reason": "Available"})
		}
		items[i] = map[string]any{
			"metadata": map[string]any{"namespace": "payments", "name": name, "uid": name},
			"spec":     map[string]any{"service": fmt.Sprintf("service%d", i), "environment": "prod"},
			"status":   map[string]any{"summary": name + " is ready", "namespace": name, "resources": resources},
		}
	}
	body, err := json.Marshal(map[string]any{"items": items})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	defer server.Close()
	source, err := inventory.Connect(&rest.Config{Host: server.URL, QPS: -1})
	if err != nil {
		b.Fatal(err)
	}
	h := handler(b, source)
	for b.Loop() {
		if got := get(h, "/catalog.yaml", ""); got.Code != http.StatusOK {
			b.Fatal(got.Body)
		}
	}
}
