package elasticsearch

import (
	"maps"
	"slices"
	"strings"
)

// How wildcards expand unless a request says otherwise.
type expansion struct{ open, closed, hidden, none bool }

// resolve returns the indices that a request names, in order: names and aliases of
// indices, names of data streams, and wildcards, joined by commas. A name that leads nowhere is an error,
// unless the request says otherwise. See "Multi-target syntax".
func (s *Server) resolve(r *request) ([]*index, error) {
	found := map[string]*index{}
	lenient, err := r.flag("ignore_unavailable", false)
	if err != nil {
		return nil, err
	}
	none, err := r.flag("allow_no_indices", true)
	if err != nil {
		return nil, err
	}
	expand, err := r.expansion()
	if err != nil {
		return nil, err
	}
	for n, part := range parts(r.params["index"]) {
		part, excluded := exclusion(part, n)
		matched := s.expand(r, part, expand)
		switch {
		case excluded:
			maps.DeleteFunc(found, func(name string, _ *index) bool {
				return slices.ContainsFunc(matched, func(i *index) bool { return i.name == name })
			})
			continue
		case strings.HasPrefix(part, "_"):
			return nil, invalidName(part, "must not start with '_'.")
		case len(matched) == 0 && !isPattern(part, expand) && !lenient, len(matched) == 0 && isPattern(part, expand) && !none:
			return nil, noSuchIndex(part)
		}
		for _, i := range matched {
			found[i.name] = i
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *index) int { return strings.Compare(a.name, b.name) }), nil
}

// parts of a target; all indices, if there is none.
func parts(target string) []string {
	if target == "" || target == "_all" {
		return []string{"*"}
	}
	return strings.Split(target, ",")
}

// exclusion is a wildcard behind others, with a minus sign.
func exclusion(part string, n int) (string, bool) {
	rest, ok := strings.CutPrefix(part, "-")
	return rest, ok && n > 0
}

func isPattern(part string, expand expansion) bool {
	return strings.Contains(part, "*") && !expand.none
}

// expand returns the indices of a name, an alias, a data stream or a wildcard.
func (s *Server) expand(r *request, part string, expand expansion) []*index {
	var out []*index
	for name, d := range s.streams {
		if name == part || isPattern(part, expand) && fits(part, name) && expand.open && (!d.hidden || expand.hidden) && s.visible(r, name) {
			out = append(out, s.backing(d)...)
		}
	}
	for name, i := range s.indices {
		_, alias := i.aliases[part]
		if isPattern(part, expand) {
			alias = slices.ContainsFunc(slices.Collect(maps.Keys(i.aliases)), func(a string) bool { return fits(part, a) })
		}
		switch {
		case !isPattern(part, expand):
			if name == part || alias {
				out = append(out, i)
			}
		case (fits(part, name) || alias) && expand.shows(i, part) && s.visible(r, name):
			out = append(out, i)
		}
	}
	return out
}

func (e expansion) shows(i *index, pattern string) bool {
	if i.closed && !e.closed || !i.closed && !e.open {
		return false
	}
	hidden := i.settings["index.hidden"] == "true"
	return !hidden || e.hidden || strings.HasPrefix(pattern, ".") && strings.HasPrefix(i.name, ".")
}

// fits tells whether a name fits a pattern, in which only * has a meaning.
func fits(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(name, parts[0])
	if len(parts) == 1 {
		return ok && rest == ""
	}
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		rest, ok = after, ok && found
	}
	return ok && strings.HasSuffix(rest, parts[len(parts)-1])
}

func (r *request) expansion() (expansion, error) {
	if !r.query.Has("expand_wildcards") {
		return expansion{open: true}, nil
	}
	var out expansion
	for v := range strings.SplitSeq(r.query.Get("expand_wildcards"), ",") {
		switch v {
		case "open":
			out.open = true
		case "closed":
			out.closed = true
		case "hidden":
			out.hidden = true
		case "none":
			out.none = true
		case "all":
			out = expansion{open: true, closed: true, hidden: true}
		default:
			return out, illegal("No valid expand wildcard value [%s]", v)
		}
	}
	return out, nil
}
