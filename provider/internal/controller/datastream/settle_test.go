package datastream

import "testing"

// TestSettle writes down a mapping in a way that Elasticsearch does not repeat, and has
// others change what the resource has no opinion on.
func TestSettle(t *testing.T) {
	cases := map[string]struct {
		reason string
		others func(*world)
		writes bool
	}{
		"Nothing": {"What was settled is not written again.", func(*world) {}, false},
		"Field": {"Nor is it when documents bring a field.", func(w *world) {
			w.must(w.client.PutMapping(w.t.Context(), name, map[string]any{"properties": map[string]any{"seen": map[string]any{"type": "long"}}}))
		}, false},
		"Rollover": {"Nor when the stream rolls over.", func(w *world) { w.must(w.client.Rollover(w.t.Context(), name)) }, false},
		"Drift": {"What others change is put right all the same.", func(w *world) {
			w.must(w.client.PutSettings(w.t.Context(), name, map[string]string{"refresh_interval": "1s"}))
		}, true},
		"Lifecycle": {"So is the lifecycle.", func(w *world) { w.must(w.client.DeleteLifecycle(w.t.Context(), name)) }, true},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			w := newWorld(t)
			w.cr.Spec.ForProvider.Mappings = mappings(`{"properties":{"id":{"type":"keyword","index":true},"a.b":{"type":"long"}}}`)
			w.settle()
			tc.others(w)
			w.backend.Forget()
			w.must(w.reconcile())
			if got := w.backend.Requests().Mutating > 0; got != tc.writes {
				t.Errorf("\n%s\nwrites: want %t, got %t", tc.reason, tc.writes, got)
			}
			w.settle()
			w.backend.Forget()
			w.must(w.reconcile())
			if got := w.backend.Requests().Mutating; got > 0 {
				t.Errorf("\n%s\nThen nothing is written, got %d writes", tc.reason, got)
			}
		})
	}
}
