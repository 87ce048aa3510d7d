package elasticsearch

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A route is an API: its path, the privilege it needs, the parameters it takes.
type route struct {
	method  string
	pattern string
	needs   need
	query   []string
	handle  func(*request) (answer, error)
}

const (
	get    = http.MethodGet
	put    = http.MethodPut
	post   = http.MethodPost
	remove = http.MethodDelete
	head   = http.MethodHead
)

// Parameters that many APIs take.
var (
	targets = []string{"ignore_unavailable", "allow_no_indices", "expand_wildcards"}
	writing = []string{"master_timeout", "timeout"}
	reading = append([]string{"flat_settings", "include_defaults", "local", "master_timeout"}, targets...)
	one     = []string{"refresh", "routing", "timeout", "wait_for_active_shards", "require_alias", "op_type"}
)

// table lists what the stand-in serves. The first route that fits answers.
func (s *Server) table() []route {
	return slices.Concat(s.clusterRoutes(), s.securityRoutes(), s.lifecycleRoutes(), s.streamRoutes(), s.indexRoutes(), s.documentRoutes())
}

func (s *Server) clusterRoutes() []route {
	main := onCluster("cluster:monitor/main", "monitor", "manage")
	health := onCluster("cluster:monitor/health", "monitor", "manage")
	query := append([]string{"level", "timeout", "wait_for_status", "local", "master_timeout"}, targets...)
	return []route{
		{get, "", main, nil, s.about},
		{head, "", main, nil, s.about},
		{get, "_cluster/health", health, query, s.health},
		{get, "_cluster/health/{index}", health, query, s.health},
	}
}

func (s *Server) indexRoutes() []route {
	see := onIndices("indices:admin/get", "view_index_metadata", "manage")
	seeSettings := onIndices("indices:monitor/settings/get", "view_index_metadata", "monitor", "manage")
	seeMapping := onIndices("indices:admin/mappings/get", "view_index_metadata", "manage")
	seeAliases := onIndices("indices:admin/aliases/get", "view_index_metadata", "manage")
	setAliases := onIndices("indices:admin/aliases", "manage")
	putSettings := onIndices("indices:admin/settings/update", "manage")
	putMapping := onIndices("indices:admin/mapping/put", "manage")
	settings := slices.Concat(reading, []string{"timeout", "preserve_existing", "reopen"})
	mapping := slices.Concat(reading, []string{"timeout", "write_index_only"})
	change := slices.Concat(writing, targets, []string{"wait_for_active_shards"})
	return []route{
		{get, "_settings", seeSettings, reading, s.getSettings},
		{get, "_mapping", seeMapping, reading, s.getMapping},
		{get, "_alias", seeAliases, reading, s.getAliases},
		{get, "_alias/{name}", seeAliases, reading, s.getAliases},
		{head, "_alias/{name}", seeAliases, reading, s.getAliases},
		{post, "_aliases", setAliases, writing, s.updateAliases},

		{put, "{index}", onIndices("indices:admin/create", "create_index", "manage"), change, s.createIndex},
		{get, "{index}", see, append([]string{"features"}, reading...), s.getIndex},
		{head, "{index}", see, reading, s.getIndex},
		{remove, "{index}", onIndices("indices:admin/delete", "delete_index", "manage"), change, s.deleteIndex},
		{get, "{index}/_settings", seeSettings, reading, s.getSettings},
		{get, "{index}/_settings/{name}", seeSettings, reading, s.getSettings},
		{put, "{index}/_settings", putSettings, settings, s.putSettings},
		{get, "{index}/_mapping", seeMapping, reading, s.getMapping},
		{put, "{index}/_mapping", putMapping, mapping, s.putMapping},
		{post, "{index}/_mapping", putMapping, mapping, s.putMapping},
		{get, "{index}/_alias", seeAliases, reading, s.getAliases},
		{get, "{index}/_alias/{name}", seeAliases, reading, s.getAliases},
		{head, "{index}/_alias/{name}", seeAliases, reading, s.getAliases},
		{put, "{index}/_alias/{name}", setAliases, writing, s.putAlias},
		{remove, "{index}/_alias/{name}", setAliases, writing, s.deleteAlias},
		{post, "{index}/_close", onIndices("indices:admin/close", "manage"), change, s.closeIndex},
		{post, "{index}/_open", onIndices("indices:admin/open", "manage"), change, s.openIndex},
	}
}

