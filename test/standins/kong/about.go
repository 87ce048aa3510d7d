package kong

import "net/http"

// plugins are those of Kong's own that the gateway says it has.
var plugins = []string{
	"acl", "basic-auth", "bot-detection", "correlation-id", "cors", "file-log", "hmac-auth", "http-log", "ip-restriction",
	"jwt", "key-auth", "oauth2", "opentelemetry", "prometheus", "proxy-cache", "rate-limiting", "request-size-limiting",
	"request-termination", "request-transformer", "response-ratelimiting", "response-transformer", "session",
}

// proxyListen is where a gateway would serve HTTPS; nobody listens there.
const proxyListen = "0.0.0.0:8443 ssl http2"

func (s *Server) root(w http.ResponseWriter, _ *http.Request) {
	available := map[string]any{}
	for _, p := range plugins {
		available[p] = map[string]any{"version": version, "priority": 1000}
	}
	answer(w, http.StatusOK, map[string]any{
		"version": version, "tagline": "Welcome to kong", "hostname": "kong", "node_id": nodeID,
		"configuration": map[string]any{
			"database": "off", "router_flavor": "traditional_compatible",
			"role": "traditional", "admin_listen": []string{}, "proxy_listen": []string{proxyListen},
			"proxy_listeners":  []any{map[string]any{"listener": proxyListen, "ip": "0.0.0.0", "port": 8443, "ssl": true, "http2": true}},
			"stream_listeners": []any{},
		},
		"plugins": map[string]any{"available_on_server": available, "enabled_in_cluster": []string{}},
	})
}

func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer(w, http.StatusOK, map[string]any{
		"configuration_hash": s.hash,
		"database":           map[string]bool{"reachable": true},
		"server": map[string]int{"connections_accepted": 1, "connections_active": 1, "connections_handled": 1,
			"connections_reading": 0, "connections_waiting": 0, "connections_writing": 1, "total_requests": 1},
	})
}

// schema says of every entity that it has a configuration that takes anything.
func schema(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"fields": []any{
		map[string]any{"config": map[string]any{"type": "record", "required": true, "fields": []any{}}},
	}})
}
