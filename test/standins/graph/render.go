package graph

import (
	"slices"
	"strings"
	"time"
)

// render returns an object as JSON, with the properties that the client
// selected. Mixed lists tell each object's type.
func (r *request) render(o *object, typed bool) map[string]any {
	selected := r.selected()
	out := map[string]any{}
	if typed {
		out["@odata.type"] = "#microsoft.graph." + string(o.kind)
	}
	for _, p := range schema[o.kind] {
		if slices.Contains(selected, p.name) || len(selected) == 0 && (p.shown || r.beta()) {
			out[p.name] = o.value(p.name)
		}
	}
	return out
}

// value returns a property as the API shows it: null, or an empty list, if it
// was never set.
func (o *object) value(property string) any {
	if property == "deletedDateTime" && o.deleted != nil {
		return o.deleted.UTC().Format(time.RFC3339)
	}
	if v, set := o.properties[property]; set {
		return v
	}
	if property == "groupTypes" || property == "businessPhones" {
		return []any{}
	}
	return nil
}

// selected returns the properties that $select names.
func (r *request) selected() []string {
	if r.query.Get("$select") == "" {
		return nil
	}
	names := strings.Split(r.query.Get("$select"), ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// checkQuery refuses what the query of a request for kinds of objects asks that
// does not exist, or that is not served.
func (r *request) checkQuery(of ...kind) error {
	for _, name := range r.selected() {
		if !known(name, of...) {
			return malformed("Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.%s'.", name, of[0])
		}
	}
	for name := range r.query {
		switch name {
		case "$select", "$filter", "$top", "$count", "$skiptoken", "$expand":
		default:
			return malformed("Query option '%s' is not served by this stand-in.", name)
		}
	}
	return nil
}

// entity answers with one object.
func (r *request) entity(status int, o *object, typed bool, set string) answer {
	body := r.render(o, typed)
	body["@odata.context"] = r.base() + "/$metadata#" + set + "/$entity"
	return answer{status: status, body: body}
}
