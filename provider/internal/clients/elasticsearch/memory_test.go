package elasticsearch

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plumbline-dev/plumbline/provider/internal/observe"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

// A cluster that is swept, on a clock that tests move.
type swept struct {
	*Client

	t     *testing.T
	calls *faults.Handler
	now   time.Time
	woken map[string]int
}

func (s *swept) Wake(n types.NamespacedName) { s.woken[n.Name]++ }

func startSwept(t *testing.T) *swept {
	t.Helper()
	s := &swept{t: t, calls: faults.New(standin.New(standin.Options{Username: "u", Password: "p"})), now: time.Unix(1e9, 0), woken: map[string]int{}}
	server := httptest.NewServer(s.calls)
	t.Cleanup(server.Close)
	var err error
	s.Client, err = New(Config{Endpoint: server.URL, Username: "u", Password: "p",
		Sweeps: observe.Sweeps{Every: time.Minute, Now: func() time.Time { return s.now }}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// by returns the context of a resource.
func (s *swept) by(resource string) context.Context {
	return observe.By(s.t.Context(), observe.Asker{Waker: s, Name: types.NamespacedName{Name: resource}})
}

// remembering returns the context of a resource that memory may answer.
func (s *swept) remembering(resource string) context.Context {
	ctx, _ := observe.Remembering(s.by(resource))
	return ctx
}

// sweep lets a minute pass, and sweeps.
func (s *swept) sweep() {
	s.now = s.now.Add(time.Minute)
	s.Sweep(s.t.Context())
}

func (s *swept) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// maxStreams bounds the data streams, each of which the stand-in compares with all
// templates when one is put.
const maxStreams = 40

// make makes n objects of each kind.
func (s *swept) make(n int) {
	s.t.Helper()
	ctx := s.t.Context()
	for i := range n {
		name := fmt.Sprintf("team-%05d", i)
		s.must(s.CreateIndex(ctx, name, map[string]string{"refresh_interval": "30s"}, nil))
		s.must(s.PutDocument(ctx, Roles, name, Document{"cluster": []any{"monitor"}}))
		s.must(s.PutDocument(ctx, RoleMappings, name, Document{"enabled": true, "roles": []any{name}, "rules": map[string]any{"field": map[string]any{"groups": name}}}))
		s.must(s.PutDocument(ctx, LifecyclePolicies, name, Document{"policy": map[string]any{"phases": map[string]any{}}}))
		_, err := s.CreateAPIKey(ctx, NewAPIKey{Name: name})
		s.must(err)
		if i >= maxStreams {
			continue
		}
		s.must(s.PutTemplate(ctx, "s"+name, Template{Patterns: []string{"s" + name}, Priority: 500}))
		s.must(s.CreateDataStream(ctx, "s"+name))
	}
}

// poll observes n resources of each kind once.
func (s *swept) poll(n int) {
	s.t.Helper()
	for i := range n {
		name := fmt.Sprintf("team-%05d", i)
		ctx := s.remembering(name)
		_, err := s.Index(ctx, name)
		s.must(err)
		_, err = s.Health(ctx, name)
		s.must(err)
		for _, path := range []string{Roles, RoleMappings, LifecyclePolicies} {
			_, err = s.Document(ctx, path, name)
			s.must(err)
		}
		_, err = s.APIKeys(ctx, name)
		s.must(err)
		if i >= maxStreams {
			continue
		}
		_, err = s.Template(ctx, "s"+name)
		s.must(err)
		stream, err := s.DataStream(ctx, "s"+name)
		s.must(err)
		_, err = s.BackingIndex(ctx, stream.WriteIndex())
		s.must(err)
	}
}

// TestRequestsAreFlat counts what a poll interval costs the cluster.
func TestRequestsAreFlat(t *testing.T) {
	// Eight kinds of objects, indices in up to three requests by their names.
	const most = 10
	for _, n := range []int{1, 10, 100, 600} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := startSwept(t)
			s.make(n)
			s.poll(n)
			for range 3 {
				s.calls.Forget()
				s.sweep()
				s.poll(n)
				if got := s.calls.Requests(); got.Total > most || got.Mutating > 0 {
					t.Errorf("\nA poll of %d resources of each kind takes at most %d requests, got %d: %v", n, most, got.Total, got.Requests)
				}
			}
			if len(s.woken) > 0 {
				t.Errorf("\nNothing changed, so nobody is woken, got %v", s.woken)
			}
		})
	}
}

