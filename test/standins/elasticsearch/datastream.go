package elasticsearch

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A dataStream is what the cluster keeps of one.
type dataStream struct {
	name       string
	indices    []string // Its backing indices, of which the last is written to.
	generation int
	meta       object // Of the template that it was made by, as it was then.
	lifecycle  object // Nil: none.
	hidden     bool
}

func (d *dataStream) writeIndex() string { return d.indices[len(d.indices)-1] }

func (s *Server) createDataStream(r *request) (answer, error) {
	name := r.params["index"]
	if _, exists := s.streams[name]; exists {
		return answer{}, &fault{status: http.StatusBadRequest, kind: "resource_already_exists_exception", reason: fmt.Sprintf("data_stream [%s] already exists", name)}
	}
	if strings.HasPrefix(name, backingPrefix) {
		return answer{}, illegal("data_stream [%s] must not start with '%s'", name, backingPrefix)
	}
	if err := s.checkName(name); err != nil {
		return answer{}, illegal("data_stream [%s] is no name that a data stream can have", name)
	}
	with, t := s.templateOf(name)
	switch {
	case with == "":
		return answer{}, illegal("no matching index template found for data stream [%s]", name)
	case !t.makesStreams():
		return answer{}, illegal("matching index template [%s] for data stream [%s] has no data stream template", with, name)
	}
	return acknowledged(), s.makeStream(name, t)
}

// makeStream makes a data stream as its template says. The stream keeps its template's
// _meta and lifecycle of this moment; later changes of the template do not reach them.
func (s *Server) makeStream(name string, t template) error {
	if _, taken := s.indices[name]; taken {
		return &fault{status: http.StatusInternalServerError, kind: "illegal_state_exception", reason: fmt.Sprintf("index, alias, and data stream names "+
			"need to be unique, but the following duplicates were found [data stream [%s] conflicts with index]", name)}
	}
	d := &dataStream{name: name, hidden: partOf(object(t), "data_stream")["hidden"] == true}
	if meta := partOf(object(t), "_meta"); len(meta) > 0 {
		d.meta = maps.Clone(meta)
	}
	if lifecycle := t.content("lifecycle"); lifecycle != nil {
		d.lifecycle = maps.Clone(lifecycle)
	}
	if err := s.grow(d, t); err != nil {
		return err
	}
	s.streams[name] = d
	return nil
}

// backingPrefix begins the names of backing indices.
const backingPrefix = ".ds-"

// grow adds a backing index, which is then written to.
func (s *Server) grow(d *dataStream, t template) error {
	name := fmt.Sprintf("%s%s-%s-%06d", backingPrefix, d.name, s.options.Now().UTC().Format("2006.01.02"), d.generation+1)
	i, err := s.makeIndex(name, object{}, t)
	if err != nil {
		return err
	}
	i.settings["index.hidden"] = "true"
	timestamp := object{"_data_stream_timestamp": object{"enabled": true}}
	if partOf(partOf(t.content("mappings"), "properties"), "@timestamp") == nil {
		timestamp["properties"] = object{"@timestamp": object{"type": "date"}}
	}
	if i.mapping, err = i.mapping.merge(timestamp, i.settings); err != nil {
		return err
	}
	i.stream = d.name
	s.indices[name] = i
	d.indices = append(d.indices, name)
	d.generation++
	return nil
}

// streamsOf returns the data streams that a request names, by wildcards or by name.
func (s *Server) streamsOf(r *request) ([]*dataStream, error) {
	found := map[string]*dataStream{}
	for _, part := range parts(r.params["index"]) {
		had := false
		for name, d := range s.streams {
			if fits(part, name) && (part == name || !d.hidden && s.visible(r, name)) {
				found[name], had = d, true
			}
		}
		if !had && !strings.Contains(part, "*") {
			return nil, noSuchIndex(part)
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *dataStream) int { return strings.Compare(a.name, b.name) }), nil
}

func (s *Server) getDataStreams(r *request) (answer, error) {
	found, err := s.streamsOf(r)
	if err != nil {
		return answer{}, err
	}
	out := []any{}
	for _, d := range found {
		out = append(out, s.showStream(d))
	}
	return ok(object{"data_streams": out}), nil
}

