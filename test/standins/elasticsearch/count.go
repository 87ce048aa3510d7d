package elasticsearch

// count tells how many documents searches show.
func (s *Server) count(r *request) (answer, error) {
	body, err := r.object()
	if err != nil {
		return answer{}, err
	}
	if query, ok := body["query"].(object); len(body) > 0 && (!ok || query["match_all"] == nil) {
		return answer{}, unsupported("count by a query; leave it out")
	}
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	total, shards := 0, 0
	for _, i := range found {
		if err := i.mayRead(); err != nil {
			return answer{}, err
		}
		if i.lost {
			return answer{}, unavailable("search_phase_execution_exception", "all shards failed")
		}
		total += i.seen(s.options.Now())
		shards += i.settings.number("index.number_of_shards")
	}
	return ok(object{"count": total, "_shards": object{"total": shards, "successful": shards, "skipped": 0, "failed": 0}}), nil
}

// stats tells how many documents searches show, which takes no right to read them.
// Shards that no node holds tell nothing.
func (s *Server) stats(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	shards, active, told := 0, 0, counts{known: len(found) == 0}
	indices := object{}
	for _, i := range found {
		if err := i.mayRead(); err != nil {
			return answer{}, err
		}
		_, now, missing := i.shards()
		shards, active = shards+now+missing, active+now
		if i.lost {
			continue
		}
		_, held := i.replicas()
		seen := i.seen(s.options.Now())
		own := counts{known: true, primaries: seen, total: seen * (1 + held)}
		told = counts{true, told.primaries + own.primaries, told.total + own.total}
		indices[i.name] = own.shown(object{"uuid": i.settings["index.uuid"], "status": "open"})
	}
	return ok(object{
		"_shards": object{"total": shards, "successful": active, "failed": 0}, "_all": told.shown(object{}), "indices": indices,
	}), nil
}

// counts are numbers of documents: without copies, and with them.
type counts struct {
	known            bool
	primaries, total int
}

func (c counts) shown(in object) object {
	in["primaries"], in["total"] = object{}, object{}
	if c.known {
		in["primaries"] = object{"docs": object{"count": c.primaries, "deleted": 0}}
		in["total"] = object{"docs": object{"count": c.total, "deleted": 0}}
	}
	return in
}
