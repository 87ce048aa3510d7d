package graph

import (
	"maps"
	"net/http"
	"strings"
	"time"
)

func (s *Server) createGroup(r *request) (answer, error) {
	properties, related, err := r.groupBody()
	if err != nil {
		return answer{}, err
	}
	g, err := s.newGroup(properties, related)
	if err != nil {
		return answer{}, err
	}
	return r.created(g), nil
}

// newGroup creates a group together with its first members and owners, or
// nothing.
func (s *Server) newGroup(properties map[string]any, related references) (*object, error) {
	if err := checkNew(properties); err != nil {
		return nil, err
	}
	if key, _ := properties["uniqueName"].(string); key != "" && s.directory.keyTaken(key) {
		return nil, conflict("uniqueName")
	}
	now := s.options.Now()
	g := &object{kind: group, properties: maps.Clone(properties), visible: now.Add(s.options.Lag), relations: map[string][]*link{}}
	id := randomID()
	g.properties["id"] = id
	g.properties["createdDateTime"] = now.UTC().Format(time.RFC3339)
	g.properties["renewedDateTime"] = g.properties["createdDateTime"]
	if err := s.relateAll(g, related); err != nil {
		return nil, err
	}
	s.directory.put(g)
	s.directory.key(g)
	return g, nil
}

func (r *request) created(g *object) answer {
	a := r.entity(http.StatusCreated, g, false, "groups")
	a.location = r.base() + "/groups/" + g.id()
	return a
}

func (s *Server) getGroup(r *request) (answer, error) {
	g, err := s.directory.get(group, r.params["id"])
	if err != nil {
		return answer{}, err
	}
	return s.showGroup(r, g)
}

func (s *Server) getGroupByKey(r *request) (answer, error) {
	g, err := s.byKey(r)
	if err != nil {
		return answer{}, err
	}
	return s.showGroup(r, g)
}

// byKey returns the group of the unique name that a request names, if it can be
// read.
func (s *Server) byKey(r *request) (*object, error) {
	key, err := literal(r.params["key"])
	if err != nil {
		return nil, err
	}
	g := s.directory.groupByKey(key)
	if g == nil || !s.directory.readable(g) {
		return nil, notFound(key)
	}
	return g, nil
}

func (s *Server) showGroup(r *request, g *object) (answer, error) {
	if err := r.checkQuery(group); err != nil {
		return answer{}, err
	}
	body := r.render(g, false)
	body["@odata.context"] = r.base() + "/$metadata#groups/$entity"
	return answer{status: http.StatusOK, body: body}, s.expand(r, g, body)
}

// expand adds the first members or owners to a group as it is shown.
func (s *Server) expand(r *request, g *object, into map[string]any) error {
	relation := r.query.Get("$expand")
	if relation == "" {
		return nil
	}
	if relation != members && relation != owners {
		return malformed("Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.group'.", relation)
	}
	shown := []any{}
	for _, o := range s.related(g, relation, true) {
		if len(shown) < maxBind {
			shown = append(shown, (&request{version: "beta"}).render(o, true))
		}
	}
	into[relation] = shown
	return nil
}

func (s *Server) patchGroup(r *request) (answer, error) {
	g, err := s.directory.get(group, r.params["id"])
	if err != nil {
		return answer{}, err
	}
	return s.update(r, g)
}

// upsertGroup updates the group of a unique name. It creates one if there is
// none and the client prefers that.
func (s *Server) upsertGroup(r *request) (answer, error) {
	key, err := literal(r.params["key"])
	if err != nil {
		return answer{}, err
	}
	if g := s.directory.groupByKey(key); g != nil {
		return s.update(r, g)
	}
	if !strings.Contains(strings.ToLower(r.header.Get("Prefer")), "create-if-missing") {
		return answer{}, notFound(key)
	}
	properties, related, err := r.groupBody()
	if err != nil {
		return answer{}, err
	}
	if given, set := properties["uniqueName"]; set && given != key {
		return answer{}, badRequest("The value of property 'uniqueName' does not match the key of the request.")
	}
	properties["uniqueName"] = key
	g, err := s.newGroup(properties, related)
	if err != nil {
		return answer{}, err
	}
	return r.created(g), nil
}

func (s *Server) update(r *request, g *object) (answer, error) {
	properties, related, err := r.groupBody()
	if err != nil {
		return answer{}, err
	}
	if properties["uniqueName"] == g.properties["uniqueName"] {
		delete(properties, "uniqueName") // Setting it to what it is changes nothing.
	}
	if err := checkUpdate(g, properties); err != nil {
		return answer{}, err
	}
	if len(related[owners]) > 0 {
		return answer{}, badRequest("Owners can only be added one by one to a group that exists.")
	}
	if err := s.relateAll(g, related); err != nil {
		return answer{}, err
	}
	if len(properties) > 0 {
		g.changed = s.directory.change()
	}
	maps.Copy(g.properties, properties)
	s.directory.key(g)
	return answer{status: http.StatusNoContent}, nil
}

func (s *Server) deleteGroup(r *request) (answer, error) {
	g, err := s.directory.get(group, r.params["id"])
	if err != nil {
		return answer{}, err
	}
	return s.moveToDeleted(g), nil
}

func (s *Server) deleteGroupByKey(r *request) (answer, error) {
	g, err := s.byKey(r)
	if err != nil {
		return answer{}, err
	}
	return s.moveToDeleted(g), nil
}

func (s *Server) moveToDeleted(g *object) answer {
	now := s.options.Now()
	g.deleted, g.changed = &now, s.directory.change()
	return answer{status: http.StatusNoContent}
}

// groupBody reads the body of a request that writes a group, and separates its
// properties from the objects to relate.
func (r *request) groupBody() (map[string]any, references, error) {
	properties := map[string]any{}
	if err := r.decode(&properties); err != nil {
		return nil, nil, err
	}
	related := references{}
	for name, value := range properties {
		relation, isBind := strings.CutSuffix(name, "@odata.bind")
		if !isBind {
			if strings.HasPrefix(name, "@odata.") {
				delete(properties, name) // SDKs tell the type of what they send.
			}
			continue
		}
		ids, err := bound(relation, value)
		if err != nil {
			return nil, nil, err
		}
		related[relation] = ids
		delete(properties, name)
	}
	return properties, related, nil
}
