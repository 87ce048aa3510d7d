package elasticsearch

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A template is a composable index template, in the form that Elasticsearch shows.
type template object

func (t template) patterns() []string { return listed(t["index_patterns"]) }

func (t template) matches(name string) bool {
	return slices.ContainsFunc(t.patterns(), func(p string) bool { return fits(p, name) })
}

// priority is 0 where none is told.
func (t template) priority() int64 {
	n, _ := t["priority"].(json.Number)
	p, _ := n.Int64()
	return p
}

func (t template) makesStreams() bool { return t["data_stream"] != nil }

// content returns a part of what an index gets: settings, mappings, aliases, lifecycle.
func (t template) content(part string) object {
	body, _ := t["template"].(object)
	out, _ := body[part].(object)
	return out
}

func (t template) settings() settings {
	out, _ := flatten(t.content("settings")) // It was checked when it was put.
	return out
}

// templateOf returns the template that an index or a data stream of a name gets: of
// those that match, the one with the highest priority. Its name is empty if there is
// none.
func (s *Server) templateOf(name string) (string, template) {
	best := ""
	for _, other := range slices.Sorted(maps.Keys(s.templates)) {
		t := s.templates[other]
		if t.matches(name) && (best == "" || t.priority() > s.templates[best].priority()) {
			best = other
		}
	}
	return best, s.templates[best]
}

// templateFields are those that a template may have; see the create index template
// API.
var templateFields = []string{
	"index_patterns", "template", "composed_of", "priority", "version", "_meta", "data_stream", "allow_auto_create", "deprecated",
	"ignore_missing_component_templates",
}

func (s *Server) putTemplate(r *request) (answer, error) {
	name := r.params["name"]
	create, err := r.flag("create", false)
	if err != nil {
		return answer{}, err
	}
	if _, exists := s.templates[name]; exists && create {
		return answer{}, illegal("index template [%s] already exists", name)
	}
	body, err := r.required()
	if err != nil {
		return answer{}, err
	}
	t, err := s.parseTemplate(name, body)
	if err != nil {
		return answer{}, err
	}
	if err := s.admitTemplate(name, t); err != nil {
		return answer{}, err
	}
	s.templates[name] = t
	return acknowledged(), nil
}

// parseTemplate brings a template into the form that Elasticsearch shows.
func (s *Server) parseTemplate(name string, in object) (template, error) {
	for _, k := range slices.Sorted(maps.Keys(in)) {
		if !slices.Contains(templateFields, k) {
			return nil, unknownField("index_template", k)
		}
	}
	patterns := listed(in["index_patterns"])
	if len(patterns) == 0 {
		return nil, illegal("Required [index_patterns]")
	}
	if missing := listed(in["composed_of"]); len(missing) > 0 {
		return nil, invalidTemplate(name, fmt.Sprintf("index template [%s] specifies component templates [%s] that do not exist", name, strings.Join(missing, ", ")))
	}
	out := template{"composed_of": []any{}}
	for _, k := range []string{"priority", "version", "_meta", "allow_auto_create", "deprecated"} {
		if in[k] != nil {
			out[k] = in[k]
		}
	}
	out["index_patterns"] = anyOf(patterns)
	if stream, is := in["data_stream"].(object); is {
		out["data_stream"] = object{"hidden": stream["hidden"] == true, "allow_custom_routing": stream["allow_custom_routing"] == true}
	}
	content, err := s.parseContent(name, in, out.makesStreams())
	if len(content) > 0 {
		out["template"] = content
	}
	return out, err
}

// parseContent checks what indices would get by making one.
func (s *Server) parseContent(name string, in object, streams bool) (object, error) {
	given, err := section(in, "template")
	if err != nil {
		return nil, err
	}
	out := object{}
	for _, k := range slices.Sorted(maps.Keys(given)) {
		part, err := section(given, k)
		switch {
		case !slices.Contains([]string{"settings", "mappings", "aliases", "lifecycle"}, k):
			return nil, unknownField("template", k)
		case err != nil:
			return nil, err
		case k == "lifecycle" && !streams:
			return nil, illegal("index template [%s] specifies lifecycle configuration that can only be used in combination with a data stream", name)
		}
		out[k] = part
	}
	flat, err := flatten(partOf(given, "settings"))
	if err == nil {
		err = flat.check(true)
	}
	if err == nil {
		_, err = newMapping().merge(partOf(given, "mappings"), settings{})
	}
	if err != nil {
		return nil, afterComposition(name, err)
	}
	if out["settings"] != nil {
		out["settings"] = flat.form(false)
	}
	if out["lifecycle"] != nil {
		out["lifecycle"], err = parseLifecycle(partOf(given, "lifecycle"))
	}
	return out, err
}

