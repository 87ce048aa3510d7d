package graph

import (
	"net/http"
	"slices"
	"strings"
)

// getUser answers with the user of an object id or a user principal name.
func (s *Server) getUser(r *request) (answer, error) {
	if err := r.checkQuery(user); err != nil {
		return answer{}, err
	}
	name := r.params["id"]
	found := s.directory.all(func(o *object) bool {
		return o.kind == user && (strings.EqualFold(o.id(), name) || strings.EqualFold(o.text("userPrincipalName"), name))
	})
	if len(found) == 0 {
		return answer{}, notFound(name)
	}
	return r.entity(http.StatusOK, found[0], false, "users"), nil
}

// patchUser changes whether a user may sign in.
func (s *Server) patchUser(r *request) (answer, error) {
	o, err := s.directory.get(user, r.params["id"])
	if err != nil {
		return answer{}, err
	}
	var in map[string]any
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	for name, value := range in {
		if name != "accountEnabled" || !isBool(value) {
			return answer{}, badRequest("Property '%s' of a user cannot be set at this stand-in.", name)
		}
		o.properties[name], o.changed = value, s.directory.change()
	}
	return answer{status: http.StatusNoContent}, nil
}

// getObject answers with an object of a kind, or of any kind if that is empty.
func (s *Server) getObject(of kind) func(*request) (answer, error) {
	return func(r *request) (answer, error) {
		o, err := s.directory.get(of, r.params["id"])
		if err != nil {
			return answer{}, err
		}
		if err := r.checkQuery(kinds...); err != nil {
			return answer{}, err
		}
		if of == "" {
			return r.entity(http.StatusOK, o, true, "directoryObjects"), nil
		}
		return r.entity(http.StatusOK, o, false, string(of)+"s"), nil
	}
}

// maxIDs is the number of objects that one request may ask for by id.
const maxIDs = 1000

func (s *Server) getByIDs(r *request) (answer, error) {
	var in struct {
		IDs   []string `json:"ids"`
		Types []string `json:"types"`
	}
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	if len(in.IDs) == 0 || len(in.IDs) > maxIDs {
		return answer{}, badRequest("The number of ids must be between 1 and %d.", maxIDs)
	}
	value := []any{}
	for _, id := range in.IDs {
		o, err := s.directory.get("", id)
		if err == nil && (len(in.Types) == 0 || slices.Contains(in.Types, string(o.kind)) || slices.Contains(in.Types, "directoryObject")) {
			value = append(value, r.render(o, true))
		}
	}
	return answer{status: http.StatusOK, body: map[string]any{
		"@odata.context": r.base() + "/$metadata#directoryObjects", "value": value,
	}}, nil
}
