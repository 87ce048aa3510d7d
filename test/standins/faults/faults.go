// Package faults lets a test make a stand-in fail, and see what it was asked.
//
// A Handler wraps a stand-in. These it answers itself, without credentials:
//
//	PUT    /_standin/faults    a JSON list of rules replaces those in force
//	DELETE /_standin/faults    no rule is in force
//	GET    /_standin/requests  what was asked since the start, or since it was forgotten
//	DELETE /_standin/requests  forget it
//	PUT    /_standin/clock     a JSON length of time, such as "2h": how far its clock is ahead
//
// The first rule that matches a request decides on it.
package faults

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// A Request is one that the stand-in was asked, faults included.
type Request struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"` // 0 for a connection that was cut.
}

// historyLimit bounds the requests that are remembered; their number is not.
const historyLimit = 10_000

// A Handler wraps a stand-in with faults and a record of its requests.
type Handler struct {
	next  http.Handler
	clock *Clock // None: the machine's.

	mu       sync.Mutex
	rules    []rule
	history  []Request
	total    int
	mutating int
}

// New wraps a stand-in.
func New(next http.Handler) *Handler { return &Handler{next: next} }

// Set puts rules in force, in place of those before, or says all that is wrong.
func (h *Handler) Set(rules ...Rule) error {
	checked, err := checkAll(rules)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rules = checked
	return nil
}

// Clear takes all rules out of force.
func (h *Handler) Clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rules = nil
}

// ServeHTTP answers for control, for a fault, or for the stand-in.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if control := h.control(r); control != nil {
		control(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/_standin/") { // The stand-in's own control.
		h.next.ServeHTTP(w, r)
		return
	}
	h.dated(w)
	f, found := h.match(r)
	if !found {
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		h.next.ServeHTTP(recorder, r)
		h.record(r, recorder.status)
		return
	}
	h.fail(w, r, f)
}

// match returns the first rule for a request and counts it.
func (h *Handler) match(r *http.Request) (rule, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.rules {
		f := &h.rules[i]
		if f.left == 0 || (f.Method != "" && f.Method != r.Method) || !f.path.MatchString(r.URL.Path) {
			continue
		}
		if f.left > 0 {
			f.left--
		}
		return *f, true
	}
	return rule{}, false
}

func (h *Handler) fail(w http.ResponseWriter, r *http.Request, f rule) {
	answer := httptest.NewRecorder()
	answered := f.After || (f.Status == 0 && !f.Cut)
	if answered {
		h.next.ServeHTTP(answer, r)
	}
	select {
	case <-time.After(f.delay):
	case <-r.Context().Done(): // The caller has given up; what was done stays done.
	}
	switch {
	case f.Cut:
		h.record(r, 0)
		panic(http.ErrAbortHandler)
	case f.Status == 0:
		maps.Copy(answer.Header(), f.headers())
		copyAnswer(w, answer)
		h.record(r, answer.Code)
	default:
		maps.Copy(w.Header(), f.headers())
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body))
		h.record(r, f.Status)
	}
}

func copyAnswer(w http.ResponseWriter, from *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), from.Header())
	w.WriteHeader(from.Code)
	_, _ = w.Write(from.Body.Bytes())
}

// record notes a request that was answered.
func (h *Handler) record(r *http.Request, status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.total++
	if Mutates(r) {
		h.mutating++
	}
	h.history = append(h.history, Request{Method: r.Method, Path: r.URL.Path, Status: status})
	if len(h.history) > historyLimit {
		h.history = h.history[1:]
	}
}

// A statusRecorder notes the status of an answer on its way.
type statusRecorder struct {
	http.ResponseWriter

	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Mutates reports whether a request is to change something. Searches of Elasticsearch
// are not, although they are posted.
func Mutates(r *http.Request) bool {
	search := strings.Contains(r.URL.Path, "/_query/")
	return r.Method != http.MethodGet && r.Method != http.MethodHead && !search
}
