package elasticsearch

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An index is what the cluster keeps of one.
type index struct {
	name      string
	closed    bool
	lost      bool // No node holds any of its shards.
	nodes     int  // That hold shards.
	settings  settings
	mapping   *mapping
	aliases   map[string]object
	documents map[string]document
	sequence  int
	stream    string // The data stream that it backs, if it does.

	searchable int       // How many documents searches show.
	unseen     time.Time // When the first change was made that they do not show. Zero: they show all.
}

func (i *index) uuid() string { return i.settings.text("index.uuid") }

// identity is how errors name an index.
func (i *index) identity() object { return object{"index": i.name, "index_uuid": i.uuid()} }

// String is how Elasticsearch's own messages name an index.
func (i *index) String() string { return "[" + i.name + "/" + i.uuid() + "]" }

func (s *Server) createIndex(r *request) (answer, error) {
	name := r.params["index"]
	if err := s.checkName(name); err != nil {
		return answer{}, err
	}
	if existing, taken := s.indices[name]; taken {
		return answer{}, &fault{status: http.StatusBadRequest, kind: "resource_already_exists_exception",
			reason: fmt.Sprintf("index %s already exists", existing), details: existing.identity()}
	}
	body, err := r.object()
	if err != nil {
		return answer{}, err
	}
	with, t := s.templateOf(name)
	if t.makesStreams() {
		return answer{}, illegal("cannot create index with name [%s], because it matches with template [%s] that creates data streams only, "+
			"use create data stream api instead", name, with)
	}
	i, err := s.makeIndex(name, body, t)
	if err != nil {
		return answer{}, err
	}
	s.indices[name] = i
	return ok(object{"acknowledged": true, "shards_acknowledged": true, "index": name}), nil
}

// makeIndex returns the index that a body of the create index API describes, on top of
// what a template says.
func (s *Server) makeIndex(name string, body object, t template) (*index, error) {
	for _, k := range slices.Sorted(maps.Keys(body)) {
		if !slices.Contains([]string{"settings", "mappings", "aliases"}, k) {
			return nil, &fault{status: http.StatusBadRequest, kind: "parse_exception", reason: fmt.Sprintf("unknown key [%s] for create index", k)}
		}
	}
	given, err := section(body, "settings")
	if err != nil {
		return nil, err
	}
	i := &index{name: name, nodes: s.options.DataNodes, documents: map[string]document{}}
	if i.settings, err = s.initialSettings(name, given, t.settings()); err != nil {
		return nil, err
	}
	mappings, err := section(body, "mappings")
	if err != nil {
		return nil, err
	}
	if i.mapping, err = newMapping().merge(t.content("mappings"), i.settings); err != nil {
		return nil, whileParsing(err)
	}
	if i.mapping, err = i.mapping.merge(mappings, i.settings); err != nil {
		return nil, whileParsing(err)
	}
	i.mapping.kept = true
	given, err = section(body, "aliases")
	if err != nil {
		return nil, err
	}
	aliases := object{}
	if !t.makesStreams() {
		maps.Copy(aliases, t.content("aliases"))
	}
	maps.Copy(aliases, given)
	i.aliases, err = s.checkAliases(aliases)
	return i, err
}

// section returns an object of a body, or an empty one where it has none. A null is
// no object.
func section(body object, name string) (object, error) {
	given, has := body[name]
	if !has {
		return object{}, nil
	}
	v, ok := given.(object)
	if !ok {
		return nil, &fault{status: http.StatusBadRequest, kind: "parse_exception", reason: fmt.Sprintf("key [%s] must be an object", name)}
	}
	return v, nil
}

// initialSettings are those given, those of a template, and those that Elasticsearch
// adds.
func (s *Server) initialSettings(name string, given object, inherited settings) (settings, error) {
	own, err := flatten(given)
	if err != nil {
		return nil, err
	}
	out := settings{}
	maps.Copy(out, inherited)
	maps.Copy(out, own)
	if err := out.check(true); err != nil {
		return nil, err
	}
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	defaults := settings{
		"index.number_of_shards": "1", "index.number_of_replicas": "1",
		"index.routing.allocation.include._tier_preference": "data_content",
	}
	maps.Copy(defaults, out)
	out = defaults
	out.expandReplicas(s.options.DataNodes)
	maps.Copy(out, settings{
		"index.uuid": newID(16), "index.provided_name": name, "index.version.created": s.created(),
		"index.creation_date": strconv.FormatInt(s.options.Now().UnixMilli(), 10),
	})
	return out, nil
}

// created is the version of indices that the cluster's version makes: its first
// two numbers, and three digits for each of the others.
func (s *Server) created() string {
	numbers := strings.SplitN(s.options.Version+".0.0", ".", 3)
	minor, err := strconv.Atoi(numbers[1])
	if err != nil {
		minor = 0
	}
	return fmt.Sprintf("%s%03d000", numbers[0], minor)
}

// newID returns random letters as Elasticsearch's.
func newID(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // It never fails.
	return base64.RawURLEncoding.EncodeToString(b)
}

func (s *Server) getIndex(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	features := strings.Split(r.query.Get("features"), ",")
	if !r.query.Has("features") {
		features = []string{"aliases", "mappings", "settings"}
	}
	out := object{}
	for _, i := range found {
		if out[i.name], err = i.shown(r, features); err != nil {
			return answer{}, err
		}
	}
	if r.method == head && len(found) == 0 {
		return answer{}, noSuchIndex(r.params["index"])
	}
	return ok(out), nil
}

func (i *index) shown(r *request, features []string) (object, error) {
	out := object{}
	if i.stream != "" {
		out["data_stream"] = i.stream
	}
	for _, f := range features {
		switch f {
		case "aliases":
			out[f] = maps.Clone(i.aliases)
		case "mappings":
			out[f] = i.mapping.shown()
		case "settings":
			all, err := i.settings.shown(r, "")
			if err != nil {
				return nil, err
			}
			maps.Copy(out, all)
		default:
			return nil, illegal("Invalid features specified [%s]", f)
		}
	}
	return out, nil
}

// deleteIndex takes names of indices only: action.destructive_requires_name is
// true by default, an alias is no name, and a data stream has an API of its own.
func (s *Server) deleteIndex(r *request) (answer, error) {
	expand, err := r.expansion()
	if err != nil {
		return answer{}, err
	}
	for _, part := range parts(r.params["index"]) {
		if isPattern(part, expand) {
			return answer{}, illegal("Wildcard expressions or all indices are not allowed")
		}
		if _, exists := s.streams[part]; exists {
			return answer{}, noSuchIndex(part)
		}
		if _, exists := s.indices[part]; !exists && len(s.expand(r, part, expand)) > 0 {
			return answer{}, illegal("The provided expression [%s] matches an alias, specify the corresponding concrete indices instead.", part)
		}
	}
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	for _, i := range found {
		if i.blocks("read_only") {
			return answer{}, blockedBy(i, readOnly)
		}
		if d := s.streams[i.stream]; d != nil && d.writeIndex() == i.name {
			return answer{}, illegal("index [%s] is the write index for data stream [%s] and cannot be deleted", i.name, d.name)
		}
	}
	for _, i := range found {
		delete(s.indices, i.name)
		s.leave(i)
	}
	return acknowledged(), nil
}
