package elasticsearch

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A Pool is of the threads that read and write documents, and of the requests that wait
// for one. See "Thread pools": search, get and write have such a bound each.
type Pool struct {
	// Threads is how many requests are answered at once. 0: as many as there are.
	Threads int

	// Queue is how many others wait. What comes beyond that is rejected.
	Queue int

	// Takes is how long each request keeps a thread.
	Takes time.Duration
}

// TwoCores is the pool of a node with two cores: the threads that reads have there, and
// the queue of all.
func TwoCores() Pool { return Pool{Threads: 4, Queue: 1000, Takes: time.Millisecond} }

// A pool is a Pool at work.
type pool struct {
	Pool

	mu      sync.Mutex
	waiting int
	free    chan struct{}
}

func newPool(p Pool) *pool { return &pool{Pool: p, free: make(chan struct{}, p.Threads)} }

// bounded reports whether a request reads or writes documents. Those of security do, of
// an index of their own; what tells of indices, streams, templates and policies reads
// the state of the cluster, for which nobody queues.
func bounded(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/_security/") {
		return true
	}
	for _, api := range []string{"/_doc", "/_create", "/_count"} {
		if strings.Contains(r.URL.Path, api) {
			return true
		}
	}
	return false
}

// serve has a thread do something, or rejects it.
func (p *pool) serve(ctx context.Context, do func() (answer, error)) (answer, error) {
	if p.Threads == 0 {
		return do()
	}
	if !p.enqueue() {
		return answer{}, p.rejection()
	}
	select {
	case p.free <- struct{}{}:
		p.dequeue()
	case <-ctx.Done():
		p.dequeue()
		return answer{}, &fault{status: http.StatusBadRequest, kind: "task_cancelled_exception", reason: "channel closed"}
	}
	defer func() { <-p.free }()
	time.Sleep(p.Takes) //nolint:forbidigo // It is work.
	return do()
}

// enqueue reports whether there is a thread or a place in the queue.
func (p *pool) enqueue() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting+len(p.free) >= p.Threads+p.Queue {
		return false
	}
	p.waiting++
	return true
}

func (p *pool) dequeue() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
}

// rejection is what Elasticsearch answers: without a time to come again.
func (p *pool) rejection() error {
	return &fault{status: http.StatusTooManyRequests, kind: "es_rejected_execution_exception",
		reason: fmt.Sprintf("rejected execution of TimedRunnable on EsThreadPoolExecutor[queue capacity = %d, pool size = %d]", p.Queue, p.Threads)}
}
