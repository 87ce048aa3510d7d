// Package clients holds the calls of the clients to what docs/provider.md tells of
// them: what the controllers ask of a backend goes through a method of a client.
package clients

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
	engine "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	tenant "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// A recorder stands before a stand-in and notes what it is asked, and what it refuses.
type recorder struct {
	next http.Handler

	mu     sync.Mutex
	calls  []string
	denied []string
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	calls := []string{req.Method + " " + req.URL.Path}
	if strings.HasSuffix(req.URL.Path, "/$batch") {
		body, _ := io.ReadAll(req.Body)
		req.Body = io.NopCloser(strings.NewReader(string(body)))
		var batch struct {
			Requests []struct {
				Method string `json:"method"`
				URL    string `json:"url"`
			} `json:"requests"`
		}
		_ = json.Unmarshal(body, &batch) // What is no batch, the stand-in refuses.
		for _, part := range batch.Requests {
			path, _, _ := strings.Cut(part.URL, "?")
			calls = append(calls, part.Method+" "+path)
		}
	}
	answer := httptest.NewRecorder()
	r.next.ServeHTTP(answer, req)
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
	if strings.Contains(req.URL.Path, "/v2.0/") { // Signing in is no call of Graph.
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, calls...)
	if answer.Code == http.StatusForbidden {
		r.denied = append(r.denied, calls...)
	}
}

// A method of a client, and calls of it that take it through all it asks.
type methods map[string]func() error

// try calls every method that a client has, in an order in which they work, whatever
// they return.
func try(t *testing.T, c any, order []string, m methods) {
	t.Helper()
	of := reflect.TypeOf(c)
	for method := range of.Methods() {
		if _, known := m[method.Name]; !known {
			t.Errorf("\nEvery method of a client is tried, since any may ask something new.\n%s.%s is not", of, method.Name)
		}
	}
	for _, name := range order {
		_ = m[name]() // What the backend refuses, its stand-in notes.
	}
	for name := range m {
		if !slices.Contains(order, name) {
			t.Errorf("method %s has no place in the order", name)
		}
	}
}

// minutes have passed: a sweep is due after one.
var minutes atomic.Int64

var everyMinute = observe.Sweeps{Every: time.Minute, Now: func() time.Time { return time.Unix(0, 0).Add(time.Duration(minutes.Load()) * time.Minute) }}

// A resource asks for what is to be remembered: what nobody asks for is not swept.
type resource struct{}

func (resource) Wake(types.NamespacedName) {} // It asks again anyway.

func asking(t *testing.T) context.Context {
	t.Helper()
	return observe.By(t.Context(), observe.Asker{Waker: resource{}})
}

func errorOf[T any](_ T, err error) error { return err }

var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")

