package elasticsearch

import "time"

// wrote notes a change of an index's documents. Searches, counts and statistics show it
// with the next refresh; who gets a document by its id has it at once.
func (i *index) wrote(at time.Time, refresh bool) {
	if i.unseen.IsZero() {
		i.unseen = at
	}
	if refresh {
		i.refresh()
	}
}

// refresh has searches show all documents.
func (i *index) refresh() { i.searchable, i.unseen = len(i.documents), time.Time{} }

// seen is how many documents searches show.
func (i *index) seen(now time.Time) int {
	interval, ever := i.refreshInterval()
	if ever && !i.unseen.IsZero() && !now.Before(i.unseen.Add(interval)) {
		i.refresh()
	}
	return i.searchable
}

// refreshInterval is how long a change takes to show, if it ever does by itself.
func (i *index) refreshInterval() (time.Duration, bool) {
	v := i.settings.text("index.refresh_interval")
	if v == "" {
		v = "1s"
	}
	interval, err := lifetime(v)
	return interval, err == nil && interval > 0
}

// refresh reports whether a change of a document asks for a refresh. One that asks to
// wait for it gets it at once, as where more wait than an index lets.
func (r *request) refresh() (bool, error) {
	if !r.query.Has("refresh") {
		return false, nil
	}
	switch v := r.query.Get("refresh"); v {
	case "", "true", "wait_for":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, illegal("Unknown value for refresh: [%s].", v)
	}
}

// refresh is the refresh API.
func (s *Server) refresh(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	total, active := 0, 0
	for _, i := range found {
		i.refresh()
		_, held, missing := i.shards()
		total += held + missing
		active += held
	}
	return ok(object{"_shards": object{"total": total, "successful": active, "failed": 0}}), nil
}