// streamRoutes are those of templates and data streams.
func (s *Server) streamRoutes() []route {
	manage := onCluster("indices:admin/index_template/put", "manage_index_templates", "manage")
	forget := onCluster("indices:admin/index_template/delete", "manage_index_templates", "manage")
	see := onCluster("indices:admin/index_template/get", "manage_index_templates", "manage", "monitor")
	seeStream := onIndices("indices:admin/data_stream/get", "view_index_metadata", "monitor", "manage")
	seeLifecycle := onIndices("indices:admin/data_stream/lifecycle/get", "view_index_metadata", "manage_data_stream_lifecycle", "manage")
	setLifecycle := onIndices("indices:admin/data_stream/lifecycle/put", "manage_data_stream_lifecycle", "manage")
	create := onIndices("indices:admin/data_stream/create", "create_index", "manage")
	end := onIndices("indices:admin/data_stream/delete", "delete_index", "manage")
	put1 := append([]string{"create", "cause"}, writing...)
	shown := []string{"expand_wildcards", "include_defaults", "master_timeout", "verbose"}
	return []route{
		{get, "_index_template", see, reading, s.getTemplates},
		{get, "_index_template/{name}", see, reading, s.getTemplates},
		{head, "_index_template/{name}", see, reading, s.getTemplates},
		{put, "_index_template/{name}", manage, put1, s.putTemplate},
		{post, "_index_template/{name}", manage, put1, s.putTemplate},
		{remove, "_index_template/{name}", forget, writing, s.deleteTemplate},
		{get, "_data_stream", seeStream, shown, s.getDataStreams},
		{get, "_data_stream/{index}", seeStream, shown, s.getDataStreams},
		{put, "_data_stream/{index}", create, writing, s.createDataStream},
		{remove, "_data_stream/{index}", end, []string{"expand_wildcards", "master_timeout"}, s.deleteDataStreams},
		{get, "_data_stream/{index}/_lifecycle", seeLifecycle, shown, s.getLifecycles},
		{put, "_data_stream/{index}/_lifecycle", setLifecycle, append([]string{"expand_wildcards"}, writing...), s.putLifecycle},
		{remove, "_data_stream/{index}/_lifecycle", setLifecycle, append([]string{"expand_wildcards"}, writing...), s.deleteLifecycle},
		{post, "{index}/_rollover", onIndices("indices:admin/rollover", "manage"),
			append([]string{"dry_run", "wait_for_active_shards"}, writing...), s.rollover},
	}
}

func (s *Server) documentRoutes() []route {
	index := onIndices("indices:data/write/index", "create_doc", "create", "index", "write")
	count := onIndices("indices:data/read/search", "read")
	refresh := onIndices("indices:admin/refresh", "maintenance", "manage")
	stats := onIndices("indices:monitor/stats", "monitor", "manage")
	return []route{
		{get, "{index}/_stats/docs", stats, append([]string{"level"}, targets...), s.stats},
		{post, "{index}/_doc", index, one, s.indexDocument},
		{put, "{index}/_doc/{id}", index, one, s.indexDocument},
		{put, "{index}/_create/{id}", index, one, s.indexDocument},
		{post, "{index}/_create/{id}", index, one, s.indexDocument},
		{post, "{index}/_doc/{id}", index, one, s.indexDocument},
		{get, "{index}/_doc/{id}", onIndices("indices:data/read/get", "read"), one, s.getDocument},
		{remove, "{index}/_doc/{id}", onIndices("indices:data/write/delete", "delete", "write"), one, s.deleteDocument},
		{get, "{index}/_count", count, targets, s.count},
		{post, "{index}/_count", count, targets, s.count},
		{get, "{index}/_refresh", refresh, targets, s.refresh},
		{post, "{index}/_refresh", refresh, targets, s.refresh},
	}
}