// TestSweepTellsChanges has others change a cluster.
func TestSweepTellsChanges(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(context.Context, *Client) error
	}{
		"Setting": {"A setting changed.", func(ctx context.Context, c *Client) error {
			return c.PutSettings(ctx, "team-00000", map[string]string{"refresh_interval": "1s"})
		}},
		"Mapping": {"A mapping changed.", func(ctx context.Context, c *Client) error {
			return c.PutMapping(ctx, "team-00000", map[string]any{"_meta": map[string]any{"a": "b"}})
		}},
		"Index": {"An index was deleted.", func(ctx context.Context, c *Client) error { return c.DeleteIndex(ctx, "team-00000") }},
		"Role": {"A role changed.", func(ctx context.Context, c *Client) error {
			return c.PutDocument(ctx, Roles, "team-00000", Document{"cluster": []any{"all"}})
		}},
		"Mappings": {"A role mapping was deleted.", func(ctx context.Context, c *Client) error { return c.DeleteDocument(ctx, RoleMappings, "team-00000") }},
		"Policy": {"A lifecycle policy changed.", func(ctx context.Context, c *Client) error {
			return c.PutDocument(ctx, LifecyclePolicies, "team-00000", Document{"policy": map[string]any{"phases": map[string]any{"hot": map[string]any{"actions": map[string]any{}}}}})
		}},
		"Template": {"An index template changed.", func(ctx context.Context, c *Client) error {
			return c.PutTemplate(ctx, "steam-00000", Template{Patterns: []string{"steam-00000"}, Priority: 501})
		}},
		"Rollover": {"A data stream rolled over.", func(ctx context.Context, c *Client) error { return c.Rollover(ctx, "steam-00000") }},
		"Key": {"An API key was invalidated.", func(ctx context.Context, c *Client) error {
			keys, err := c.APIKeys(ctx, "team-00000")
			if err != nil {
				return err
			}
			return c.InvalidateAPIKeys(ctx, keys[0].ID)
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := startSwept(t)
			s.make(2)
			s.poll(2)
			s.sweep()
			s.must(tc.change(t.Context(), s.Client))
			s.sweep()
			if s.woken["team-00000"] == 0 || s.woken["team-00001"] > 0 {
				t.Errorf("\n%s\nWhose object changed is woken, and nobody else, got %v", tc.reason, s.woken)
			}
		})
	}
}

