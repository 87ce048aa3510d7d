package elasticsearch

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A need is what a request needs a privilege for. The zero need is none.
type need struct {
	action    string // As Elasticsearch names it.
	onIndices bool
	by        []string // The privileges that grant it, besides all.
}

func onCluster(action string, by ...string) need { return need{action, false, by} }

func onIndices(action string, by ...string) need { return need{action, true, by} }

// authorize refuses what the sender may not do. A wildcard is not refused: it
// leads to what the sender may see.
func (s *Server) authorize(r *request, n need) error {
	if n.action == "" {
		return nil
	}
	if !n.onIndices {
		if r.who.may(func(has role) bool { return has.onCluster(n.by) }) {
			return nil
		}
		return denied(r.who, n, "")
	}
	r.may = func(name string) bool {
		return r.who.may(func(has role) bool { return has.onIndex(name, n.by) })
	}
	var refused []string
	for i, part := range parts(r.params["index"]) {
		if part, _ = exclusion(part, i); !strings.Contains(part, "*") && !r.may(part) {
			refused = append(refused, part)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return denied(r.who, n, " on indices ["+strings.Join(refused, ",")+"]")
}

// visible tells whether a wildcard leads to an index.
func (s *Server) visible(r *request, name string) bool { return r.may == nil || r.may(name) }

// may tells whether a role grants something, and, for an API key, its own limits
// do so too.
func (w identity) may(granted func(role) bool) bool {
	return slices.ContainsFunc(w.roles, granted) && (w.limits == nil || slices.ContainsFunc(w.limits, granted))
}

func denied(who identity, n need, on string) error {
	subject := fmt.Sprintf("user [%s] with effective roles [%s]", who.username, strings.Join(who.names, ","))
	if who.key != nil {
		subject = fmt.Sprintf("API key id [%s] of user [%s]", who.key.id, who.username)
	}
	scope := "cluster"
	if n.onIndices {
		scope = "index"
	}
	return &fault{status: http.StatusForbidden, kind: "security_exception", reason: fmt.Sprintf(
		"action [%s] is unauthorized for %s%s, this action is granted by the %s privileges [%s,all]", n.action, subject, on, scope, strings.Join(n.by, ","))}
}
