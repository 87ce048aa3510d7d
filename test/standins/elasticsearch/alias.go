package elasticsearch

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// checkAliases refuses what cannot be an alias.
func (s *Server) checkAliases(all object) (map[string]object, error) {
	out := map[string]object{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		definition, ok := all[name].(object)
		if !ok && all[name] != nil {
			return nil, illegal("failed to parse alias [%s]", name)
		}
		if _, taken := s.indices[name]; taken || strings.ContainsAny(name, `\/*?"<>| ,#:`) || strings.ContainsAny(name[:min(1, len(name))], "_-+") {
			return nil, &fault{status: http.StatusBadRequest, kind: "invalid_alias_name_exception",
				reason:  fmt.Sprintf("Invalid alias name [%s]: an index or data stream exists with the same name as the alias, or it is no name", name),
				details: object{"index": name, "index_uuid": "_na_"}}
		}
		out[name] = object{}
		maps.Copy(out[name], definition)
	}
	return out, nil
}

func (s *Server) getAliases(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	out := object{}
	for _, i := range found {
		out[i.name] = object{"aliases": maps.Clone(i.aliases)}
	}
	return ok(out), nil
}

func (s *Server) putAlias(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	body, err := r.object()
	if err != nil {
		return answer{}, err
	}
	added, err := s.checkAliases(object{r.params["name"]: body})
	if err != nil {
		return answer{}, err
	}
	for _, i := range found {
		if err := i.mayChange(); err != nil {
			return answer{}, err
		}
	}
	for _, i := range found {
		maps.Copy(i.aliases, added)
	}
	return acknowledged(), nil
}

func (s *Server) deleteAlias(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	name, had := r.params["name"], false
	for _, i := range found {
		_, has := i.aliases[name]
		had = had || has
		delete(i.aliases, name)
	}
	if !had {
		return answer{}, &fault{status: http.StatusNotFound, kind: "aliases_not_found_exception", reason: fmt.Sprintf("aliases [%s] missing", name),
			details: object{"resource.type": "aliases", "resource.id": name}}
	}
	return acknowledged(), nil
}
