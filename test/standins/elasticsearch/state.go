package elasticsearch

import "maps"

// A State is what a cluster holds. It is a copy.
type State struct {
	Indices      map[string]IndexState `json:"indices"`
	DataStreams  map[string]object     `json:"dataStreams"` // As GET _data_stream tells them.
	Templates    map[string]object     `json:"templates"`   // As GET _index_template tells them.
	Roles        map[string]object     `json:"roles"`
	RoleMappings map[string]object     `json:"roleMappings"`
	APIKeys      map[string]object     `json:"apiKeys"`
	Policies     map[string]object     `json:"policies"`
}

// An IndexState is what a cluster holds of an index.
type IndexState struct {
	Settings  map[string]any    `json:"settings"` // By their full flat name.
	Mappings  map[string]any    `json:"mappings"`
	Aliases   map[string]object `json:"aliases"`
	Health    string            `json:"health"`
	Closed    bool              `json:"closed"`
	Documents int               `json:"documents"`
}

// State returns what the cluster holds, without secrets.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := State{
		Indices: map[string]IndexState{}, DataStreams: map[string]object{}, Templates: map[string]object{},
		Roles: map[string]object{}, RoleMappings: maps.Clone(s.mappings), APIKeys: map[string]object{}, Policies: map[string]object{},
	}
	for name, i := range s.indices {
		out.Indices[name] = IndexState{
			Settings: maps.Clone(i.settings), Mappings: i.mapping.shown(), Aliases: maps.Clone(i.aliases),
			Health: health{indices: []*index{i}}.status(), Closed: i.closed, Documents: len(i.documents),
		}
	}
	for name, d := range s.streams {
		out.DataStreams[name] = s.showStream(d)
	}
	for name, t := range s.templates {
		out.Templates[name] = t.shown(false)
	}
	for name, r := range s.roles {
		if !isReserved(r) {
			out.Roles[name] = object(r)
		}
	}
	for id, k := range s.keys {
		out.APIKeys[id] = k.shown()
	}
	for name, p := range s.policies {
		out.Policies[name] = maps.Clone(p.body)
	}
	return out
}
