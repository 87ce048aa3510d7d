package graph

import (
	"net/http"
)

func (s *Server) listDeleted(r *request) (answer, error) {
	return s.list(r, group, func(o *object) bool { return o.deleted != nil })
}

func (s *Server) getDeleted(r *request) (answer, error) {
	g, err := s.directory.deletedGroup(r.params["id"])
	if err != nil {
		return answer{}, err
	}
	if err := r.checkQuery(group); err != nil {
		return answer{}, err
	}
	return r.entity(http.StatusOK, g, true, "directoryObjects"), nil
}

// restore takes a group out of the deleted items, with its id, members and
// owners.
func (s *Server) restore(r *request) (answer, error) {
	g, err := s.directory.deletedGroup(r.params["id"])
	if err != nil {
		return answer{}, err
	}
	if key := g.text("uniqueName"); key != "" && s.directory.groupByKey(key) != nil {
		return answer{}, conflict("uniqueName")
	}
	g.deleted, g.visible, g.changed = nil, s.options.Now().Add(s.options.Lag), s.directory.change()
	return r.entity(http.StatusOK, g, true, "directoryObjects"), nil
}

func (s *Server) purge(r *request) (answer, error) {
	g, err := s.directory.deletedGroup(r.params["id"])
	if err != nil {
		return answer{}, err
	}
	s.directory.purge(g)
	return answer{status: http.StatusNoContent}, nil
}