func (s *Server) securityRoutes() []route {
	see := func(what string) need {
		return onCluster("cluster:admin/xpack/security/"+what+"/get", "read_security", "manage_security")
	}
	set := func(what, how string) need {
		return onCluster("cluster:admin/xpack/security/"+what+"/"+how, "manage_security")
	}
	createKey := onCluster("cluster:admin/xpack/security/api_key/create", "manage_own_api_key", "manage_api_key", "manage_security")
	endKey := onCluster("cluster:admin/xpack/security/api_key/invalidate", "manage_own_api_key", "manage_api_key", "manage_security")
	changeKey := onCluster("cluster:admin/xpack/security/api_key/update", "manage_own_api_key", "manage_api_key", "manage_security")
	seeKey := onCluster("cluster:admin/xpack/security/api_key/get", "manage_own_api_key", "manage_api_key", "read_security", "manage_security")
	refresh := []string{"refresh"}
	return []route{
		{get, "_security/_authenticate", need{}, nil, s.whoami},
		{get, "_security/role", see("role"), nil, s.getRoles},
		{get, "_security/role/{name}", see("role"), nil, s.getRoles},
		{put, "_security/role/{name}", set("role", "put"), refresh, s.putRole},
		{post, "_security/role/{name}", set("role", "put"), refresh, s.putRole},
		{remove, "_security/role/{name}", set("role", "delete"), refresh, s.deleteRole},
		{get, "_security/role_mapping", see("role_mapping"), nil, s.getRoleMappings},
		{get, "_security/role_mapping/{name}", see("role_mapping"), nil, s.getRoleMappings},
		{put, "_security/role_mapping/{name}", set("role_mapping", "put"), refresh, s.putRoleMapping},
		{post, "_security/role_mapping/{name}", set("role_mapping", "put"), refresh, s.putRoleMapping},
		{remove, "_security/role_mapping/{name}", set("role_mapping", "delete"), refresh, s.deleteRoleMapping},
		{get, "_security/api_key", seeKey, []string{"id", "name", "owner", "active_only", "username"}, s.getAPIKeys},
		{get, "_security/_query/api_key", seeKey, []string{"with_limited_by", "typed_keys"}, s.queryAPIKeys},
		{post, "_security/_query/api_key", seeKey, []string{"with_limited_by", "typed_keys"}, s.queryAPIKeys},
		{post, "_security/api_key", createKey, refresh, s.createAPIKey},
		{put, "_security/api_key", createKey, refresh, s.createAPIKey},
		{put, "_security/api_key/{id}", changeKey, nil, s.updateAPIKey},
		{remove, "_security/api_key", endKey, nil, s.invalidateAPIKeys},
	}
}

func (s *Server) lifecycleRoutes() []route {
	see := onCluster("cluster:admin/ilm/get", "read_ilm", "manage_ilm", "manage")
	set := func(how string) need { return onCluster("cluster:admin/ilm/"+how, "manage_ilm", "manage") }
	return []route{
		{get, "_ilm/policy", see, writing, s.getPolicies},
		{get, "_ilm/policy/{name}", see, writing, s.getPolicies},
		{put, "_ilm/policy/{name}", set("put"), writing, s.putPolicy},
		{remove, "_ilm/policy/{name}", set("delete"), writing, s.deletePolicy},
	}
}

// find returns the route of a request and sets its parameters.
func (s *Server) find(r *request) (route, error) {
	var allowed []string
	for _, to := range s.routes {
		params, fits := match(to.pattern, r.path)
		if !fits {
			continue
		}
		if to.method == r.method {
			r.params = params
			return to, r.checkQuery(to.query)
		}
		if !slices.Contains(allowed, to.method) {
			allowed = append(allowed, to.method)
		}
	}
	path, _, _ := strings.Cut(r.uri, "?")
	if len(allowed) > 0 {
		slices.Sort(allowed)
		return route{}, &fault{status: http.StatusMethodNotAllowed, header: map[string][]string{"Allow": {strings.Join(allowed, ",")}},
			plain: fmt.Sprintf("Incorrect HTTP method for uri [%s] and method [%s], allowed: [%s]", path, r.method, strings.Join(allowed, ", "))}
	}
	return route{}, &fault{status: http.StatusBadRequest, plain: fmt.Sprintf("no handler found for uri [%s] and method [%s]", path, r.method)}
}

// match fits segments to a pattern. An index is in the way of no API: their names
// begin with an underscore, which names of indices do not.
func match(pattern string, path []string) (map[string]string, bool) {
	want := strings.Split(pattern, "/")
	if len(want) != len(path) {
		return nil, false
	}
	params := map[string]string{}
	for i, w := range want {
		name, isParam := strings.CutPrefix(w, "{")
		if !isParam {
			if w != path[i] {
				return nil, false
			}
			continue
		}
		if path[i] == "" {
			return nil, false
		}
		params[strings.TrimSuffix(name, "}")] = path[i]
	}
	return params, true
}
