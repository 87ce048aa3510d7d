package compose

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// planOf resolves a claim under the built-in Blueprint.
func planOf(tb testing.TB, spec v1alpha1.ServiceEnvironmentSpec) environment.Plan {
	tb.Helper()
	data, err := environment.DefaultData()
	if err != nil {
		tb.Fatal(err)
	}
	b, errs := environment.ParseBlueprint(data)
	if len(errs) > 0 {
		tb.Fatal(errs.ToAggregate())
	}
	b.Search.Realm = "entra"
	for name, zone := range b.Routing.Zones {
		zone.DNS.Lookup = &v1alpha1.DNSLookup{Server: "10.0.0.2", OwnerID: "eu-1", TXTPrefix: "txt."}
		b.Routing.Zones[name] = zone
	}
	s, errs := environment.Parse(environment.Claim{Name: "checkout-prod", Team: "payments", Spec: spec}, b)
	if len(errs) > 0 {
		tb.Fatal(errs.ToAggregate())
	}
	return environment.Resolve(s)
}

// everything asks for each capability at least once.
func everything() v1alpha1.ServiceEnvironmentSpec {
	return v1alpha1.ServiceEnvironmentSpec{
		Service: "checkout", Environment: "prod",
		Access: &v1alpha1.Access{
			Members: []v1alpha1.Member{"ana@example.com"},
			Roles:   []v1alpha1.RoleGrant{{Role: v1alpha1.RoleViewer, Users: []v1alpha1.Subject{"dee@example.com"}}},
		},
		Network: &v1alpha1.Connections{AllowTo: []v1alpha1.Peer{{Service: "ledger"}}},
		Search: &v1alpha1.Search{
			Indices: []v1alpha1.Index{{Name: "orders"}, {Name: "audit"}},
			Streams: []v1alpha1.Stream{{Name: "events"}},
			Access:  []v1alpha1.SearchGrant{{Access: v1alpha1.SearchReader, Users: []v1alpha1.SearchUser{"dee@example.com"}}},
			APIKeys: []v1alpha1.SearchKey{{Name: "app", Access: v1alpha1.SearchWriter}},
		},
		Routes: []v1alpha1.Route{{Host: "checkout.example.com", Service: "web", Port: 80}},
	}
}

// TestPartNames guards what is an API: a part that is renamed is deleted and made
// anew.
func TestPartNames(t *testing.T) {
	var got []string
	for _, p := range Parts(planOf(t, everything()), World{}) {
		got = append(got, p.Name)
	}
	want := []string{
		"namespace", "quota", "limits",
		"network-environment", "network-allow-to-ledger-prod",
		"service-account-workload", "group", "access-edit", "role-viewer-view", "index-orders", "index-audit", "stream-events",
		"search-role-reader", "search-role-writer", "search-mapping-group", "search-mapping-reader", "search-key-app", "search-secret-elasticsearch-app",
		"host-checkout.example.com", "ingress-checkout.example.com", "dns-checkout.example.com", "lookup-checkout.example.com", "certificate-checkout.example.com",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\nThe names of parts never change.\nParts(...): -want, +got:\n%s", diff)
	}
}

// TestNeverDrop goes through every subset of the parts: what exists is desired,
// whatever became of the parts it needs and of the right to the name.
func TestNeverDrop(t *testing.T) {
	// All at once have more subsets than a test has time for.
	routes, search := everything(), everything()
	routes.Search, search.Routes, search.Network = nil, nil, nil
	for _, spec := range []v1alpha1.ServiceEnvironmentSpec{routes, search} {
		neverDrop(t, Parts(planOf(t, spec), World{}))
	}
}

func neverDrop(t *testing.T, parts []Part) {
	t.Helper()
	taken := status.Failed(status.ReasonNameTaken, "Taken", v1alpha1.FixerDeveloper)
	for subset := range 1 << len(parts) {
		observed := Observed{}
		for i, p := range parts {
			if subset&(1<<i) != 0 {
				observed[p.Name] = Object{} // Without status: nothing about it is well.
			}
		}
		for _, p := range parts {
			if _, exists := observed[p.Name]; !exists {
				continue
			}
			if !p.due(parts, observed, nil) || !p.due(parts, observed, &taken) {
				t.Fatalf("%s is left out of subset %b, so Crossplane would delete it", p.Name, subset)
			}
		}
	}
}

