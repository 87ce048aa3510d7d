package elasticsearch

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// putLost takes all shards of the indices that fit a list of patterns off their nodes,
// and gives all others theirs back, with their documents. That is a cluster that is red.
func (s *Server) putLost(w http.ResponseWriter, r *http.Request) {
	var patterns []string
	if err := json.NewDecoder(r.Body).Decode(&patterns); err != nil {
		http.Error(w, "cannot decode the body: it is a JSON list of names and patterns of indices", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.announce()
	for name, i := range s.indices {
		i.refresh() // A shard that a node takes up shows all that it holds.
		i.lost = slices.ContainsFunc(patterns, func(p string) bool { return meet(p, name) })
	}
	w.WriteHeader(http.StatusNoContent)
}

// unavailable refuses what a shard has to answer that no node holds.
func unavailable(kind, format string, args ...any) error {
	return &fault{status: http.StatusServiceUnavailable, kind: kind, reason: fmt.Sprintf(format, args...)}
}
