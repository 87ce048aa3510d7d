package elasticsearch

import (
	"maps"
	"slices"
	"strings"
)

func (s *Server) getSettings(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	out := object{}
	for _, i := range found {
		shown, err := i.settings.shown(r, r.params["name"])
		if err != nil {
			return answer{}, err
		}
		out[i.name] = shown
	}
	return ok(out), nil
}

func (s *Server) putSettings(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	changes, err := r.settings()
	if err != nil {
		return answer{}, err
	}
	preserve, err := r.flag("preserve_existing", false)
	if err != nil {
		return answer{}, err
	}
	reopen, err := r.flag("reopen", false)
	if err != nil {
		return answer{}, err
	}
	for _, i := range found {
		if err := i.admits(changes, reopen); err != nil {
			return answer{}, err
		}
	}
	for _, i := range found {
		i.settings = i.settings.changed(changes, preserve, i.nodes)
	}
	return acknowledged(), nil
}

// settings returns those of a body, which may wrap them.
func (r *request) settings() (settings, error) {
	body, err := r.required()
	if err != nil {
		return nil, err
	}
	if nested, ok := body["settings"].(object); ok {
		body = nested
	}
	changes, err := flatten(body)
	if err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		return nil, &fault{status: 400, kind: "action_request_validation_exception", reason: "Validation Failed: 1: no settings to update;"}
	}
	return changes, changes.check(false)
}

// admits refuses changes that an index cannot make. To reopen it is as good as to
// close it first.
func (i *index) admits(changes settings, reopen bool) error {
	liftsBlocks := !slices.ContainsFunc(slices.Collect(maps.Keys(changes)), func(name string) bool { return !strings.HasPrefix(name, "index.blocks.") })
	if !liftsBlocks {
		if err := i.mayChange(); err != nil {
			return err
		}
	}
	as := *i
	as.closed = i.closed || reopen
	return as.checkChange(changes)
}