func TestGates(t *testing.T) {
	active := Object{"status": map[string]any{"phase": "Active"}}
	terminating := Object{"status": map[string]any{"phase": "Terminating"}}
	known := Object{"status": map[string]any{"atProvider": map[string]any{"objectID": "id"}}}
	taken := status.Failed(status.ReasonNameTaken, "Taken", v1alpha1.FixerDeveloper)

	first := []string{"namespace"}
	outside := []string{
		"namespace", "group", "index-orders", "index-audit", "stream-events",
		"search-role-reader", "search-role-writer", "search-mapping-reader", "search-key-app",
	}
	inside := []string{"quota", "limits", "network-environment", "network-allow-to-ledger-prod", "service-account-workload", "role-viewer-view"}
	lease := []string{"host-checkout.example.com"}
	route := []string{"ingress-checkout.example.com", "dns-checkout.example.com", "certificate-checkout.example.com"}
	all := func(lists ...[]string) map[string]bool {
		set := map[string]bool{}
		for _, list := range lists {
			for _, name := range list {
				set[name] = true
			}
		}
		return set
	}
	cases := map[string]struct {
		reason   string
		observed Observed
		hold     *status.Health
		holds    map[string]*status.Health
		want     map[string]bool
	}{
		"FirstPass": {
			reason: "Of two claims for the same names one has them all, so the namespace alone decides who.",
			want:   all(first),
		},
		"NamespaceNotActive": {
			reason:   "A namespace that is being deleted takes nothing in.",
			observed: Observed{"namespace": terminating},
			want:     all(first),
		},
		"NamespaceActive": {
			reason:   "The binding waits for the group's object id, and only it; what serves a host waits for the host.",
			observed: Observed{"namespace": active, "group": {}},
			want:     all(outside, inside, lease),
		},
		"HostOurs": {
			reason:   "A host that is ours is served.",
			observed: Observed{"namespace": active, "group": {}, "host-checkout.example.com": {}},
			want:     all(outside, inside, lease, route),
		},
		"HostTaken": {
			reason:   "A host that somebody else has is not served, and the rest is unharmed.",
			observed: Observed{"namespace": active, "group": known},
			holds:    map[string]*status.Health{"host-checkout.example.com": &taken},
			want:     all(outside, inside, []string{"access-edit", "search-mapping-group"}),
		},
		"HostLost": {
			reason:   "What exists stays, even if its host is somebody else's now.",
			observed: Observed{"namespace": active, "group": {}, "ingress-checkout.example.com": {}},
			holds:    map[string]*status.Health{"host-checkout.example.com": &taken},
			want:     all(outside, inside, []string{"ingress-checkout.example.com"}),
		},
		"GroupKnown": {
			reason:   "Everything is desired once the group tells its object id, but what holds a key that nobody has made.",
			observed: Observed{"namespace": active, "group": known, "host-checkout.example.com": {}, "search-key-app": {}},
			want:     all(outside, inside, lease, route, []string{"access-edit", "search-mapping-group"}),
		},
		"Held": {
			reason:   "While somebody else has the name, nothing new is made, and what exists stays.",
			observed: Observed{"index-audit": {}},
			hold:     &taken,
			want:     all([]string{"index-audit"}),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			desired, _, err := Compose(Parts(planOf(t, everything()), World{Observed: tc.observed, Holds: tc.holds}), tc.observed, tc.hold)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for _, d := range desired {
				got[d.Name] = true
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nCompose(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestRootCause holds that what waits names what it waits for in the end.
func TestRootCause(t *testing.T) {
	_, report, err := Compose(Parts(planOf(t, everything()), World{}), Observed{"namespace": {}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, row := range report {
		if row.WaitingFor != "" {
			got[row.Title()] = row.WaitingFor
		}
	}
	for _, title := range []string{"ResourceQuota environment", "RoleBinding access-edit", "Certificate checkout.example.com"} {
		if got[title] != "Namespace checkout-prod" {
			t.Errorf("%s waits for Namespace checkout-prod, got %q", title, got[title])
		}
	}
}

// TestRootOfAChain holds it for a part that waits for one that waits itself.
func TestRootOfAChain(t *testing.T) {
	named := func(name string, needs ...string) Part {
		return Part{Name: name, Needs: needs, Resource: &certificate{ObjectMeta: metav1.ObjectMeta{Name: name}}}
	}
	parts := []Part{named("root"), named("middle", "root"), named("leaf", "middle")}
	if got := parts[2].blocker(parts, nil); got == nil || got.Name != "root" {
		t.Errorf("a part waits for the root cause, got %v", got)
	}
	if got := parts[2].blocker(parts, Observed{"root": {}}); got == nil || got.Name != "middle" {
		t.Errorf("when the root is there, it waits for the next, got %v", got)
	}
}

// objectOf is a resource as it is applied.
func objectOf(r Resource) (Object, error) {
	s, err := applied(r)
	return s.AsMap(), err
}

// TestNoStatus holds that nothing is desired that only a controller may write, and
// that an empty selector stays, as it selects everything.
func TestNoStatus(t *testing.T) {
	for _, p := range Parts(planOf(t, everything()), World{}) {
		o, err := objectOf(p.Resource)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := o["status"]; ok {
			t.Errorf("%s: only a controller may write a status", p.Name)
		}
		if _, ok := o["metadata"].(map[string]any)["creationTimestamp"]; ok {
			t.Errorf("%s: only the API server knows when it was created", p.Name)
		}
		if o.text("apiVersion") == "" || o.text("kind") == "" || o.text("metadata", "name") == "" {
			t.Errorf("%s: Crossplane needs apiVersion, kind and name, got %v", p.Name, o)
		}
	}
	same, err := objectOf(find(Parts(planOf(t, everything()), World{}), "network-environment").Resource)
	if err != nil {
		t.Fatal(err)
	}
	peer := same.list("spec", "ingress")[0].(map[string]any)["from"].([]any)[0]
	if diff := cmp.Diff(map[string]any{"podSelector": map[string]any{}}, peer); diff != "" {
		t.Errorf("\nAn empty pod selector selects all pods of the namespace; without it the peer is invalid.\n-want, +got:\n%s", diff)
	}
}

// TestTags holds that every object can be found by the claim's tags, whatever kind
// it is of and wherever it lies.
func TestTags(t *testing.T) {
	spec := everything()
	spec.Tags = map[string]v1alpha1.TagValue{"costCenter": "4711", "empty": ""}
	for _, p := range Parts(planOf(t, spec), World{}) {
		got := map[string]string{}
		for key, value := range p.Resource.GetLabels() {
			if tag, ok := strings.CutPrefix(key, environment.LabelTagPrefix); ok {
				got[tag] = value
			}
		}
		if diff := cmp.Diff(map[string]string{"costCenter": "4711", "empty": ""}, got); diff != "" {
			t.Errorf("\n%s carries the tags of the claim.\n-want, +got:\n%s", p.Name, diff)
		}
		o, err := objectOf(p.Resource)
		if err != nil {
			t.Fatal(err)
		}
		backend, err := json.Marshal(o["spec"])
		if err != nil {
			t.Fatal(err)
		}
		if told := bytes.Contains(backend, []byte("costCenter")) && bytes.Contains(backend, []byte("4711")); IsManaged(o) && !told {
			t.Errorf("\n%s takes the tags of the claim into its backend, got:\n%s", p.Name, backend)
		}
	}
}

// TestBindingKeepsSubject holds that a group which does not tell its object id for a
// while locks nobody out.
func TestBindingKeepsSubject(t *testing.T) {
	observed := Observed{"group": {}, "access-edit": {"subjects": []any{map[string]any{"name": "the-id"}}}}
	part := find(Parts(planOf(t, everything()), World{Observed: observed}), "access-edit")
	o, err := objectOf(part.Resource)
	if err != nil {
		t.Fatal(err)
	}
	if got := Object(o.list("subjects")[0].(map[string]any)).text("name"); got != "the-id" {
		t.Errorf("the binding keeps its subject, got %q", got)
	}
}

// TestSettle holds the two views of a kind together: what Settle writes is what
// Health takes for ready and Usable for usable.
func TestSettle(t *testing.T) {
	w := World{Connections: map[string]map[string][]byte{}}
	for _, p := range Parts(planOf(t, everything()), w) {
		w.Connections[p.Name] = p.Connection
	}
	for _, p := range Parts(planOf(t, everything()), w) {
		o, err := objectOf(p.Resource)
		if err != nil {
			t.Fatal(err)
		}
		o.Admit()
		if p.Settle != nil && p.Health(o).State == v1alpha1.ResourceReady { // Without it a part serves as soon as it exists.
			t.Errorf("%s is not ready before its controller says so", p.Name)
		}
		if p.Settle != nil {
			p.Settle(o)
		}
		if p.Health != nil && p.Health(o).State != v1alpha1.ResourceReady {
			t.Errorf("%s is ready once its controller says so, got %v", p.Name, p.Health(o))
		}
		if p.Usable != nil && !p.Usable(o) {
			t.Errorf("%s is usable once it is ready", p.Name)
		}
	}
}
