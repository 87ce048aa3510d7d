package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// atOnce is how many resources are observed at once, as by the provider's workers.
const atOnce = 16

// A client of a backend, as far as it is measured.
type client interface {
	make(ctx context.Context, i int) error
	observe(ctx context.Context, i int) error
	Sweep(ctx context.Context)
}

// A clock that is moved by whole minutes, so that nobody has to wait for a poll.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) skip(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// measure has n resources polled, one by one and swept.
func measure(ctx context.Context, backend string, n int) (string, error) {
	at, stop, err := start(ctx)
	if err != nil {
		return "", err
	}
	defer stop()
	c := &clock{}
	single, swept, url, err := open(backend, at, c)
	if err != nil {
		return "", err
	}
	if err := forEach(n, func(i int) error { return patiently(ctx, func() error { return single.make(ctx, i) }) }); err != nil {
		return "", err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(at.CA))
	counter := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	one, err := poll(ctx, single, n, func() (int, error) { return asked(ctx, counter, url) })
	if err != nil {
		return "", err
	}
	before := heap()
	if err := warm(ctx, swept, c, n); err != nil {
		return "", err
	}
	many, err := poll(ctx, swept, n, func() (int, error) { return asked(ctx, counter, url) })
	if err != nil {
		return "", err
	}
	if after := heap(); after > before {
		many.heap = after - before
	}
	many.process = resident()
	runtime.KeepAlive(swept)
	_, next, _, err := open(backend, at, c)
	if err != nil {
		return "", err
	}
	many.lead, err = lead(ctx, next, swept, n, func() (int, error) { return asked(ctx, counter, url) })
	return row(backend, n, one, many), err
}

// warm has all resources observed, so that they are remembered. The first has feeds begin.
func warm(ctx context.Context, swept client, c *clock, n int) error {
	for _, first := range []int{1, n} {
		c.skip(time.Minute)
		swept.Sweep(ctx)
		err := forEach(first, func(i int) error {
			return patiently(ctx, func() error { return swept.observe(resource(ctx, i), i) })
		})
		if err != nil {
			return err
		}
	}
	swept.Sweep(ctx)
	c.skip(time.Minute)
	return nil
}

// poll observes all resources once.
func poll(ctx context.Context, c client, n int, count func() (int, error)) (cost, error) {
	if _, err := count(); err != nil {
		return cost{}, err
	}
	var out cost
	var mu sync.Mutex
	began := cpu()
	c.Sweep(ctx)
	err := forEach(n, func(i int) error {
		return patiently(ctx, func() error {
			err := c.observe(resource(ctx, i), i)
			if wait(err) > 0 {
				mu.Lock()
				defer mu.Unlock()
				out.refused++
			}
			return err
		})
	})
	out.cpu = cpu() - began
	if err != nil {
		return cost{}, err
	}
	out.requests, err = count()
	return out, err
}

// resource returns the context of a resource whose object was well.
func resource(ctx context.Context, i int) context.Context {
	ctx, _ = observe.Remembering(observe.By(ctx, observe.Asker{Waker: nobody{}, Name: types.NamespacedName{Name: fmt.Sprint(i)}}))
	return ctx
}

type nobody struct{}

func (nobody) Wake(types.NamespacedName) {}

// patiently repeats what a backend refuses for as long as it asks to be left alone.
func patiently(ctx context.Context, do func() error) error {
	for {
		err := do()
		left := wait(err)
		if left == 0 {
			return err
		}
		select {
		case <-time.After(left):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func wait(err error) time.Duration {
	var asked interface{ RetryAfter() time.Duration }
	if errors.As(err, &asked) {
		return asked.RetryAfter()
	}
	return 0
}

func forEach(n int, do func(i int) error) error {
	var all sync.WaitGroup
	errs := make([]error, atOnce)
	for worker := range atOnce {
		all.Go(func() {
			for i := worker; i < n && errs[worker] == nil; i += atOnce {
				errs[worker] = do(i)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// open returns a client that remembers nothing, and one that is swept.
func open(backend string, at address, c *clock) (single, swept client, url string, err error) {
	sweeps := observe.Sweeps{Every: time.Minute, Now: c.now}
	if backend == "Graph" {
		config := graph.Config{TenantID: tenant, ClientID: app, ClientSecret: "s", Endpoint: at.Graph, AuthorityHost: at.Graph, CABundle: []byte(at.CA), Mark: mark}
		plain, err := graph.New(config)
		if err != nil {
			return nil, nil, "", err
		}
		config.Sweeps = sweeps
		sweeping, err := graph.New(config)
		ids := &sync.Map{}
		return &groups{plain, ids}, &groups{sweeping, ids}, at.Graph, err
	}
	config := elasticsearch.Config{Endpoint: at.Elasticsearch, Username: "u", Password: "p"}
	plain, err := elasticsearch.New(config)
	if err != nil {
		return nil, nil, "", err
	}
	config.Sweeps = sweeps
	sweeping, err := elasticsearch.New(config)
	return &indices{plain}, &indices{sweeping}, at.Elasticsearch, err
}

// indices are a quarter each of indices, roles, role mappings and API keys.
type indices struct{ *elasticsearch.Client }

func (c *indices) make(ctx context.Context, i int) error {
	name := fmt.Sprintf("team-%05d", i)
	switch i % 4 {
	case 0:
		fields := map[string]any{}
		for f := range 20 {
			fields[fmt.Sprint("field", f)] = map[string]any{"type": "keyword"}
		}
		return c.CreateIndex(ctx, name, map[string]string{"refresh_interval": "30s"}, map[string]any{"properties": fields})
	case 1:
		return c.PutDocument(ctx, elasticsearch.Roles, name, elasticsearch.Document{"cluster": []any{"monitor"}})
	case 2:
		return c.PutDocument(ctx, elasticsearch.RoleMappings, name, elasticsearch.Document{"enabled": true, "roles": []any{name},
			"rules": map[string]any{"field": map[string]any{"groups": name}}})
	}
	_, err := c.CreateAPIKey(ctx, elasticsearch.NewAPIKey{Name: name})
	return err
}

func (c *indices) observe(ctx context.Context, i int) (err error) {
	name := fmt.Sprintf("team-%05d", i)
	switch i % 4 {
	case 0:
		if _, err = c.Index(ctx, name); err == nil {
			_, err = c.Health(ctx, name)
		}
	case 1:
		_, err = c.Document(ctx, elasticsearch.Roles, name)
	case 2:
		_, err = c.Document(ctx, elasticsearch.RoleMappings, name)
	default:
		_, err = c.APIKeys(ctx, name)
	}
	return err
}

// mark is in the description of all groups.
const mark = "plumbline.dev/owner=eu/"

// groups have three members each.
type groups struct {
	*graph.Client

	ids *sync.Map
}

func (c *groups) make(ctx context.Context, i int) error {
	name := fmt.Sprintf("team-%05d", i)
	id, _, err := c.CreateGroup(ctx, graph.Group{UniqueName: name, DisplayName: name, Description: "[" + mark + "team/" + name + "]"})
	if err != nil {
		return err
	}
	c.ids.Store(i, id)
	_, err = c.Relate(ctx, id, graph.Members, []string{
		standin.ObjectID("ana@example.com"), standin.ObjectID("bo@example.com"), standin.ObjectID("cy@example.com")})
	return err
}

func (c *groups) observe(ctx context.Context, i int) error {
	found, _ := c.ids.Load(i)
	id, _ := found.(string)
	if _, err := c.Group(ctx, id); err != nil {
		return err
	}
	_, err := c.Related(ctx, id, graph.Members)
	return err
}
