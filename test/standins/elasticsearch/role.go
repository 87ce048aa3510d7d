package elasticsearch

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// superuser is the reserved role that may do everything.
const superuser = "superuser"

// A role is kept as it is told, and read when it decides.
type role object

func reservedRoles() map[string]role {
	return map[string]role{superuser: {
		"cluster":  []any{"all"},
		"indices":  []any{object{"names": []any{"*"}, "privileges": []any{"all"}, "allow_restricted_indices": true}},
		"metadata": object{"_reserved": true}, "applications": []any{}, "run_as": []any{"*"}, "transient_metadata": object{"enabled": true},
	}}
}

// onCluster tells whether a role has one of some privileges of the cluster.
func (r role) onCluster(by []string) bool { return grants(r["cluster"], by) }

// onIndex tells whether a role has one of some privileges on an index.
func (r role) onIndex(name string, by []string) bool {
	entries, _ := r["indices"].([]any)
	return slices.ContainsFunc(entries, func(e any) bool {
		entry, _ := e.(object)
		names, _ := entry["names"].([]any)
		return grants(entry["privileges"], by) && slices.ContainsFunc(names, func(n any) bool {
			pattern, _ := n.(string)
			return fits(pattern, name)
		})
	})
}

func grants(has any, by []string) bool {
	privileges, _ := has.([]any)
	return slices.ContainsFunc(privileges, func(p any) bool {
		name, _ := p.(string)
		return name == "all" || slices.Contains(by, name)
	})
}

// roleFields are those that a role may have.
var roleFields = []string{
	"cluster", "indices", "applications", "run_as", "metadata", "transient_metadata", "global", "description", "remote_indices", "remote_cluster",
}

// parseRole brings a role into the form that Elasticsearch shows.
func parseRole(name string, in object) (role, error) {
	if v, old := in["index"]; old { // The former name.
		in["indices"] = v
		delete(in, "index")
	}
	out := role{"cluster": []any{}, "indices": []any{}, "applications": []any{}, "run_as": []any{}, "metadata": object{},
		"transient_metadata": object{"enabled": true}}
	for _, k := range slices.Sorted(maps.Keys(in)) {
		if !slices.Contains(roleFields, k) {
			return nil, &fault{status: http.StatusBadRequest, kind: "parse_exception", reason: fmt.Sprintf("failed to parse role [%s]. unexpected field [%s]", name, k)}
		}
		// Of these, none is not shown.
		none := slices.Contains([]string{"global", "remote_indices", "remote_cluster"}, k) && hasNothing(in[k])
		if in[k] != nil && !none {
			out[k] = in[k]
		}
	}
	entries, ok := out["indices"].([]any)
	if !ok {
		return nil, badRole(name, "indices", "an array")
	}
	for n, e := range entries {
		entry, ok := e.(object)
		if !ok {
			return nil, badRole(name, "indices", "objects")
		}
		shown, err := parseIndexPrivileges(name, entry)
		if err != nil {
			return nil, err
		}
		entries[n] = shown
	}
	if out["cluster"], ok = list(out["cluster"]); !ok {
		return nil, badRole(name, "cluster", "an array")
	}
	return out, nil
}

func parseIndexPrivileges(name string, in object) (object, error) {
	out := object{"allow_restricted_indices": false}
	for _, k := range slices.Sorted(maps.Keys(in)) {
		if !slices.Contains([]string{"names", "privileges", "field_security", "query", "allow_restricted_indices"}, k) {
			return nil, badPrivileges(name, "unexpected field [%s]", k)
		}
		if in[k] != nil && in[k] != "" { // As of a query that is none.
			out[k] = in[k]
		}
	}
	for _, k := range []string{"names", "privileges"} {
		values, ok := list(in[k])
		switch {
		case in[k] == nil:
			return nil, badPrivileges(name, "missing required [%s] field", k)
		case !ok:
			return nil, badRole(name, "indices", "objects with an array of "+k)
		case k == "names" && len(values) == 0: // Privileges may be none.
			return nil, badPrivileges(name, "[%s] cannot be an empty array", k)
		}
		out[k] = values
	}
	return out, checkFieldSecurity(name, in["field_security"])
}

// checkFieldSecurity wants fields that are granted, even none, where some are excepted.
func checkFieldSecurity(name string, v any) error {
	if v == nil {
		return nil
	}
	security, ok := v.(object)
	if !ok || len(security) == 0 {
		return badPrivileges(name, `"field_security" must not be empty.`)
	}
	for _, k := range slices.Sorted(maps.Keys(security)) {
		if !slices.Contains([]string{"grant", "except"}, k) {
			return badPrivileges(name, `"field_security" only accepts options grant and except, but got: %s`, k)
		}
		if security[k] == nil {
			return badPrivileges(name, "%s must not be null.", k)
		}
	}
	if security["grant"] == nil {
		return badPrivileges(name, "field_security requires grant if except is given")
	}
	return nil
}

func badPrivileges(role, format string, args ...any) error {
	return &fault{status: http.StatusBadRequest, kind: "parse_exception",
		reason: fmt.Sprintf("failed to parse indices privileges for role [%s]. ", role) + fmt.Sprintf(format, args...)}
}

// hasNothing tells an empty list or object.
func hasNothing(v any) bool {
	l, isList := v.([]any)
	o, isObject := v.(object)
	return isList && len(l) == 0 || isObject && len(o) == 0
}

// list is a list, or one value in place of it.
func list(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case string:
		return []any{v}, true
	}
	return nil, false
}

func badRole(name, fieldName, wanted string) error {
	return &fault{status: http.StatusBadRequest, kind: "parse_exception",
		reason: fmt.Sprintf("failed to parse role [%s]. expected field [%s] value to be %s", name, fieldName, wanted)}
}

func (s *Server) putRole(r *request) (answer, error) {
	name := r.params["name"]
	if isReserved(s.roles[name]) {
		return answer{}, illegal("Role [%s] is reserved and may not be used.", name)
	}
	body, err := r.required()
	if err != nil {
		return answer{}, err
	}
	parsed, err := parseRole(name, body)
	if err != nil {
		return answer{}, err
	}
	_, existed := s.roles[name]
	s.roles[name] = parsed
	return ok(object{"role": object{"created": !existed}}), nil
}

func isReserved(r role) bool {
	metadata, _ := r["metadata"].(object)
	return metadata["_reserved"] == true
}

func (s *Server) getRoles(r *request) (answer, error) {
	return named(r, s.roles), nil
}

// named answers what there is by the names of a request, and 404 if that is nothing.
func named[V any](r *request, all map[string]V) answer {
	out := map[string]V{}
	names, some := r.params["name"]
	for name, v := range all {
		if !some || slices.Contains(strings.Split(names, ","), name) {
			out[name] = v
		}
	}
	if some && len(out) == 0 {
		return answer{http.StatusNotFound, out}
	}
	return ok(out)
}

func (s *Server) deleteRole(r *request) (answer, error) {
	name := r.params["name"]
	if isReserved(s.roles[name]) {
		return answer{}, illegal("role [%s] is reserved and cannot be deleted", name)
	}
	return forget(s.roles, name), nil
}

// forget deletes by name, and answers whether there was anything.
func forget[V any](all map[string]V, name string) answer {
	if _, found := all[name]; !found {
		return answer{http.StatusNotFound, object{"found": false}}
	}
	delete(all, name)
	return ok(object{"found": true})
}