// TestMemory says when memory answers.
func TestMemory(t *testing.T) {
	set := func(s *swept, ctx context.Context, value string) {
		s.must(s.PutSettings(ctx, "team-00000", map[string]string{"refresh_interval": value}))
	}
	read := func(s *swept, ctx context.Context) string {
		index, err := s.Index(ctx, "team-00000")
		if err != nil {
			return err.Error()
		}
		return index.Settings["refresh_interval"]
	}
	cases := map[string]struct {
		reason string
		do     func(*swept)
		want   string
		calls  int
	}{
		"Remembered": {"What others changed is seen with the next sweep, and not before.", func(s *swept) { set(s, s.t.Context(), "1s") }, "30s", 0},
		"Swept":      {"A sweep tells what others changed.", func(s *swept) { set(s, s.t.Context(), "1s"); s.sweep() }, "1s", 0},
		"Written":    {"A read after a write of our own sees it.", func(s *swept) { set(s, s.by("team-00000"), "1s") }, "1s", 1},
		"Deleted":    {"What is gone is asked for, whatever sweeps say.", func(s *swept) { s.must(s.DeleteIndex(s.t.Context(), "team-00000")); s.sweep() }, "index_not_found_exception: no such index [team-00000]", 1},
		"Stale":      {"Memory answers for three intervals without a sweep.", func(s *swept) { set(s, s.t.Context(), "1s"); s.now = s.now.Add(3*time.Minute + time.Second) }, "1s", 1},
		"Failed": {"A sweep that fails has resources ask.", func(s *swept) {
			s.must(s.calls.Set(faults.Rule{Path: `/\.ds.*`, Status: 500, Times: 1}))
			s.sweep()
		}, "30s", 1},
		"Empty": {"An answer without anything makes nothing look deleted.", func(s *swept) {
			s.must(s.calls.Set(faults.Rule{Path: `/\.ds.*`, Status: 200, Body: "{}", Times: 1, Headers: map[string]string{"X-Elastic-Product": "Elasticsearch"}}))
			s.sweep()
		}, "30s", 1},
		"Cut": {"Nor does half an answer.", func(s *swept) {
			s.must(s.calls.Set(faults.Rule{Path: `/\.ds.*`, Status: 200, Body: `{"other":{}`, Times: 1, Headers: map[string]string{"X-Elastic-Product": "Elasticsearch"}}))
			s.sweep()
		}, "30s", 1},
		"Throttled": {"A sweep that is throttled lets memory answer.", func(s *swept) {
			s.must(s.calls.Set(faults.Rule{Path: "/.*", Status: 429, Times: 1, Headers: map[string]string{"Retry-After": "30"}}))
			s.sweep()
		}, "30s", 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := startSwept(t)
			s.make(1)
			s.poll(1)
			s.sweep()
			tc.do(s)
			s.calls.Forget()
			if diff := cmp.Diff(tc.want, read(s, s.remembering("team-00000"))); diff != "" {
				t.Errorf("\n%s\nrefresh_interval: -want, +got:\n%s", tc.reason, diff)
			}
			if got := s.calls.Requests().Total; got != tc.calls {
				t.Errorf("\n%s\nrequests: want %d, got %d", tc.reason, tc.calls, got)
			}
		})
	}
}

// TestThrottled has a cluster ask to be left alone.
func TestThrottled(t *testing.T) {
	s := startSwept(t)
	s.make(1)
	s.must(s.calls.Set(faults.Rule{Path: "/.*", Status: 429, Times: 1, Headers: map[string]string{"Retry-After": "30"}}))
	_, first := s.Index(s.by("a"), "team-00000")
	s.calls.Forget()
	_, second := s.Index(s.by("b"), "team-00000")
	write := s.PutSettings(s.by("c"), "team-00000", map[string]string{"refresh_interval": "1s"})
	if diff := cmp.Diff([]string{first.Error(), first.Error()}, []string{second.Error(), write.Error()}); diff != "" {
		t.Errorf("\nA cluster that throttles one throttles all, in the same words: -want, +got:\n%s", diff)
	}
	if got := s.calls.Requests().Total; got != 0 {
		t.Errorf("\nNobody asks a cluster that wants to be left alone, got %d requests", got)
	}
	s.now = s.now.Add(31 * time.Second)
	if _, err := s.Index(s.by("b"), "team-00000"); err != nil {
		t.Errorf("\nWhen its time is over it is asked again: %v", err)
	}
}

// TestOutage has a cluster fail while a thousand resources are polled.
func TestOutage(t *testing.T) {
	s := startSwept(t)
	s.make(50)
	s.poll(50)
	s.sweep()
	s.must(s.calls.Set(faults.Rule{Path: "/.*", Status: http.StatusServiceUnavailable}))
	s.sweep()
	s.calls.Forget()
	failed := 0
	for range 20 {
		for i := range 50 {
			if _, err := s.Index(s.remembering(fmt.Sprintf("team-%05d", i)), fmt.Sprintf("team-%05d", i)); err != nil {
				failed++
			}
		}
	}
	if got := s.calls.Requests().Total; failed != 1000 || got > 10 {
		t.Errorf("\nAll are told that the cluster fails, and few ask it: %d of 1000 were, %d requests", failed, got)
	}
	s.calls.Clear()
	s.woken = map[string]int{}
	s.sweep()
	if len(s.woken) != 50 {
		t.Errorf("\nWhen the cluster is well again, everybody hears at once, got %d of 50", len(s.woken))
	}
}
