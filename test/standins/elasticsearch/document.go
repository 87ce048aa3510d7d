package elasticsearch

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// A document of an index.
type document struct {
	source   json.RawMessage
	version  int
	sequence int
}

// indexDocument puts a document, and makes the index if there is none.
func (s *Server) indexDocument(r *request) (answer, error) {
	body, err := r.required()
	if err != nil {
		return answer{}, err
	}
	refresh, err := r.refresh()
	if err != nil {
		return answer{}, err
	}
	i, err := s.writable(r)
	if err != nil {
		return answer{}, err
	}
	if i.stream != "" && body["@timestamp"] == nil {
		return answer{}, withoutTimestamp()
	}
	if i.mapping, err = i.mapping.learn(body, i.settings); err != nil {
		return answer{}, err
	}
	s.indices[i.name] = i
	id := r.params["id"]
	if id == "" {
		id = newID(15)
	}
	had, exists := i.documents[id]
	if exists && r.creates() {
		return answer{}, &fault{status: http.StatusConflict, kind: "version_conflict_engine_exception", details: i.identity(),
			reason: fmt.Sprintf("[%s]: version conflict, document already exists (current version [%d])", id, had.version)}
	}
	i.documents[id] = document{r.body, had.version + 1, i.sequence}
	i.wrote(s.options.Now(), refresh)
	if exists {
		return answer{http.StatusOK, i.written(id, i.documents[id], "updated")}, nil
	}
	return answer{http.StatusCreated, i.written(id, i.documents[id], "created")}, nil
}

// creates tells whether a request may make a document, and change none.
func (r *request) creates() bool {
	return r.path[1] == "_create" || r.query.Get("op_type") == "create" || r.params["id"] == "" && !r.query.Has("op_type")
}

func withoutTimestamp() error {
	missing := illegal("data stream timestamp field [@timestamp] is missing")
	return &fault{status: http.StatusBadRequest, kind: "document_parsing_exception", reason: "[1:1] failed to parse: " + missing.reason, cause: missing}
}

// writable returns the index that a document goes to. It is not kept yet if there was
// none, unless it is a data stream's.
func (s *Server) writable(r *request) (*index, error) {
	name := r.params["index"]
	found := writers(s.expand(r, name, expansion{none: true}), name)
	_, t := s.templateOf(name)
	if len(found) == 0 && t.makesStreams() || s.streams[name] != nil {
		return s.appendable(r, name, t)
	}
	switch {
	case len(found) > 1 || len(found) == 1 && found[0].aliases[name]["is_write_index"] == false:
		return nil, illegal("no write index is defined for alias [%s]. The write index may be explicitly disabled using is_write_index=false "+
			"or the alias points to multiple indices without one being designated as a write index", name)
	case len(found) == 1:
		return found[0], found[0].mayWrite()
	}
	if err := s.checkName(name); err != nil {
		return nil, err
	}
	return s.makeIndex(name, object{}, t)
}

// appendable returns the index that a data stream's document goes to, and makes the
// stream if there is none.
func (s *Server) appendable(r *request, name string, t template) (*index, error) {
	if !r.creates() {
		return nil, illegal("only write ops with an op_type of create are allowed in data streams")
	}
	if s.streams[name] == nil {
		if err := s.checkName(name); err != nil {
			return nil, err
		}
		if err := s.makeStream(name, t); err != nil {
			return nil, err
		}
	}
	i := s.indices[s.streams[name].writeIndex()]
	return i, i.mayWrite()
}

// writers are those of an alias's indices that one says are written to; all, if none
// says so.
func writers(found []*index, alias string) []*index {
	for _, i := range found {
		if i.aliases[alias]["is_write_index"] == true {
			return []*index{i}
		}
	}
	return found
}

// written is what every change of a document answers.
func (i *index) written(id string, d document, result string) object {
	i.sequence++
	wanted, held := i.replicas()
	out := object{
		"_index": i.name, "_id": id, "_version": d.version, "result": result, "_seq_no": d.sequence, "_primary_term": 1,
		"_shards": object{"total": 1 + wanted, "successful": 1 + held, "failed": 0},
	}
	if i.unseen.IsZero() {
		out["forced_refresh"] = true
	}
	return out
}

// readable returns the index that a document is in.
func (s *Server) readable(r *request) (*index, error) {
	found := s.expand(r, r.params["index"], expansion{none: true})
	switch len(found) {
	case 0:
		return nil, noSuchIndex(r.params["index"])
	case 1:
		return found[0], found[0].mayRead()
	}
	return nil, illegal("alias [%s] has more than one index associated with it, can't execute a single index op", r.params["index"])
}

func (s *Server) getDocument(r *request) (answer, error) {
	i, err := s.readable(r)
	if err != nil {
		return answer{}, err
	}
	id := r.params["id"]
	if i.lost {
		return answer{}, unavailable("no_shard_available_action_exception", "No shard available for [get [%s][%s]: routing [null]]", i.name, id)
	}
	d, found := i.documents[id]
	if !found {
		return answer{http.StatusNotFound, object{"_index": i.name, "_id": id, "found": false}}, nil
	}
	out := object{"_index": i.name, "_id": id, "_version": d.version, "_seq_no": d.sequence, "_primary_term": 1, "found": true}
	if i.mapping.keepsSource() {
		out["_source"] = d.source
	}
	return ok(out), nil
}

func (s *Server) deleteDocument(r *request) (answer, error) {
	i, err := s.readable(r)
	if err != nil {
		return answer{}, err
	}
	if err := i.mayWrite(); err != nil {
		return answer{}, err
	}
	refresh, err := r.refresh()
	if err != nil {
		return answer{}, err
	}
	id := r.params["id"]
	d, found := i.documents[id]
	d.version, d.sequence = d.version+1, i.sequence
	delete(i.documents, id)
	i.wrote(s.options.Now(), refresh)
	if !found {
		return answer{http.StatusNotFound, i.written(id, d, "not_found")}, nil
	}
	return ok(i.written(id, d, "deleted")), nil
}
