package graph

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultPage = 100
	maxPage     = 999
)

func (s *Server) listObjects(of kind) func(*request) (answer, error) {
	return func(r *request) (answer, error) {
		return s.list(r, of, func(o *object) bool { return o.kind == of && s.directory.readable(o) })
	}
}

// list answers with the objects of a kind among those given that satisfy the
// request's filter.
func (s *Server) list(r *request, of kind, among func(*object) bool) (answer, error) {
	if err := r.checkQuery(of); err != nil {
		return answer{}, err
	}
	satisfy, err := r.filter(of)
	if err != nil {
		return answer{}, err
	}
	found := s.directory.all(func(o *object) bool { return among(o) && satisfy(o) })
	return r.page(found, string(of)+"s", func(o *object) any { return r.render(o, false) })
}

// page answers with the page of a list that a request asks for. The link to the
// next page names the last object of this one, so that removals in between do
// not make it skip any.
func (r *request) page(found []*object, set string, show func(*object) any) (answer, error) {
	size, err := r.pageSize()
	if err != nil {
		return answer{}, err
	}
	rest, err := r.skip(found)
	if err != nil {
		return answer{}, err
	}
	body := map[string]any{"@odata.context": r.base() + "/$metadata#" + set}
	if r.query.Get("$count") == "true" && r.eventual() && r.query.Get("$skiptoken") == "" {
		body["@odata.count"] = len(found)
	}
	if len(rest) > size {
		rest = rest[:size]
		body["@odata.nextLink"] = r.next(rest[size-1].id())
	}
	value := make([]any, 0, len(rest))
	for _, o := range rest {
		value = append(value, show(o))
	}
	body["value"] = value
	return answer{status: http.StatusOK, body: body}, nil
}

func (r *request) pageSize() (int, error) {
	if !r.query.Has("$top") {
		return defaultPage, nil
	}
	size, err := strconv.Atoi(r.query.Get("$top"))
	if err != nil || size < 1 || size > maxPage {
		return 0, badRequest("Invalid page size specified: '%s'. Must be between 1 and %d inclusive.", r.query.Get("$top"), maxPage)
	}
	return size, nil
}

const tokenMark = "standin-page:"

// skip returns the objects after the one that the page's token names.
func (r *request) skip(found []*object) ([]*object, error) {
	if !r.query.Has("$skiptoken") {
		return found, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(r.query.Get("$skiptoken"))
	last, ours := strings.CutPrefix(string(raw), tokenMark)
	if err != nil || !ours {
		return nil, &fault{http.StatusBadRequest, "Directory_ExpiredPageToken",
			"The specified page token value has expired and can no longer be included in your request."}
	}
	i := slices.IndexFunc(found, func(o *object) bool { return o.id() > last })
	if i < 0 {
		return nil, nil
	}
	return found[i:], nil
}

func (r *request) next(last string) string {
	query := maps.Clone(r.query)
	query.Set("$skiptoken", base64.RawURLEncoding.EncodeToString([]byte(tokenMark+last)))
	segments := make([]string, len(r.path))
	for i, s := range r.path {
		segments[i] = url.PathEscape(s)
	}
	return r.base() + "/" + strings.Join(segments, "/") + "?" + query.Encode()
}
