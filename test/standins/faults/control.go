package faults

import (
	"encoding/json"
	"net/http"
)

// A Record is what a stand-in was asked.
type Record struct {
	// Total and Mutating count all requests since the start or the last reset.
	// Mutating are those that Mutates tells.
	Total    int `json:"total"`
	Mutating int `json:"mutating"`

	// Requests are the last of them.
	Requests []Request `json:"requests"`
}

// Requests returns what the stand-in was asked.
func (h *Handler) Requests() Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Record{Total: h.total, Mutating: h.mutating, Requests: append([]Request{}, h.history...)}
}

// Forget resets the record of requests.
func (h *Handler) Forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.total, h.mutating, h.history = 0, 0, nil
}

// control returns what answers a request for control, or nil.
func (h *Handler) control(r *http.Request) http.HandlerFunc {
	switch r.Method + " " + r.URL.Path {
	case "PUT /_standin/faults":
		return h.putFaults
	case "DELETE /_standin/faults":
		return func(w http.ResponseWriter, _ *http.Request) {
			h.Clear()
			w.WriteHeader(http.StatusNoContent)
		}
	case "GET /_standin/requests":
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(h.Requests()) // The client is gone; there is nobody to tell.
		}
	case "DELETE /_standin/requests":
		return func(w http.ResponseWriter, _ *http.Request) {
			h.Forget()
			w.WriteHeader(http.StatusNoContent)
		}
	case "PUT /_standin/clock":
		if h.clock == nil {
			return nil
		}
		return h.putClock
	default:
		return nil
	}
}

func (h *Handler) putFaults(w http.ResponseWriter, r *http.Request) {
	var rules []Rule
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rules); err != nil {
		http.Error(w, "cannot decode rules: "+err.Error(), http.StatusBadRequest)
		return
	}
	if err := h.Set(rules...); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
