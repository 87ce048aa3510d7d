package graph

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	deltaPage = 200
	// deltaLifetime is how long a delta token of a directory object can be used.
	deltaLifetime = 7 * 24 * time.Hour
	deltaMark     = "standin-delta:"
)

// A deltaToken says what a delta query told already. It holds the query too, as
// clients do not repeat that.
type deltaToken struct {
	Since    uint64    `json:"since"` // Changes that were told.
	Upto     uint64    `json:"upto"`  // Changes to tell, page by page; 0: all there are by then.
	After    string    `json:"after"` // The id that ends the page before.
	Selected []string  `json:"selected"`
	Issued   time.Time `json:"issued"`
}

// delta answers with what changed among the objects of a kind.
func (s *Server) delta(of kind) func(*request) (answer, error) {
	return func(r *request) (answer, error) {
		t, err := s.deltaToken(r, of)
		if err != nil {
			return answer{}, err
		}
		if t.Upto == 0 {
			t.Upto = s.directory.changes
		}
		body := map[string]any{"@odata.context": r.base() + "/$metadata#" + string(of) + "s"}
		found := s.changedSince(of, t)
		if len(found) > deltaPage {
			found = found[:deltaPage]
			t.After = found[deltaPage-1].id()
			body["@odata.nextLink"] = r.link("$skiptoken", t)
		} else {
			body["@odata.deltaLink"] = r.link("$deltatoken", deltaToken{Since: t.Upto, Selected: t.Selected, Issued: r.now})
		}
		value := []any{}
		for _, o := range found {
			value = append(value, s.changes(o, t))
		}
		body["value"] = value
		return answer{status: http.StatusOK, body: body}, nil
	}
}

// deltaToken returns what a request continues, or a beginning.
func (s *Server) deltaToken(r *request, of kind) (deltaToken, error) {
	text := r.query.Get("$deltatoken")
	if text == "" {
		text = r.query.Get("$skiptoken")
	}
	if text != "" && text != "latest" {
		return s.readDeltaToken(r, text)
	}
	t := deltaToken{Selected: r.selected(), Issued: r.now}
	for _, name := range t.Selected {
		related := of == group && (name == members || name == owners)
		if !related && !known(name, of) {
			return deltaToken{}, malformed("Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.%s'.", name, of)
		}
	}
	for name := range r.query {
		if name != "$select" && name != "$deltatoken" {
			return deltaToken{}, malformed("Query option '%s' is not served by this stand-in for delta queries.", name)
		}
	}
	if text == "latest" {
		t.Since = s.directory.changes
	}
	return t, nil
}

func (s *Server) readDeltaToken(r *request, text string) (deltaToken, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	plain, ours := strings.CutPrefix(string(raw), deltaMark)
	var t deltaToken
	if err != nil || !ours || json.Unmarshal([]byte(plain), &t) != nil {
		return t, badRequest("Badly formed token.")
	}
	if len(r.query) > 1 {
		return t, badRequest("Query options are part of the token, and cannot be added to it.")
	}
	if r.now.Sub(t.Issued) > deltaLifetime {
		return t, &fault{http.StatusBadRequest, "syncStateNotFound",
			"The sync state generation is not found. The delta token is expired and data must be synchronized again."}
	}
	if t.Since < s.directory.told {
		return t, &fault{http.StatusGone, "resyncRequired", "Resync required. Replace any local items with the server's version."}
	}
	return t, nil
}

// ForgetChanges has every delta query begin anew, as Microsoft Graph demands from time
// to time.
func (s *Server) ForgetChanges() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.directory.told = s.directory.change()
}

// changedSince returns the objects of a page and what is behind it. A first query is not
// told of what is gone.
func (s *Server) changedSince(of kind, t deltaToken) []*object {
	first := t.Since == 0
	among := func(o *object) bool {
		return o.kind == of && o.id() > t.After && o.changedIn(t) && (!first || o.deleted == nil)
	}
	found := s.directory.all(among)
	if !first {
		for _, o := range s.directory.purged {
			if among(o) {
				found = append(found, o)
			}
		}
	}
	slices.SortFunc(found, byID)
	return found
}

func (t deltaToken) tells(change uint64) bool { return change > t.Since && change <= t.Upto }

// selects reports whether a relation is told of: only where the client asks for it.
func (t deltaToken) selects(relation string) bool { return slices.Contains(t.Selected, relation) }

func (o *object) changedIn(t deltaToken) bool {
	if t.tells(o.changed) {
		return true
	}
	for relation, links := range o.relations {
		if t.selects(relation) && slices.ContainsFunc(links, func(l *link) bool { return t.tells(l.changed) }) {
			return true
		}
	}
	return false
}

// changes shows an object that changed.
func (s *Server) changes(o *object, t deltaToken) map[string]any {
	out := map[string]any{"id": o.id()}
	if o.deleted != nil {
		reason := "changed" // It can be restored.
		if s.directory.objects[strings.ToLower(o.id())] == nil {
			reason = "deleted"
		}
		out["@removed"] = map[string]string{"reason": reason}
		return out
	}
	if t.tells(o.changed) {
		for _, p := range schema[o.kind] {
			if slices.Contains(t.Selected, p.name) || len(t.Selected) == 0 && p.shown {
				out[p.name] = o.value(p.name)
			}
		}
	}
	for relation, links := range o.relations {
		if told := s.linkChanges(links, t); t.selects(relation) && len(told) > 0 {
			out[relation+"@delta"] = told
		}
	}
	return out
}

// linkChanges shows what of a relation changed, each object as it is in the end.
func (s *Server) linkChanges(links []*link, t deltaToken) []any {
	last := map[string]*link{}
	for _, l := range links {
		if t.tells(l.changed) {
			last[strings.ToLower(l.id)] = l
		}
	}
	var told []any
	for id, l := range last {
		one := map[string]any{"id": l.id}
		if o := s.directory.objects[id]; o != nil {
			one["@odata.type"] = "#microsoft.graph." + string(o.kind)
		}
		if l.removed != nil {
			if t.Since == 0 {
				continue
			}
			one["@removed"] = map[string]string{"reason": "deleted"}
		}
		told = append(told, one)
	}
	return told
}

// link leads to what follows.
func (r *request) link(parameter string, t deltaToken) string {
	b, err := json.Marshal(t)
	if err != nil {
		panic(err) // It holds nothing that has no JSON.
	}
	return r.base() + "/" + strings.Join(r.path, "/") + "?" + parameter + "=" + base64.RawURLEncoding.EncodeToString([]byte(deltaMark+string(b)))
}
