package graph

import (
	"context"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plumbline-dev/plumbline/provider/internal/observe"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// A tenant that is swept, on a clock that tests move.
type swept struct {
	*Client

	t     *testing.T
	inner *standin.Server
	calls *faults.Handler
	now   time.Time
	woken map[string]int
	ids   []string
}

func (s *swept) Wake(n types.NamespacedName) { s.woken[n.Name]++ }

func startSwept(t *testing.T, groups int, permissions ...string) *swept {
	t.Helper()
	const tenant, app = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
	const mark = "owner=eu/"
	s := &swept{t: t, now: time.Now(), woken: map[string]int{}}
	clock := func() time.Time {
		if s.now.IsZero() { // The machine's.
			return time.Now()
		}
		return s.now
	}
	s.inner = standin.New(standin.Options{TenantID: tenant, ClientID: app, ClientSecret: "right", Permissions: permissions, Now: clock})
	s.calls = faults.New(s.inner)
	server := httptest.NewTLSServer(s.calls)
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	var err error
	s.Client, err = New(Config{TenantID: tenant, ClientID: app, ClientSecret: "right", Endpoint: server.URL, AuthorityHost: server.URL, CABundle: ca, Mark: mark,
		Sweeps: observe.Sweeps{Every: time.Minute, Now: clock}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range groups {
		id, _, err := s.CreateGroup(t.Context(), Group{UniqueName: fmt.Sprint("g", i), DisplayName: fmt.Sprint("g", i), Description: "[" + mark + "a/b]"})
		s.must(err)
		_, err = s.Relate(t.Context(), id, Members, []string{standin.ObjectID([]string{"ana@example.com", "bo@example.com"}[i%2])})
		s.must(err)
		s.ids = append(s.ids, id)
	}
	return s
}

func (s *swept) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *swept) by(resource string) context.Context {
	return observe.By(s.t.Context(), observe.Asker{Waker: s, Name: types.NamespacedName{Name: resource}})
}

// sweep lets a minute pass, and sweeps.
func (s *swept) sweep() {
	s.now = s.now.Add(time.Minute)
	s.Sweep(s.t.Context())
}

// poll observes all groups once, and looks up who is to be a member.
func (s *swept) poll() {
	s.t.Helper()
	for i, id := range s.ids {
		ctx, _ := observe.Remembering(s.by(fmt.Sprint("g", i)))
		_, err := s.Group(ctx, id)
		s.must(err)
		for _, r := range []Relation{Members, Owners} {
			_, err := s.Related(ctx, id, r)
			s.must(err)
		}
		for _, name := range []string{"ana@example.com", "nobody@example.com"} {
			_, err := s.Resolve(ctx, name)
			s.must(err)
		}
	}
}

// settled returns a tenant whose groups are all remembered.
func settled(t *testing.T, groups int) *swept {
	t.Helper()
	s := startSwept(t, groups)
	s.sweep() // Has the feeds begin.
	s.poll()
	s.sweep()
	s.woken = map[string]int{}
	return s
}

// TestRequestsAreFlat counts what a poll interval costs the tenant.
func TestRequestsAreFlat(t *testing.T) {
	for _, n := range []int{1, 10, 300} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := settled(t, n)
			for range 30 { // Longer than names are believed without sweeps.
				s.calls.Forget()
				s.sweep()
				s.poll()
				// One delta query each for groups, users and service principals. The
				// token is renewed every hour, and who is found nowhere is looked up anew.
				if got := s.calls.Requests(); got.Total > 3 || got.Mutating > 0 {
					t.Fatalf("\nA poll of %d groups takes 3 requests, got %d: %v", n, got.Total, got.Requests)
				}
			}
			if len(s.woken) > 0 {
				t.Errorf("\nNothing changed, so nobody is woken, got %v", s.woken)
			}
		})
	}
}

// TestLead has a provider take the lead: its memory is empty, and all resources ask.
func TestLead(t *testing.T) {
	cases := map[string]struct {
		reason string
		groups int
		change func(*swept) error
		want   int
	}{
		"One":  {"Three feeds, a page of groups, a batch, and two look-ups of who is nobody.", 1, nil, 7},
		"Many": {"300 groups are on one page, and their members and owners in 30 batches.", 300, nil, 36},
		"Throttled": {"What Graph asks to come back for is asked for again, when it says.", 300, func(s *swept) error {
			s.now = time.Time{}
			var parts []string
			for i := range maxBatch {
				parts = append(parts, fmt.Sprintf(`{"id":"%d","status":429,"headers":{"Retry-After":"1"},"body":{"error":{"code":"TooManyRequests"}}}`, i))
			}
			return s.calls.Set(faults.Rule{Path: `/beta/\$batch`, Status: 200, Times: 1, Body: `{"responses":[` + strings.Join(parts, ",") + `]}`})
		}, 37},
		"NotAll": {"What a batch does not tell is read by who asks for it, names included.", 3, func(s *swept) error {
			return s.calls.Set(faults.Rule{Path: `/beta/\$batch`, Status: 403, Body: `{"error":{"code":"Forbidden"}}`})
		}, 5 + 6 + 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := startSwept(t, tc.groups)
			if tc.change != nil {
				s.must(tc.change(s))
			}
			s.calls.Forget()
			var sweep sync.WaitGroup
			sweep.Go(func() { s.Sweep(t.Context()) })
			s.poll() // It waits, whoever is first.
			sweep.Wait()
			if got := s.calls.Requests(); got.Total != tc.want {
				t.Errorf("\n%s\nwant %d requests, got %d: %v", tc.reason, tc.want, got.Total, got.Requests)
			}
		})
	}
}

