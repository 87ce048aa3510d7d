package elasticsearch

import (
	"maps"
	"slices"
	"strings"
)

// updateAliases adds and removes aliases, all or none.
func (s *Server) updateAliases(r *request) (answer, error) {
	body, err := r.required()
	if err != nil {
		return answer{}, err
	}
	actions, _ := body["actions"].([]any)
	if len(actions) == 0 {
		return answer{}, validation("must specify at least one action")
	}
	var changes []aliasChange
	for _, a := range actions {
		action, _ := a.(object)
		if len(action) != 1 {
			return answer{}, illegal("Too many operations declared on operation entry")
		}
		for kind, v := range action {
			definition, _ := v.(object)
			more, err := s.aliasAction(r, kind, maps.Clone(definition))
			if err != nil {
				return answer{}, err
			}
			changes = append(changes, more...)
		}
	}
	return acknowledged(), s.changeAliases(changes)
}

// aliasAction returns the changes that one action is.
func (s *Server) aliasAction(r *request, kind string, in object) ([]aliasChange, error) {
	if kind != "add" && kind != "remove" {
		if kind == "remove_index" {
			return nil, unsupported("delete an index by an action on aliases")
		}
		return nil, unknownField("alias_action", kind)
	}
	indices, names := slices.Concat(listed(in["index"]), listed(in["indices"])), slices.Concat(listed(in["alias"]), listed(in["aliases"]))
	if len(indices) == 0 || len(names) == 0 {
		return nil, validation("One of [index] or [indices], and one of [alias] or [aliases], is required")
	}
	must := in["must_exist"] == true
	for _, k := range []string{"index", "indices", "alias", "aliases", "must_exist"} {
		delete(in, k)
	}
	found, err := s.permitted(r, indices)
	if err != nil {
		return nil, err
	}
	var changes []aliasChange
	for _, name := range names {
		added, err := s.checkAliases(object{name: in})
		if err != nil {
			return nil, err
		}
		had := false
		for _, i := range found {
			_, has := i.aliases[name]
			had = had || has
			switch {
			case kind == "add":
				changes = append(changes, aliasChange{i, name, added[name]})
			case has:
				changes = append(changes, aliasChange{i, name, nil})
			}
		}
		if kind == "remove" && !had && (must || len(found) > 0) {
			return nil, missingAlias(name)
		}
	}
	return changes, nil
}

// permitted returns the indices that an action names, which the sender may manage.
func (s *Server) permitted(r *request, names []string) ([]*index, error) {
	for _, name := range names {
		if !strings.Contains(name, "*") && !s.visible(r, name) {
			return nil, denied(r.who, onIndices("indices:admin/aliases", "manage"), " on indices ["+name+"]")
		}
	}
	named := *r
	named.params = map[string]string{"index": strings.Join(names, ",")}
	return s.resolve(&named)
}
