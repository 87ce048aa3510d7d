package elasticsearch

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

func (s *Server) getRoleMappings(r *request) (answer, error) { return named(r, s.mappings), nil }

func (s *Server) deleteRoleMapping(r *request) (answer, error) {
	return forget(s.mappings, r.params["name"]), nil
}

func (s *Server) putRoleMapping(r *request) (answer, error) {
	body, err := r.required()
	if err != nil {
		return answer{}, err
	}
	parsed, err := parseRoleMapping(body)
	if err != nil {
		return answer{}, err
	}
	_, existed := s.mappings[r.params["name"]]
	s.mappings[r.params["name"]] = parsed
	return ok(object{"role_mapping": object{"created": !existed}}), nil
}

// parseRoleMapping brings a mapping into the form that Elasticsearch shows. That
// its roles exist is not checked.
func parseRoleMapping(in object) (object, error) {
	out := object{"enabled": true, "metadata": object{}}
	for _, k := range slices.Sorted(maps.Keys(in)) {
		if !slices.Contains([]string{"enabled", "roles", "role_templates", "rules", "metadata"}, k) {
			return nil, badMapping("unexpected field [%s]", k)
		}
		out[k] = in[k]
	}
	var wrong []string
	roles, _ := out["roles"].([]any)
	templates, _ := out["role_templates"].([]any)
	if len(roles)+len(templates) == 0 {
		wrong = append(wrong, "role-mapping roles or role-templates are missing")
	}
	if len(roles) > 0 && len(templates) > 0 {
		wrong = append(wrong, "role-mapping cannot have both roles and role-templates")
	}
	rules, isObject := out["rules"].(object)
	if !isObject {
		wrong = append(wrong, "role-mapping rules are missing")
	}
	metadata, _ := out["metadata"].(object)
	for k := range metadata {
		if strings.HasPrefix(k, "_") {
			wrong = append(wrong, fmt.Sprintf("metadata keys may not start with [_], but [%s] does", k))
		}
	}
	if len(wrong) > 0 {
		return nil, validation(wrong...)
	}
	shown, err := parseRule(rules, false)
	out["rules"] = shown
	for _, k := range []string{"roles", "role_templates"} {
		if hasNothing(out[k]) {
			delete(out, k) // None are not shown.
		}
	}
	return out, err
}

// parseRule checks a rule and what is in it. See "Role mapping resources".
func parseRule(rule object, withinAll bool) (object, error) {
	if len(rule) != 1 {
		return nil, badMapping("a rule has exactly one of [any, all, field, except]")
	}
	for kind, v := range rule {
		switch kind {
		case "any", "all":
			shown, err := parseRules(kind, v)
			return object{kind: shown}, err
		case "except":
			inner, ok := v.(object)
			if !ok || !withinAll {
				return nil, badMapping("failed to parse rules expression. [except] holds one rule and stands within [all] alone")
			}
			shown, err := parseRule(inner, false)
			return object{kind: shown}, err
		case "field":
			fields, ok := v.(object)
			if !ok || len(fields) != 1 {
				return nil, badMapping("failed to parse rules expression. [field] names exactly one field")
			}
			if slices.ContainsFunc(slices.Collect(maps.Values(fields)), hasNothing) {
				return nil, badMapping("null or empty values ([])")
			}
			return object{kind: singles(fields)}, nil
		}
		return nil, badMapping("failed to parse rules expression. field [%s] is not recognised", kind)
	}
	return nil, nil //nolint:nilnil // A rule has one key.
}

func parseRules(kind string, v any) ([]any, error) {
	all, ok := v.([]any)
	if !ok {
		return nil, badMapping("failed to parse rules expression. [%s] is not an array", kind)
	}
	out := make([]any, len(all))
	for n := range all {
		inner, ok := all[n].(object)
		if !ok {
			return nil, badMapping("failed to parse rules expression. [%s] holds something that is no rule", kind)
		}
		shown, err := parseRule(inner, kind == "all")
		if err != nil {
			return nil, err
		}
		out[n] = shown
	}
	return out, nil
}

// singles shows lists of one value as the value.
func singles(fields object) object {
	out := object{}
	for name, v := range fields {
		out[name] = v
		if values, ok := v.([]any); ok && len(values) == 1 {
			out[name] = values[0]
		}
	}
	return out
}

func badMapping(format string, args ...any) error {
	return &fault{status: http.StatusBadRequest, kind: "parse_exception", reason: fmt.Sprintf(format, args...)}
}

// validation tells all that is wrong with a request.
func validation(wrong ...string) error {
	slices.Sort(wrong)
	for n := range wrong {
		wrong[n] = fmt.Sprintf("%d: %s;", n+1, wrong[n])
	}
	return &fault{status: http.StatusBadRequest, kind: "action_request_validation_exception",
		reason: "Validation Failed: " + strings.Join(wrong, " ")}
}