func (s *Server) showStream(d *dataStream) object {
	with, t := s.templateOf(d.name)
	out := object{
		"name": d.name, "timestamp_field": object{"name": "@timestamp"}, "generation": d.generation, "template": with,
		"status": strings.ToUpper(health{indices: s.backing(d)}.status()), "hidden": d.hidden, "system": false, "replicated": false,
		"allow_custom_routing": partOf(object(t), "data_stream")["allow_custom_routing"] == true, "rollover_on_write": false,
		"prefer_ilm": true, "next_generation_managed_by": managedBy(t.settings(), d.lifecycle), "index_mode": "standard",
	}
	if d.meta != nil {
		out["_meta"] = d.meta
	}
	if policy := t.settings().text("index.lifecycle.name"); policy != "" {
		out["ilm_policy"] = policy
	}
	if d.lifecycle != nil {
		out["lifecycle"] = effective(d.lifecycle)
	}
	indices := []any{}
	for _, i := range s.backing(d) {
		shown := object{"index_name": i.name, "index_uuid": i.uuid(), "prefer_ilm": true, "managed_by": managedBy(i.settings, d.lifecycle), "index_mode": "standard"}
		if policy := i.settings.text("index.lifecycle.name"); policy != "" {
			shown["ilm_policy"] = policy
		}
		indices = append(indices, shown)
	}
	out["indices"] = indices
	return out
}

// managedBy names what rolls an index over and deletes it: an ILM policy goes first.
func managedBy(of settings, lifecycle object) string {
	switch {
	case of.text("index.lifecycle.name") != "":
		return "Index Lifecycle Management"
	case lifecycle["enabled"] == true:
		return "Data stream lifecycle"
	}
	return "Unmanaged"
}

// backing returns the indices of a data stream, the oldest first.
func (s *Server) backing(d *dataStream) []*index {
	out := make([]*index, len(d.indices))
	for n, name := range d.indices {
		out[n] = s.indices[name]
	}
	return out
}

func (s *Server) deleteDataStreams(r *request) (answer, error) {
	found, err := s.streamsOf(r)
	if err != nil {
		return answer{}, err
	}
	for _, d := range found {
		for _, name := range d.indices {
			delete(s.indices, name)
		}
		delete(s.streams, d.name)
	}
	return acknowledged(), nil
}

// leave takes a deleted index out of its data stream.
func (s *Server) leave(i *index) {
	if d := s.streams[i.stream]; d != nil {
		d.indices = slices.DeleteFunc(d.indices, func(name string) bool { return name == i.name })
	}
}

// rollover gives a data stream another index to write to, as its template says now.
func (s *Server) rollover(r *request) (answer, error) {
	d := s.streams[r.params["index"]]
	if d == nil {
		if len(s.expand(r, r.params["index"], expansion{none: true})) == 0 {
			return answer{}, noSuchIndex(r.params["index"])
		}
		return answer{}, unsupported("roll over what is no data stream, as [%s]", r.params["index"])
	}
	body, err := r.object()
	if err != nil {
		return answer{}, err
	}
	dry, err := r.flag("dry_run", false)
	if err != nil {
		return answer{}, err
	}
	if len(body) > 0 {
		return answer{}, unsupported("roll over on conditions; leave the body out")
	}
	old, trial := d.writeIndex(), *d
	trial.indices = slices.Clone(d.indices)
	_, t := s.templateOf(d.name)
	if err := s.grow(&trial, t); err != nil {
		return answer{}, err
	}
	if dry {
		delete(s.indices, trial.writeIndex())
	} else {
		*d = trial
	}
	return ok(object{"acknowledged": !dry, "shards_acknowledged": !dry, "old_index": old, "new_index": trial.writeIndex(),
		"rolled_over": !dry, "dry_run": dry, "lazy": false, "conditions": object{}}), nil
}

// policyUsers returns what names an ILM policy: indices by their setting, data streams
// by that of their template, and templates.
func (s *Server) policyUsers(policy string) (indices, streams, templates []string) {
	const setting = "index.lifecycle.name"
	for _, name := range slices.Sorted(maps.Keys(s.indices)) {
		if s.indices[name].settings.text(setting) == policy {
			indices = append(indices, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.streams)) {
		if _, t := s.templateOf(name); t.settings().text(setting) == policy {
			streams = append(streams, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.templates)) {
		if s.templates[name].settings().text(setting) == policy {
			templates = append(templates, name)
		}
	}
	return indices, streams, templates
}
