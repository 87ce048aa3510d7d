package elasticsearch

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"
)

// An index is what the cluster keeps of one.
type index struct {
	name      string
	settings  map[string]any // By full flat name.
	mappings  map[string]any
	documents int
}

// maxBody is Elasticsearch's own limit of a request.
const maxBody = 100 << 20

func decode(r *http.Request, into any) error {
	err := json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(into)
	if errors.Is(err, io.EOF) {
		return nil // A request without a body.
	}
	if err != nil {
		return malformed(err)
	}
	return nil
}

func (s *Server) createIndex(r *http.Request) (any, error) {
	name := r.PathValue("index")
	if err := checkName(name); err != nil {
		return nil, err
	}
	if existing, taken := s.indices[name]; taken {
		return nil, &apiError{http.StatusBadRequest, "resource_already_exists_exception",
			fmt.Sprintf("index [%s/%s] already exists", name, existing.settings["index.uuid"]), name}
	}
	var body struct {
		Settings map[string]any `json:"settings"`
		Mappings map[string]any `json:"mappings"`
	}
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	settings := map[string]any{"index.number_of_shards": "1", "index.number_of_replicas": "1"}
	flatten("", body.Settings, settings)
	if err := checkSettings(settings); err != nil {
		return nil, err
	}
	maps.DeleteFunc(settings, func(_ string, v any) bool { return v == nil })
	mappings, err := merge(nil, deepCopy(body.Mappings), "")
	if err != nil {
		return nil, err
	}
	settings["index.uuid"] = newUUID()
	settings["index.creation_date"] = fmt.Sprint(time.Now().UnixMilli())
	settings["index.provided_name"] = name
	settings["index.version.created"] = "9009000"
	settings["index.routing.allocation.include._tier_preference"] = "data_content"
	s.indices[name] = &index{name: name, settings: settings, mappings: mappings}
	return map[string]any{"acknowledged": true, "shards_acknowledged": true, "index": name}, nil
}

// newUUID returns 22 letters, as Elasticsearch's.
func newUUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // It never fails.
	return base64.RawURLEncoding.EncodeToString(b)
}

func (s *Server) getIndices(r *http.Request) (any, error) {
	if r.URL.Query().Has("include_defaults") {
		return unsupported(r)
	}
	found, err := s.resolve(r)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, i := range found {
		out[i.name] = map[string]any{
			"aliases": map[string]any{}, "mappings": deepCopy(i.mappings), "settings": shown(maps.Clone(i.settings), r),
		}
	}
	return out, nil
}

// deleteIndices takes names only: action.destructive_requires_name is true by
// default.
func (s *Server) deleteIndices(r *http.Request) (any, error) {
	target := r.PathValue("target")
	if strings.Contains(target, "*") || target == "_all" {
		return nil, illegal("Wildcard expressions or all indices are not allowed")
	}
	found, err := s.resolve(r)
	if err != nil {
		return nil, err
	}
	for _, i := range found {
		delete(s.indices, i.name)
	}
	return map[string]any{"acknowledged": true}, nil
}

func (s *Server) getSettings(r *http.Request) (any, error) {
	if r.URL.Query().Has("include_defaults") {
		return unsupported(r)
	}
	found, err := s.resolve(r)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, i := range found {
		out[i.name] = map[string]any{"settings": shown(maps.Clone(i.settings), r)}
	}
	return out, nil
}

func (s *Server) putSettings(r *http.Request) (any, error) {
	found, err := s.resolve(r)
	if err != nil {
		return nil, err
	}
	var body map[string]any
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	if nested, ok := body["settings"].(map[string]any); ok {
		body = nested
	}
	changes := map[string]any{}
	flatten("", body, changes)
	if err := checkSettings(changes); err != nil {
		return nil, err
	}
	for _, i := range found {
		if err := checkDynamic(i, changes); err != nil {
			return nil, err
		}
	}
	for _, i := range found {
		i.change(changes)
	}
	return map[string]any{"acknowledged": true}, nil
}

// change sets settings; one that is null goes back to its default.
func (i *index) change(settings map[string]any) {
	for name, v := range settings {
		switch {
		case v != nil:
			i.settings[name] = v
		case name == "index.number_of_replicas":
			i.settings[name] = "1"
		default:
			delete(i.settings, name)
		}
	}
}

func (s *Server) getMapping(r *http.Request) (any, error) {
	found, err := s.resolve(r)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, i := range found {
		out[i.name] = map[string]any{"mappings": deepCopy(i.mappings)}
	}
	return out, nil
}

func (s *Server) putMapping(r *http.Request) (any, error) {
	found, err := s.resolve(r)
	if err != nil {
		return nil, err
	}
	var body map[string]any
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	// All are merged before any is kept: the change is for all indices or none.
	merged := make([]map[string]any, len(found))
	for n, i := range found {
		if merged[n], err = merge(i.mappings, body, ""); err != nil {
			return nil, err
		}
	}
	for n, i := range found {
		i.mappings = merged[n]
	}
	return map[string]any{"acknowledged": true}, nil
}
