package elasticsearch

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// aliasFields are those that an alias may have.
var aliasFields = []string{"filter", "is_write_index", "is_hidden", "routing", "index_routing", "search_routing"}

// checkAliases refuses what cannot be an alias.
func (s *Server) checkAliases(all object) (map[string]object, error) {
	out := map[string]object{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		definition, ok := all[name].(object)
		if !ok && all[name] != nil {
			return nil, illegal("failed to parse alias [%s]", name)
		}
		_, taken := s.indices[name]
		_, streams := s.streams[name]
		if taken || streams || strings.ContainsAny(name, `\/*?"<>| ,#:`) || strings.ContainsAny(name[:min(1, len(name))], "_-+") {
			return nil, &fault{status: http.StatusBadRequest, kind: "invalid_alias_name_exception",
				reason:  fmt.Sprintf("Invalid alias name [%s]: an index or data stream exists with the same name as the alias, or it is no name", name),
				details: object{"index": name, "index_uuid": "_na_"}}
		}
		parsed, err := parseAlias(definition)
		if err != nil {
			return nil, err
		}
		out[name] = parsed
	}
	return out, nil
}

// parseAlias brings an alias into the form that Elasticsearch shows.
func parseAlias(in object) (object, error) {
	out := object{}
	for _, k := range slices.Sorted(maps.Keys(in)) {
		v := in[k]
		switch {
		case !slices.Contains(aliasFields, k):
			return nil, unknownField("alias", k)
		case v == nil:
		case k == "routing":
			out["index_routing"], out["search_routing"] = v, v
		case k == "filter":
			if query, is := v.(object); !is || len(query) != 1 {
				return nil, parsing("failed to parse filter for alias: it is not one query")
			}
			out[k] = v
		case strings.HasPrefix(k, "is_"):
			if _, is := v.(bool); !is {
				return nil, illegal("Failed to parse value [%v] as only [true] or [false] are allowed.", v)
			}
			out[k] = v
		default:
			out[k] = v
		}
	}
	return out, nil
}

// getAliases shows those of indices, or those of a name. One that is missing is told
// beside those that are there.
func (s *Server) getAliases(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	name, named := r.params["name"]
	out, had := object{}, false
	for _, i := range found {
		shown := maps.Clone(i.aliases)
		maps.DeleteFunc(shown, func(alias string, _ object) bool {
			return named && !slices.ContainsFunc(strings.Split(name, ","), func(p string) bool { return fits(p, alias) })
		})
		if len(shown) > 0 || !named {
			out[i.name], had = object{"aliases": shown}, true
		}
	}
	if named && !had && !strings.Contains(name, "*") {
		return answer{http.StatusNotFound, object{"error": fmt.Sprintf("alias [%s] missing", name), "status": http.StatusNotFound}}, nil
	}
	return ok(out), nil
}

// A change of one alias of one index.
type aliasChange struct {
	index  *index
	name   string
	become object // Nil: it is removed.
}

// changeAliases makes all changes or none.
func (s *Server) changeAliases(changes []aliasChange) error {
	changed := map[*index]map[string]object{}
	for _, c := range changes {
		if c.index.stream != "" {
			return illegal("The provided expressions [%s] match a backing index belonging to data stream [%s]. Data stream backing indices don't support aliases.",
				c.index.name, c.index.stream)
		}
		if err := c.index.mayChange(); err != nil {
			return err
		}
		if changed[c.index] == nil {
			changed[c.index] = maps.Clone(c.index.aliases)
		}
		changed[c.index][c.name] = c.become
		if c.become == nil {
			delete(changed[c.index], c.name)
		}
	}
	for _, c := range changes {
		if err := s.checkWriters(c.name, changed); err != nil {
			return err
		}
	}
	for i, aliases := range changed {
		i.aliases = aliases
	}
	return nil
}

// checkWriters refuses that two indices of an alias are written to.
func (s *Server) checkWriters(alias string, changed map[*index]map[string]object) error {
	var writers []string
	for _, name := range slices.Sorted(maps.Keys(s.indices)) {
		aliases, is := changed[s.indices[name]]
		if !is {
			aliases = s.indices[name].aliases
		}
		if aliases[alias]["is_write_index"] == true {
			writers = append(writers, name)
		}
	}
	if len(writers) < 2 {
		return nil
	}
	return &fault{status: http.StatusInternalServerError, kind: "illegal_state_exception",
		reason: fmt.Sprintf("alias [%s] has more than one write index [%s]", alias, strings.Join(writers, ","))}
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
	var changes []aliasChange
	for _, i := range found {
		changes = append(changes, aliasChange{i, r.params["name"], added[r.params["name"]]})
	}
	return acknowledged(), s.changeAliases(changes)
}

func (s *Server) deleteAlias(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	name := r.params["name"]
	var changes []aliasChange
	for _, i := range found {
		if _, has := i.aliases[name]; has {
			changes = append(changes, aliasChange{i, name, nil})
		}
	}
	if len(changes) == 0 {
		return answer{}, missingAlias(name)
	}
	return acknowledged(), s.changeAliases(changes)
}

func missingAlias(name string) error {
	return &fault{status: http.StatusNotFound, kind: "aliases_not_found_exception", reason: fmt.Sprintf("aliases [%s] missing", name),
		details: object{"resource.type": "aliases", "resource.id": name}}
}
