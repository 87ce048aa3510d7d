package elasticsearch

import (
	"net/http"
)

// addDocument only counts: enough to tell an index that holds data from one that
// does not. An index that does not exist is created, as Elasticsearch does.
func (s *Server) addDocument(r *http.Request) (any, error) {
	name := r.PathValue("index")
	i, exists := s.indices[name]
	if !exists {
		r.SetPathValue("index", name)
		r.Body = http.NoBody
		if _, err := s.createIndex(r); err != nil {
			return nil, err
		}
		i = s.indices[name]
	}
	if i.settings["index.blocks.read_only_allow_delete"] == "true" {
		return nil, &apiError{http.StatusTooManyRequests, "cluster_block_exception",
			"index [" + name + "] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];", name}
	}
	i.documents++
	return map[string]any{
		"_index": name, "_id": newUUID(), "_version": 1, "result": "created", "_seq_no": i.documents - 1, "_primary_term": 1,
		"_shards": map[string]any{"total": 2, "successful": 1, "failed": 0},
	}, nil
}

func (s *Server) count(r *http.Request) (any, error) {
	found, err := s.resolve(r)
	if err != nil {
		return nil, err
	}
	total := 0
	for _, i := range found {
		total += i.documents
	}
	return map[string]any{"count": total, "_shards": map[string]any{"total": len(found), "successful": len(found), "skipped": 0, "failed": 0}}, nil
}
