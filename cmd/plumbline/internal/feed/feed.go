// Package feed serves entities and facts to Backstage. It only reads, and keeps
// nothing: each answer is what the control plane says at that moment.
//
// Backstage's reader of plain URLs sends no credentials, so the feed asks for none.
// What it tells is what the catalog shows to everybody who is signed in; let nobody but
// Backstage reach it.
package feed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/catalog"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/score"
)

// A Source is the control plane.
type Source interface {
	Claims(ctx context.Context, team string) ([]inventory.Claim, error)
	World(ctx context.Context) (inventory.World, error)
}

// A Feed of one control plane.
type Feed struct {
	Source    Source
	Blueprint func(ctx context.Context) (v1alpha1.Blueprint, error)
	Config    catalog.Config
	Now       func() time.Time
	Log       *slog.Logger
}

// Handler serves everything there is:
//
//	/catalog.yaml               the entities of all teams
//	/teams/{team}/catalog.yaml  those of one
//	/facts.json                 the checks of every environment
//	/healthz                    whether the feed itself is alive
func (f Feed) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /catalog.yaml", f.answer("application/yaml", func(r *http.Request) ([]byte, error) { return f.entities(r.Context(), "") }))
	mux.HandleFunc("GET /teams/{team}/catalog.yaml", f.answer("application/yaml", func(r *http.Request) ([]byte, error) {
		return f.entities(r.Context(), r.PathValue("team"))
	}))
	mux.HandleFunc("GET /facts.json", f.answer("application/json", func(r *http.Request) ([]byte, error) { return f.facts(r.Context()) }))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return mux
}

// answer writes a body with its ETag, or that it is the one the reader has. What
// cannot be read is an error and never an empty catalog, from which Backstage would
// take that every entity is gone.
func (f Feed) answer(contentType string, body func(*http.Request) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if team := r.PathValue("team"); team != "" && len(validation.IsDNS1123Label(team)) > 0 {
			http.Error(w, fmt.Sprintf("%q cannot be the name of a team: want that of a namespace", team), http.StatusNotFound)
			return
		}
		b, err := body(r)
		if err != nil {
			f.Log.Error("cannot answer", "path", r.URL.Path, "error", err)
			http.Error(w, "the control plane cannot be read; the log says why", http.StatusBadGateway)
			return
		}
		sum := sha256.Sum256(b)
		etag := `"` + hex.EncodeToString(sum[:16]) + `"`
		w.Header().Set("ETag", etag)
		w.Header().Set("Cache-Control", "no-cache") // Ask each time: it costs nothing where nothing changed.
		if matches(r.Header.Get("If-None-Match"), etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(b)
	}
}

// matches compares weakly, as RFC 9110 wants it of If-None-Match: a proxy on the way may
// have weakened what it compressed.
func matches(header, etag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		if candidate = strings.TrimSpace(candidate); candidate == "*" || strings.TrimPrefix(candidate, "W/") == etag {
			return true
		}
	}
	return false
}

func (f Feed) entities(ctx context.Context, team string) ([]byte, error) {
	blueprint, err := f.Blueprint(ctx)
	if err != nil {
		return nil, err
	}
	list, err := f.Source.Claims(ctx, team)
	if err != nil {
		return nil, err
	}
	return catalog.YAML(catalog.Entities(list, blueprint, f.Config))
}

func (f Feed) facts(ctx context.Context) ([]byte, error) {
	blueprint, err := f.Blueprint(ctx)
	if err != nil {
		return nil, err
	}
	list, err := f.Source.Claims(ctx, "")
	if err != nil {
		return nil, err
	}
	world, err := f.Source.World(ctx)
	if err != nil {
		return nil, err
	}
	facts := []Fact{}
	for _, claim := range list {
		card := score.InWorld(claim, blueprint, world, f.Now())
		facts = append(facts, factOf(catalog.Environment(claim, f.Config), card))
	}
	return json.Marshal(facts)
}