// TestLeadOfMany has a sweep that begins tell of more members than there are on a page.
func TestLeadOfMany(t *testing.T) {
	s := startSwept(t, 1100)
	_, err := s.Relate(t.Context(), s.ids[0], Members, s.ids[1:])
	s.must(err)
	s.sweep()
	ctx, memory := observe.Remembering(s.by("g0"))
	told, err := s.Related(ctx, s.ids[0], Members)
	s.must(err)
	read, err := s.Related(t.Context(), s.ids[0], Members)
	s.must(err)
	if diff := cmp.Diff(read, told); diff != "" || !memory.Used() || len(read) != 1100 {
		t.Errorf("\nMemory tells what reading does, of %d members; from memory: %t\n-want, +got:\n%s", len(read), memory.Used(), diff)
	}
}

// TestSweepTellsChanges has others change a tenant.
func TestSweepTellsChanges(t *testing.T) {
	ana := standin.ObjectID("ana@example.com")
	cases := map[string]struct {
		reason string
		change func(*swept) error
		want   map[string]int
	}{
		"Nothing": {"Nothing changed.", func(*swept) error { return nil }, map[string]int{}},
		"Name": {"A group got another name.", func(s *swept) error { return s.UpdateGroup(s.t.Context(), s.ids[0], "other", "") },
			map[string]int{"g0": 3}},
		"Member": {"A group got another member.", func(s *swept) error {
			_, err := s.Relate(s.t.Context(), s.ids[1], Members, []string{ana})
			return err
		}, map[string]int{"g1": 3}},
		"Owner": {"A group got an owner.", func(s *swept) error {
			_, err := s.Relate(s.t.Context(), s.ids[1], Owners, []string{ana})
			return err
		}, map[string]int{"g1": 3}},
		"Deleted": {"A group was deleted.", func(s *swept) error { return s.DeleteGroup(s.t.Context(), s.ids[1]) }, map[string]int{"g1": 3}},
		"Disabled": {"A member may not sign in any more.", func(s *swept) error {
			return s.do(s.t.Context(), call{method: "PATCH", url: s.at(v1, "/users/"+ana), in: map[string]bool{"accountEnabled": false}})
		}, map[string]int{"g0": 1, "g2": 1}},
		"Resync": {"Graph lost what the tokens stand for: all is read again, and is as it was.", func(s *swept) error { s.inner.ForgetChanges(); return nil },
			map[string]int{}},
		"ResyncAfterChanges": {"What changed before Graph lost the tokens is seen in what is read again.", func(s *swept) error {
			s.must(s.UpdateGroup(s.t.Context(), s.ids[0], "other", ""))
			s.must(s.Unrelate(s.t.Context(), s.ids[1], Members, []string{standin.ObjectID("bo@example.com")}))
			s.must(s.DeleteGroup(s.t.Context(), s.ids[2]))
			s.inner.ForgetChanges()
			return nil
		}, map[string]int{"g0": 1, "g1": 1, "g2": 3}},
		"ResyncInPart": {"What cannot be read again is forgotten.", func(s *swept) error {
			s.inner.ForgetChanges()
			return s.calls.Set(faults.Rule{Path: `/beta/\$batch`, Status: 503, Body: `{"error":{"code":"serviceUnavailable","message":"busy"}}`})
		}, map[string]int{"g0": 2, "g1": 2, "g2": 2}},
		"Expired": {"Nobody swept for so long that tokens expired.", func(s *swept) error {
			return s.calls.Set(faults.Rule{Path: "/v1.0/groups/delta", Status: 400, Times: 1, Body: `{"error":{"code":"syncStateNotFound","message":"expired"}}`})
		}, map[string]int{}},
		"Refused": {"A sweep that fails tells nothing.", func(s *swept) error {
			return s.calls.Set(faults.Rule{Path: ".*/delta", Status: 404, Body: `{"error":{"code":"Request_ResourceNotFound","message":"gone"}}`})
		}, map[string]int{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := settled(t, 3)
			s.must(tc.change(s))
			s.sweep()
			if diff := cmp.Diff(tc.want, s.woken); diff != "" {
				t.Errorf("\n%s\nwoken: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestLag reads a group in the moments after a feed told that it changed.
func TestLag(t *testing.T) {
	s := settled(t, 1)
	s.must(s.UpdateGroup(t.Context(), s.ids[0], "other", ""))
	s.sweep()
	s.poll()
	s.calls.Forget()
	s.poll()
	if got := s.calls.Requests().Total; got != 3 {
		t.Errorf("\nServers that lag may show what was before, so it is not remembered, got %d requests", got)
	}
	s.now = s.now.Add(3 * time.Minute)
	s.poll()
	s.calls.Forget()
	s.sweep()
	s.poll()
	if got := s.calls.Requests().Total; got != 3 {
		t.Errorf("\nAnd then it is remembered again, got %d requests", got)
	}
}

// TestUnpermittedFeeds has an application that may not read users.
func TestUnpermittedFeeds(t *testing.T) {
	s := startSwept(t, 2, "Group.ReadWrite.All")
	s.sweep()
	for range 3 {
		for i, id := range s.ids {
			ctx, _ := observe.Remembering(s.by(fmt.Sprint("g", i)))
			_, err := s.Group(ctx, id)
			s.must(err)
		}
		s.calls.Forget()
		s.sweep()
	}
	ctx, memory := observe.Remembering(s.by("g0"))
	_, err := s.Group(ctx, s.ids[0])
	s.must(err)
	if !memory.Used() {
		t.Errorf("\nGroups are remembered even if nobody tells what becomes of users: %v", s.calls.Requests().Requests)
	}
}
