package graph

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The relations of a group to other objects.
const (
	members = "members"
	owners  = "owners"
)

// A link relates an object to a group. One that was removed is kept for as long
// as lists may still show it.
type link struct {
	id      string
	added   time.Time
	removed *time.Time
	changed uint64 // When it was added or removed, in the order of changes.
}

// linked returns the link of an object that is related to a group.
func (o *object) linked(relation, id string) *link {
	for _, l := range o.relations[relation] {
		if l.removed == nil && strings.EqualFold(l.id, id) {
			return l
		}
	}
	return nil
}

// related returns the objects that a list of a relation shows, in order.
func (s *Server) related(g *object, relation string, principals bool) []*object {
	now := s.options.Now()
	shown := map[string]*object{}
	for _, l := range g.relations[relation] {
		there := !now.Before(l.added.Add(s.options.RelationLag))
		gone := l.removed != nil && !now.Before(l.removed.Add(s.options.RelationLag))
		o := s.directory.objects[strings.ToLower(l.id)]
		if there && !gone && o != nil && o.deleted == nil && (principals || o.kind != servicePrincipal) {
			shown[o.id()] = o
		}
	}
	return slices.SortedFunc(maps.Values(shown), byID)
}

// relateAll adds all objects to their relations, or none.
func (s *Server) relateAll(g *object, all references) error {
	for relation, ids := range all {
		for i, id := range ids {
			if slices.ContainsFunc(ids[:i], func(other string) bool { return strings.EqualFold(other, id) }) {
				return badRequest("Request contains a property with duplicate values.")
			}
			if err := s.checkRelate(g, relation, id); err != nil {
				return err
			}
		}
	}
	for _, relation := range slices.Sorted(maps.Keys(all)) {
		for _, id := range all[relation] {
			g.relations[relation] = append(g.relations[relation], &link{id: id, added: s.options.Now(), changed: s.directory.change()})
		}
	}
	return nil
}

func (s *Server) checkRelate(g *object, relation, id string) error {
	o, err := s.directory.get("", id)
	switch {
	case err != nil:
		return err
	case g.linked(relation, id) != nil:
		return badRequest("One or more added object references already exist for the following modified properties: '%s'.", relation)
	case o == g, relation == owners && o.kind == group:
		return badRequest("An invalid operation was included in the following modified references: '%s'.", relation)
	}
	return nil
}

func (s *Server) listRelated(r *request) (answer, error) {
	found, err := s.listed(r)
	if err != nil {
		return answer{}, err
	}
	return r.page(found, "directoryObjects", func(o *object) any { return s.limited(o, r.render(o, true)) })
}

func (s *Server) listReferences(r *request) (answer, error) {
	found, err := s.listed(r)
	if err != nil {
		return answer{}, err
	}
	return r.page(found, "Collection($ref)", func(o *object) any {
		return map[string]string{"@odata.id": r.base() + "/directoryObjects/" + o.id()}
	})
}

// listed returns the objects of the relation that a request lists. The lists of
// v1.0 leave out the service principals among the members.
func (s *Server) listed(r *request) ([]*object, error) {
	g, err := s.directory.get(group, r.params["id"])
	if err != nil {
		return nil, err
	}
	if err := r.checkQuery(kinds...); err != nil {
		return nil, err
	}
	relation := r.params["relation"]
	satisfy, err := r.filter(kinds...)
	if err != nil {
		return nil, err
	}
	all := s.related(g, relation, r.beta() || relation == owners)
	return slices.DeleteFunc(all, func(o *object) bool { return !satisfy(o) }), nil
}

func (s *Server) addReference(r *request) (answer, error) {
	g, err := s.directory.get(group, r.params["id"])
	if err != nil {
		return answer{}, err
	}
	var body struct {
		ID string `json:"@odata.id"`
	}
	if err := r.decode(&body); err != nil {
		return answer{}, err
	}
	id, err := parseReference(body.ID)
	if err != nil {
		return answer{}, err
	}
	if err := s.relateAll(g, references{r.params["relation"]: {id}}); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, nil
}

func (s *Server) removeReference(r *request) (answer, error) {
	g, err := s.directory.get(group, r.params["id"])
	if err != nil {
		return answer{}, err
	}
	relation, id := r.params["relation"], r.params["member"]
	found := g.linked(relation, id)
	if found == nil {
		return answer{}, notFound(id)
	}
	if relation == owners && s.isLastUser(g, id) {
		return answer{}, badRequest("The group must have at least one owner, hence this owner cannot be removed.")
	}
	now := s.options.Now()
	found.removed, found.changed = &now, s.directory.change()
	return answer{status: http.StatusNoContent}, nil
}

// isLastUser reports whether an owner is the only one of a group that is a user.
func (s *Server) isLastUser(g *object, id string) bool {
	isUser := func(id string) bool {
		o := s.directory.objects[strings.ToLower(id)]
		return o != nil && o.kind == user
	}
	return isUser(id) && !slices.ContainsFunc(g.relations[owners], func(l *link) bool {
		return l.removed == nil && !strings.EqualFold(l.id, id) && isUser(l.id)
	})
}