// documented returns what the first column of the tables of a section names: rights
// and calls.
func documented(t *testing.T, section string) (rights, calls []string) {
	t.Helper()
	b, err := os.ReadFile("../../../docs/provider.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(b), "\n## "+section+"\n")
	if !found {
		t.Fatalf("docs/provider.md has no section %q", section)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		if strings.Contains(m[1], "/") {
			calls = append(calls, m[1])
		} else {
			rights = append(rights, m[1])
		}
	}
	return rights, calls
}

var parameter = regexp.MustCompile(`\\\{\w+\\\}`)

// fits reports whether a call is one that a row tells. A literal row comes before one
// with a parameter in its place.
func fits(calls []string, call string) string {
	best := ""
	for _, c := range calls {
		pattern := "^" + parameter.ReplaceAllString(regexp.QuoteMeta(c), `[^/_$$][^/]*`) + "$"
		if regexp.MustCompile(pattern).MatchString(call) && (best == "" || strings.Count(c, "{") < strings.Count(best, "{")) {
			best = c
		}
	}
	return best
}

// compare holds the calls that were made to those that are documented.
func compare(t *testing.T, made, told []string) {
	t.Helper()
	unused := slices.Clone(told)
	for _, call := range made {
		in := fits(told, call)
		if in == "" {
			t.Errorf("\ndocs/provider.md tells every call.\nnot %s", call)
		}
		unused = slices.DeleteFunc(unused, func(c string) bool { return c == in })
	}
	if len(unused) > 0 {
		t.Errorf("\ndocs/provider.md tells no call that is not made.\n%s", strings.Join(unused, "\n"))
	}
}

// leastPrivilege checks that with the rights that are documented nothing is refused,
// and with one less something is.
func leastPrivilege(t *testing.T, rights []string, denied func(rights []string) []string) {
	t.Helper()
	if d := denied(rights); len(d) > 0 {
		t.Errorf("\nThe documented rights are enough.\nrefused: %v", d)
	}
	for i, r := range rights {
		if d := denied(slices.Delete(slices.Clone(rights), i, i+1)); len(d) == 0 {
			t.Errorf("\nThe documented rights are needed.\nwithout %s nothing is refused", r)
		}
	}
}

func TestElasticsearch(t *testing.T) {
	rights, calls := documented(t, "In Elasticsearch")
	made := askElasticsearch(t, rights).calls
	compare(t, append(made, askOpenSearch(t)...), calls)
	leastPrivilege(t, rights, func(rights []string) []string { return askElasticsearch(t, rights).denied })
}

// askElasticsearch makes every call as a user with privileges.
func askElasticsearch(t *testing.T, privileges []string) *recorder {
	t.Helper()
	s := engine.New(engine.Options{Username: "root", Password: "p", Users: []engine.User{{Name: "plumbline", Password: "p", Roles: []string{"plumbline"}}}})
	var cluster, indices []string
	for _, p := range privileges {
		if p == "manage" {
			indices = append(indices, p)
		} else {
			cluster = append(cluster, p)
		}
	}
	role := map[string]any{"cluster": cluster, "indices": []any{map[string]any{"names": []string{"*"}, "privileges": append(indices, "write")}}}
	if err := elasticClient(t, s, "root").PutDocument(t.Context(), elasticsearch.Roles, "plumbline", role); err != nil {
		t.Fatal(err)
	}
	r := &recorder{next: s}
	c := elasticClient(t, r, "plumbline")
	ctx := asking(t)
	each := func(do func(path string) error) func() error {
		return func() error {
			for _, path := range []string{elasticsearch.Roles, elasticsearch.RoleMappings, elasticsearch.LifecyclePolicies} {
				_ = do(path)
			}
			return nil
		}
	}
	key := ""
	try(t, c, []string{
		"Engine", "CreateIndex", "Index", "Indices", "Health", "Sweep", "PutSettings", "PutMapping", "ChangeAliases", "Documents", "DeleteIndex",
		"CreateTemplate", "PutTemplate", "Template", "Rivals", "CreateDataStream", "DataStream", "BackingIndex", "Sweep", "PutLifecycle", "DeleteLifecycle", "Rollover", "DeleteDataStream", "DeleteTemplate",
		"PutDocument", "Document", "Sweep", "DeleteDocument", "CreateAPIKey", "APIKeys", "Now", "Sweep", "UpdateAPIKey", "InvalidateAPIKeys",
	}, methods{
		"Engine":        func() error { return errorOf(c.Engine(ctx)) },
		"Now":           func() error { c.Now(); return ctx.Err() },
		"CreateIndex":   func() error { return c.CreateIndex(ctx, "orders", nil, nil) },
		"Index":         func() error { return errorOf(c.Index(ctx, "orders")) },
		"Indices":       func() error { return errorOf(c.Indices(ctx, "ord*")) },
		"Health":        func() error { return errorOf(c.Health(ctx, "orders")) },
		"Sweep":         func() error { minutes.Add(1); c.Sweep(ctx); return ctx.Err() },
		"PutSettings":   func() error { return c.PutSettings(ctx, "orders", map[string]string{"refresh_interval": "5s"}) },
		"PutMapping":    func() error { return c.PutMapping(ctx, "orders", map[string]any{"dynamic": "strict"}) },
		"ChangeAliases": func() error { return c.ChangeAliases(ctx, "orders", map[string]map[string]any{"all": {}}, nil) },
		"Documents":     func() error { return errorOf(c.Documents(ctx, "orders")) },
		"DeleteIndex":   func() error { return c.DeleteIndex(ctx, "orders") },
		"CreateTemplate": func() error {
			return c.CreateTemplate(ctx, "later", elasticsearch.Template{Patterns: []string{"later"}, Priority: 1})
		},
		"PutTemplate": func() error {
			return c.PutTemplate(ctx, "events", elasticsearch.Template{Patterns: []string{"events"}, Priority: 1})
		},
		"Template":         func() error { return errorOf(c.Template(ctx, "events")) },
		"Rivals":           func() error { return errorOf(c.Rivals(ctx, "events", 0)) },
		"CreateDataStream": func() error { return c.CreateDataStream(ctx, "events") },
		"DataStream":       func() error { return errorOf(c.DataStream(ctx, "events")) },
		"BackingIndex":     func() error { return errorOf(c.BackingIndex(ctx, "events")) },
		"PutLifecycle":     func() error { return c.PutLifecycle(ctx, "events", elasticsearch.Lifecycle{DataRetention: "7d"}) },
		"DeleteLifecycle":  func() error { return c.DeleteLifecycle(ctx, "events") },
		"Rollover":         func() error { return c.Rollover(ctx, "events") },
		"DeleteDataStream": func() error { return c.DeleteDataStream(ctx, "events") },
		"DeleteTemplate":   func() error { return c.DeleteTemplate(ctx, "events") },
		"PutDocument":      each(func(path string) error { return c.PutDocument(ctx, path, "a", documents[path]) }),
		"Document":         each(func(path string) error { return errorOf(c.Document(ctx, path, "a")) }),
		"DeleteDocument":   each(func(path string) error { return c.DeleteDocument(ctx, path, "a") }),
		"APIKeys":          func() error { return errorOf(c.APIKeys(ctx, "k")) },
		"CreateAPIKey": func() error {
			made, err := c.CreateAPIKey(ctx, elasticsearch.NewAPIKey{Name: "k"})
			key = made.ID
			return err
		},
		"UpdateAPIKey":      func() error { return c.UpdateAPIKey(ctx, "id"+key, nil, nil) },
		"InvalidateAPIKeys": func() error { return c.InvalidateAPIKeys(ctx, "id"+key) },
	})
	return r
}

// documents are one of each kind.
var documents = map[string]elasticsearch.Document{
	elasticsearch.Roles:             {"cluster": []string{"monitor"}},
	elasticsearch.RoleMappings:      {"enabled": true, "roles": []string{"a"}, "rules": map[string]any{"field": map[string]any{"username": "*"}}},
	elasticsearch.LifecyclePolicies: {"policy": map[string]any{"phases": map[string]any{}}},
}

func elasticClient(t *testing.T, h http.Handler, user string) *elasticsearch.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := elasticsearch.New(elasticsearch.Config{Endpoint: server.URL, Username: user, Password: "p", Sweeps: everyMinute})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// askOpenSearch returns what the client asks where the answer does not say that it is
// Elasticsearch's.
func askOpenSearch(t *testing.T) []string {
	t.Helper()
	r := &recorder{next: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"version":{"distribution":"opensearch","number":"2.19.4"}}`)
	})}
	_, _ = elasticClient(t, r, "plumbline").Index(t.Context(), "orders") // What it makes of it is not what this test is about.
	return r.calls
}

func TestGraph(t *testing.T) {
	rights, calls := documented(t, "In Microsoft Graph")
	compare(t, askGraph(t, rights).calls, calls)
	leastPrivilege(t, rights, func(rights []string) []string { return askGraph(t, rights).denied })
}

// askGraph makes every call as an application with permissions.
func askGraph(t *testing.T, permissions []string) *recorder {
	t.Helper()
	const id, robot = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
	people := make([]tenant.User, 3)
	ids := make([]string, len(people))
	for i := range people {
		people[i].UserPrincipalName = fmt.Sprintf("user%d@example.com", i)
		ids[i] = tenant.ObjectID(people[i].UserPrincipalName)
	}
	principal := tenant.ServicePrincipal{AppID: robot, DisplayName: "robot"}
	r := &recorder{next: tenant.New(tenant.Options{
		TenantID: id, ClientID: id, ClientSecret: "s", Permissions: permissions, Users: people, ServicePrincipals: []tenant.ServicePrincipal{principal},
	})}
	c := graphClient(t, r, id)
	ctx, group := asking(t), ""
	both := func(do func(graph.Relation) error) func() error {
		return func() error {
			_ = do(graph.Owners)
			return do(graph.Members)
		}
	}
	try(t, c, []string{
		"CreateGroup", "Group", "GroupByUniqueName", "GroupsByDisplayName", "UpdateGroup", "Resolve", "Relate", "Related", "Sweep", "Unrelate",
		"DeleteGroup", "DeletedGroup", "DeletedGroups", "DeletedGroupsByDisplayName", "RestoreGroup",
	}, methods{
		"CreateGroup": func() (err error) {
			group, _, err = c.CreateGroup(ctx, graph.Group{UniqueName: "a", DisplayName: "a"})
			if group == "" {
				group = id
			}
			return err
		},
		"Group":               func() error { return errorOf(c.Group(ctx, group)) },
		"GroupByUniqueName":   func() error { return errorOf(c.GroupByUniqueName(ctx, "a")) },
		"GroupsByDisplayName": func() error { return errorOf(c.GroupsByDisplayName(ctx, "a")) },
		"UpdateGroup":         func() error { return c.UpdateGroup(ctx, group, "b", "[ours]") },
		"Resolve": func() error {
			_, user := c.Resolve(ctx, "user0@example.com")
			_, nobody := c.Resolve(ctx, "nobody@example.com")
			_, object := c.Resolve(ctx, tenant.ObjectID(robot))
			return errors.Join(user, nobody, object)
		},
		"Relate": both(func(rel graph.Relation) error {
			_, _ = c.Relate(ctx, group, rel, ids[:1])
			return errorOf(c.Relate(ctx, group, rel, append(slices.Clone(ids), tenant.ObjectID(robot)))) // One is there: all one by one.
		}),
		"Related": both(func(rel graph.Relation) error {
			related, err := c.Related(ctx, group, rel)
			for _, p := range related {
				if p.Name == "" { // Graph hides what may not be read.
					r.denied = append(r.denied, "the name of "+p.ID)
				}
			}
			return err
		}),
		"Sweep":                      func() error { minutes.Add(1); c.Sweep(ctx); return ctx.Err() },
		"Unrelate":                   both(func(rel graph.Relation) error { return c.Unrelate(ctx, group, rel, ids[1:]) }),
		"DeleteGroup":                func() error { return c.DeleteGroup(ctx, group) },
		"DeletedGroup":               func() error { return errorOf(c.DeletedGroup(ctx, group)) },
		"DeletedGroups":              func() error { return errorOf(c.DeletedGroups(ctx)) },
		"DeletedGroupsByDisplayName": func() error { return errorOf(c.DeletedGroupsByDisplayName(ctx, "b")) },
		"RestoreGroup":               func() error { return c.RestoreGroup(ctx, group) },
	})
	return r
}

func graphClient(t *testing.T, h http.Handler, id string) *graph.Client {
	t.Helper()
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	c, err := graph.New(graph.Config{TenantID: id, ClientID: id, ClientSecret: "s", Endpoint: server.URL, AuthorityHost: server.URL, CABundle: ca, Mark: "ours", Sweeps: everyMinute})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