// admitTemplate refuses a template that another of the same priority overlaps, and
// one that would take a data stream its template.
func (s *Server) admitTemplate(name string, t template) error {
	var names, pairs []string
	for _, other := range slices.Sorted(maps.Keys(s.templates)) {
		o := s.templates[other]
		if other != name && o.priority() == t.priority() && overlap(o.patterns(), t.patterns()) {
			names = append(names, other)
			pairs = append(pairs, other+" => ["+strings.Join(o.patterns(), ", ")+"]")
		}
	}
	if len(names) > 0 {
		return illegal("index template [%s] has index patterns [%s] matching patterns from existing templates [%s] with patterns (%s) "+
			"that have the same priority [%d], multiple index templates may not match during index creation, please use a different priority",
			name, strings.Join(t.patterns(), ", "), strings.Join(names, ","), strings.Join(pairs, ","), t.priority())
	}
	if lost := s.orphans(name, t); len(lost) > 0 {
		without := ""
		if !t.makesStreams() {
			without = "and no data stream configuration "
		}
		return illegal("composable template [%s] with index patterns [%s], priority [%d] %swould cause data streams [%s] to no longer match a data stream template",
			name, strings.Join(t.patterns(), ", "), t.priority(), without, strings.Join(lost, ", "))
	}
	return nil
}

// orphans returns the data streams that no template for data streams would match if
// a template were put, or, where t is nil, deleted.
func (s *Server) orphans(name string, t template) []string {
	as := &Server{templates: maps.Clone(s.templates)}
	delete(as.templates, name)
	if t != nil {
		as.templates[name] = t
	}
	var out []string
	for _, stream := range slices.Sorted(maps.Keys(s.streams)) {
		_, before := s.templateOf(stream)
		if _, after := as.templateOf(stream); before.makesStreams() && !after.makesStreams() {
			out = append(out, stream)
		}
	}
	return out
}

func (s *Server) getTemplates(r *request) (answer, error) {
	flat, err := r.flag("flat_settings", false)
	if err != nil {
		return answer{}, err
	}
	out := []any{}
	name := r.params["name"]
	for _, n := range slices.Sorted(maps.Keys(s.templates)) {
		if name == "" || fits(name, n) {
			out = append(out, object{"name": n, "index_template": s.templates[n].shown(flat)})
		}
	}
	if len(out) == 0 && name != "" && !strings.Contains(name, "*") {
		return answer{}, &fault{status: http.StatusNotFound, kind: "resource_not_found_exception", reason: fmt.Sprintf("index template matching [%s] not found", name)}
	}
	return ok(object{"index_templates": out}), nil
}

func (t template) shown(flat bool) object {
	out := maps.Clone(object(t))
	if content, is := t["template"].(object); is && flat && content["settings"] != nil {
		content = maps.Clone(content)
		content["settings"] = t.settings().form(true)
		out["template"] = content
	}
	return out
}

func (s *Server) deleteTemplate(r *request) (answer, error) {
	name := r.params["name"]
	if _, exists := s.templates[name]; !exists {
		return answer{}, &fault{status: http.StatusNotFound, kind: "index_template_missing_exception", reason: fmt.Sprintf("index_template [%s] missing", name)}
	}
	if used := s.orphans(name, nil); len(used) > 0 {
		return answer{}, illegal("unable to remove composable templates [%s] as they are in use by a data streams [%s]", name, strings.Join(used, ", "))
	}
	delete(s.templates, name)
	return acknowledged(), nil
}

func unknownField(of, name string) error {
	return &fault{status: http.StatusBadRequest, kind: "x_content_parse_exception", reason: fmt.Sprintf("[1:1] [%s] unknown field [%s]", of, name)}
}

func invalidTemplate(name, cause string) error {
	return &fault{status: http.StatusBadRequest, kind: "invalid_index_template_exception", reason: fmt.Sprintf("index_template [%s] invalid, cause [%s]", name, cause)}
}

// afterComposition tells what is wrong with what indices would get.
func afterComposition(name string, err error) error {
	out := illegal("composable template [%s] template after composition is invalid", name)
	if cause, is := err.(*fault); is { //nolint:errorlint // The stand-in wraps no faults.
		out.cause = cause
	}
	return out
}

// partOf returns an object within another, or an empty one.
func partOf(o object, name string) object {
	part, _ := o[name].(object)
	return part
}
