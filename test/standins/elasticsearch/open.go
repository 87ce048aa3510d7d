package elasticsearch

// closeIndex lets static settings change, and keeps documents out.
func (s *Server) closeIndex(r *request) (answer, error) {
	found, err := s.turn(r, true)
	if err != nil {
		return answer{}, err
	}
	each := object{}
	for _, i := range found {
		each[i.name] = object{"closed": true}
	}
	return ok(object{"acknowledged": true, "shards_acknowledged": true, "indices": each}), nil
}

func (s *Server) openIndex(r *request) (answer, error) {
	if _, err := s.turn(r, false); err != nil {
		return answer{}, err
	}
	return ok(object{"acknowledged": true, "shards_acknowledged": true}), nil
}

// turn closes or opens the indices of a request. Neither takes wildcards:
// action.destructive_requires_name is true by default.
func (s *Server) turn(r *request, shut bool) ([]*index, error) {
	for _, part := range parts(r.params["index"]) {
		if isPattern(part, expansion{}) {
			return nil, illegal("Wildcard expressions or all indices are not allowed")
		}
	}
	found, err := s.resolve(r)
	if err != nil {
		return nil, err
	}
	for _, i := range found {
		if err := i.mayChange(); err != nil {
			return nil, err
		}
	}
	for _, i := range found {
		i.closed = shut
		i.refresh()
	}
	return found, nil
}
