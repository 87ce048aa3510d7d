package elasticsearch

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPool asks for more at once than a pool takes.
func TestPool(t *testing.T) {
	s := New(Options{Username: "u", Password: "p", Pool: Pool{Threads: 2, Queue: 3, Takes: 200 * time.Millisecond}})
	var mu sync.Mutex
	got := map[int]int{}
	var all sync.WaitGroup
	ask := func(path string) {
		all.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			r.SetBasicAuth("u", "p")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			mu.Lock()
			defer mu.Unlock()
			got[w.Code]++
			if w.Code == http.StatusTooManyRequests && (!strings.Contains(w.Body.String(), "es_rejected_execution_exception") || w.Header().Get("Retry-After") != "") {
				t.Errorf("\nElasticsearch gives its reason, and no time to come again.\n%s", w.Body)
			}
		})
	}
	for range 12 {
		ask("/_security/role")
	}
	all.Wait()
	if diff := cmp.Diff(map[int]int{200: 5, 429: 7}, got); diff != "" {
		t.Errorf("\nThread pools: two are answered at once, three wait, and others are rejected.\n-want, +got:\n%s", diff)
	}
	got = map[int]int{}
	for range 12 {
		ask("/_cluster/health")
	}
	all.Wait()
	if diff := cmp.Diff(map[int]int{200: 12}, got); diff != "" {
		t.Errorf("\nNobody queues for the state of the cluster.\n-want, +got:\n%s", diff)
	}
}
