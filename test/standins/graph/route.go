package graph

import (
	"net/http"
	"slices"
	"strings"
)

// A route is one operation of the API and the permissions of which one permits
// it.
type route struct {
	method      string
	pattern     string
	permissions []string
	handle      func(*request) (answer, error)
}

var (
	readUsers      = []string{"User.ReadBasic.All", "User.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	writeUsers     = []string{"User.ReadWrite.All", "Directory.ReadWrite.All"}
	readPrincipals = []string{"Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	readObjects    = []string{"Directory.Read.All", "Directory.ReadWrite.All", "User.Read.All", "Group.Read.All", "Group.ReadWrite.All"}
	readGroups     = []string{"Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	createGroups   = []string{"Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All"}
	writeGroups    = []string{"Group.ReadWrite.All", "Directory.ReadWrite.All"}
	readMembers    = append([]string{"GroupMember.Read.All", "GroupMember.ReadWrite.All"}, readGroups...)
	writeMembers   = append([]string{"GroupMember.ReadWrite.All"}, writeGroups...)
)

// table returns all operations below the version. The segment in braces is a
// parameter.
func (s *Server) table() []route {
	return []route{
		{http.MethodGet, "users", readUsers, s.listObjects(user)},
		{http.MethodGet, "users/delta", readUsers, s.delta(user)},
		{http.MethodGet, "users/delta()", readUsers, s.delta(user)}, // As Microsoft's library writes it.
		{http.MethodGet, "users/{id}", readUsers, s.getUser},
		{http.MethodPatch, "users/{id}", writeUsers, s.patchUser},
		{http.MethodGet, "servicePrincipals", readPrincipals, s.listObjects(servicePrincipal)},
		{http.MethodGet, "servicePrincipals/delta", readPrincipals, s.delta(servicePrincipal)},
		{http.MethodGet, "servicePrincipals/delta()", readPrincipals, s.delta(servicePrincipal)}, // As Microsoft's library writes it.
		{http.MethodGet, "servicePrincipals/{id}", readPrincipals, s.getObject(servicePrincipal)},
		{http.MethodPost, "directoryObjects/getByIds", readObjects, s.getByIDs},
		{http.MethodGet, "directoryObjects/{id}", readObjects, s.getObject("")},

		{http.MethodPost, "groups", createGroups, s.createGroup},
		{http.MethodGet, "groups", readGroups, s.listObjects(group)},
		{http.MethodGet, "groups(uniqueName={key})", readGroups, s.getGroupByKey},
		{http.MethodPatch, "groups(uniqueName={key})", writeGroups, s.upsertGroup},
		{http.MethodDelete, "groups(uniqueName={key})", writeGroups, s.deleteGroupByKey},
		{http.MethodGet, "groups/delta", readMembers, s.delta(group)},
		{http.MethodGet, "groups/delta()", readMembers, s.delta(group)}, // As Microsoft's library writes it.
		{http.MethodGet, "groups/{id}", readGroups, s.getGroup},
		{http.MethodPatch, "groups/{id}", writeMembers, s.patchGroup},
		{http.MethodDelete, "groups/{id}", writeGroups, s.deleteGroup},

		{http.MethodGet, "groups/{id}/{relation}", readMembers, s.listRelated},
		{http.MethodGet, "groups/{id}/{relation}/$ref", readMembers, s.listReferences},
		{http.MethodPost, "groups/{id}/{relation}/$ref", writeMembers, s.addReference},
		{http.MethodDelete, "groups/{id}/{relation}/{member}/$ref", writeMembers, s.removeReference},

		{http.MethodGet, "directory/deletedItems/microsoft.graph.group", readGroups, s.listDeleted},
		{http.MethodGet, "directory/deletedItems/graph.group", readGroups, s.listDeleted}, // As Microsoft's library writes it.
		{http.MethodGet, "directory/deletedItems/{id}", readGroups, s.getDeleted},
		{http.MethodPost, "directory/deletedItems/{id}/restore", writeGroups, s.restore},
		{http.MethodDelete, "directory/deletedItems/{id}", writeGroups, s.purge},
	}
}

// find returns the first route that fits a request, and its parameters.
func (s *Server) find(r *request) (route, map[string]string, bool) {
	for _, to := range s.routes {
		if to.method != r.method {
			continue
		}
		if params, ok := match(strings.Split(to.pattern, "/"), r.path); ok {
			return to, params, true
		}
	}
	return route{}, nil, false
}

func match(pattern, path []string) (map[string]string, bool) {
	if len(pattern) != len(path) {
		return nil, false
	}
	params := map[string]string{}
	for i, want := range pattern {
		before, rest, isParam := strings.Cut(want, "{")
		if !isParam {
			if want != path[i] {
				return nil, false
			}
			continue
		}
		name, after, _ := strings.Cut(rest, "}")
		value, ok := strings.CutPrefix(path[i], before)
		if value, ok = cutSuffix(value, after, ok); !ok || value == "" {
			return nil, false
		}
		params[name] = value
	}
	return params, params["relation"] == "" || params["relation"] == members || params["relation"] == owners
}

func cutSuffix(s, suffix string, ok bool) (string, bool) {
	cut, found := strings.CutSuffix(s, suffix)
	return cut, ok && found
}

// limited leaves of an object in a relation its type and id, where the application may
// not read objects of its kind.
func (s *Server) limited(o *object, shown map[string]any) map[string]any {
	readers := map[kind][]string{user: readUsers, group: readGroups, servicePrincipal: readPrincipals}
	if s.permitted(readers[o.kind]) {
		return shown
	}
	for name := range shown {
		if name != "id" && name != "@odata.type" {
			shown[name] = nil
		}
	}
	return shown
}

func (s *Server) permitted(by []string) bool {
	return s.options.Permissions == nil || slices.ContainsFunc(by, func(p string) bool {
		return slices.Contains(s.options.Permissions, p)
	})
}
