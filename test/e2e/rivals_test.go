package e2e

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

// pairs is how often two teams want the same names at the same moment.
var pairs = flag.Int("pairs", 10, "pairs of claims for each kind of name in TestRivals")

// heirs is how many of the claims that come second get the names in the end.
const heirs = 5

// A contest is what two claims want, one of each team.
type contest struct {
	reason string
	claim  string // With SERVICE, TEAM and NAME.
	names  string // Of the claims; N is the number of the pair, T the first letter of the team.
	loser  map[xpv2.ConditionType]string
	taken  string // What the loser says, with HOLDER and NAME.
	check  func(t *testing.T, name string, winner *claim.Unstructured)
	first  func(t *testing.T, name string, loser *claim.Unstructured, audit []write) // While nobody else had the name.
	free   func(t *testing.T, name string) string                                    // Once both are gone.
}

// sameService is a claim for a service in an environment. Two of them want the same
// namespace, index, data stream, role, role mapping and group.
const sameService = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: SERVICE-dev, namespace: TEAM}
spec:
  service: SERVICE
  environment: dev
  tags: {costCenter: "4711", dataClass: internal}
  search:
    indices: [{name: orders, shards: 1, replicas: 0}]
    streams: [{name: logs}]
    access: [{access: Reader, users: [dee@example.com]}]
`

// sameHost is a claim for a host that lies in nobody's own domain.
const sameHost = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: SERVICE-dev, namespace: TEAM}
spec:
  service: SERVICE
  environment: dev
  tags: {costCenter: "4711", dataClass: internal}
  routes: [{host: NAME.dev.example.com, service: web, port: 8080}]
`

// TestRivals lets two teams claim the same names at the same moment, many times. Each
// name gets one owner, who is not disturbed; the other writes nothing of it, says who has
// it, and gets it without an edit when the owner goes.
func TestRivals(t *testing.T) {
	for title, tc := range map[string]contest{
		"Environment": {
			reason: "Namespace, index, data stream, role, role mapping and group have one owner, and all the same.",
			claim:  sameService, names: "duelN",
			loser: map[xpv2.ConditionType]string{"Accepted": "NameTaken", "SearchReady": "Waiting", "IdentityReady": "Waiting"},
			taken: `Namespace "NAME-dev" belongs to HOLDER`,
			check: oneEnvironment, first: wroteNothing, free: noEnvironment,
		},
		"Host": {
			reason: "A host has one owner, and the other claim has all else.",
			claim:  sameHost, names: "rivalNT",
			loser: map[xpv2.ConditionType]string{"NamespaceReady": "Available", "IdentityReady": "Available", "RouteReady": "NameTaken"},
			taken: `host NAME.dev.example.com belongs to HOLDER`,
			check: oneHost, first: func(*testing.T, string, *claim.Unstructured, []write) {}, free: noHost,
		},
	} {
		t.Run(title, func(t *testing.T) { tc.run(t) })
	}
}

func (tc contest) run(t *testing.T) {
	t.Helper()
	rivals := make([][2]*claim.Unstructured, *pairs)
	for i := range rivals {
		for j, team := range []string{"payments", "shop"} {
			service := strings.NewReplacer("N", fmt.Sprint(i), "T", team[:1]).Replace(tc.names)
			rivals[i][j] = parse(t, strings.NewReplacer("SERVICE", service, "TEAM", team, "NAME", tc.name(i)).Replace(tc.claim))
		}
	}
	elasticsearch().do(t, http.MethodDelete, "/_standin/requests", nil)
	began := time.Now()
	commitAtOnce(t, rivals)
	winners, losers := tc.settle(t, rivals)
	t.Logf("%d pairs settled in %.1fs", *pairs, time.Since(began).Seconds())
	audit := writes(t, write.done)
	if len(audit) == 0 {
		t.Fatal("the audit log holds nothing, so it would prove nothing")
	}
	for i, winner := range winners {
		holder := fmt.Sprintf("%s/%s (team %[1]s)", winner.GetNamespace(), winner.GetName())
		want := strings.NewReplacer("HOLDER", holder, "NAME", tc.name(i)).Replace(tc.taken)
		if s := status(t, losers[i]); !strings.Contains(s.Summary, want) {
			t.Errorf("%s The claim that came second says who has it: want %q, got %q", tc.reason, want, s.Summary)
		}
		tc.check(t, tc.name(i), winner)
		tc.first(t, tc.name(i), losers[i], audit)
	}

	left := time.Now()
	some := min(heirs, *pairs)
	deleteAll(t, winners[:some])
	for i, heir := range losers[:some] {
		becomesReady(t, heir)
		t.Logf("the claim that waited for %s was Ready %.1fs after its owner began to go", tc.name(i), time.Since(left).Seconds())
		tc.check(t, tc.name(i), heir)
	}
	deleteAll(t, slices.Concat(losers, winners[some:]))
	for _, c := range slices.Concat(winners, losers) {
		eventually(t, "delete claim", func() string { return absent(t, c) })
	}
	for i := range rivals {
		eventually(t, "a name goes with its claim", func() string { return tc.free(t, tc.name(i)) })
	}
}

// settle waits for the outcome of each pair. However many there are, patience ends only
// when for so long no more of them had one.
func (tc contest) settle(t *testing.T, rivals [][2]*claim.Unstructured) (winners, losers []*claim.Unstructured) {
	t.Helper()
	winners, losers = make([]*claim.Unstructured, len(rivals)), make([]*claim.Unstructured, len(rivals))
	for open := len(rivals); open > 0; {
		eventually(t, "one more name has one owner", func() string {
			settled, last := open, ""
			for i, pair := range rivals {
				if winners[i] != nil {
					continue
				}
				var problem string
				if winners[i], losers[i], problem = tc.outcome(t, pair); problem == "" {
					open--
				} else {
					last = tc.name(i) + ": " + problem
				}
			}
			if open < settled {
				return ""
			}
			return last
		})
	}
	return winners, losers
}

// name is what a pair wants.
func (tc contest) name(pair int) string {
	return strings.NewReplacer("N", fmt.Sprint(pair), "T", "").Replace(tc.names)
}

// outcome tells which claim of a pair has the names: that one is Ready, and the other
// says so.
func (tc contest) outcome(t *testing.T, pair [2]*claim.Unstructured) (winner, loser *claim.Unstructured, problem string) {
	t.Helper()
	for i, c := range pair {
		if missing := get(t, c); missing != "" {
			return nil, nil, missing
		}
		if c.GetCondition(xpv2.TypeReady).Status == corev1.ConditionTrue {
			winner, loser = c, pair[1-i]
		}
	}
	if winner == nil {
		return nil, nil, "neither is Ready: " + status(t, pair[0]).Summary + "; " + status(t, pair[1]).Summary
	}
	if missing := get(t, loser); missing != "" {
		return nil, nil, missing
	}
	for kind, want := range tc.loser {
		if got := loser.GetCondition(kind); string(got.Reason) != want {
			return nil, nil, fmt.Sprintf("%s: %s says %q, want %q: %s", loser.GetName(), kind, got.Reason, want, got.Message)
		}
	}
	if ready, synced := loser.GetCondition(xpv2.TypeReady), loser.GetCondition(xpv2.TypeSynced); ready.Status != corev1.ConditionFalse || synced.Status != corev1.ConditionTrue {
		return nil, nil, fmt.Sprintf("%s: Ready is %q, Synced %q: %s", loser.GetName(), ready.Status, synced.Status, synced.Message)
	}
	return winner, loser, ""
}

// oneEnvironment holds that all of an environment is one claim's.
func oneEnvironment(t *testing.T, name string, winner *claim.Unstructured) {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name + "-dev"}}
	if missing := get(t, ns); missing != "" {
		t.Fatal(missing)
	}
	if owner := metav1.GetControllerOf(ns); owner == nil || owner.Name != winner.GetResourceReference().Name {
		t.Errorf("namespace %s belongs to %s, got %v", ns.Name, winner.GetResourceReference().Name, owner)
	}
	if applied := appliers(ns); len(applied) != 1 {
		t.Errorf("nobody but its owner wrote to namespace %s, got %v", ns.Name, applied)
	}
	mark := "local/" + winner.GetNamespace() + "/" + winner.GetName()
	for _, path := range []string{"/" + name + "-dev.orders/_mapping", "/_index_template/" + name + "-dev.logs", "/_security/role/" + name + "-dev.reader", "/_security/role_mapping/" + name + "-dev.reader"} {
		code, answer := elasticsearch().do(t, http.MethodGet, path, nil)
		if got := fmt.Sprint(answer); code != http.StatusOK || !strings.Contains(got, mark) {
			t.Errorf("%s carries the mark of %s: %d %v", path, mark, code, answer)
		}
	}
	if found := groups(t, name+"-dev"); len(found) != 1 || !strings.Contains(fmt.Sprint(found[0]["description"]), mark+"]") {
		t.Errorf("one group %s-dev is there, and carries the mark of %s, got %v", name, mark, found)
	}
}

// wroteNothing holds that the claim that came second has not even an object of its own
// that stands for something in a backend, and that there all was made once.
func wroteNothing(t *testing.T, name string, loser *claim.Unstructured, audit []write) {
	t.Helper()
	for _, w := range audit {
		if w.Ref.Namespace == loser.GetNamespace() && strings.HasSuffix(w.Ref.Group, ".plumbline.dev") && strings.HasPrefix(w.Ref.Name, loser.GetName()) {
			t.Errorf("the claim that came second makes nothing, got %v", w)
		}
	}
	if made := created(t, elasticsearch(), name+"-dev."); cmp.Diff(map[string]int{"PUT /" + name + "-dev.orders": 1, "PUT /_data_stream/" + name + "-dev.logs": 1}, made) != "" {
		t.Errorf("index and data stream are made once, got %v", made)
	}
}

// created counts the requests that made an index or a data stream.
func created(t *testing.T, b backend, prefix string) map[string]int {
	t.Helper()
	made := map[string]int{}
	for _, r := range requests(t, b) {
		path := strings.TrimPrefix(strings.TrimPrefix(r.Path, "/"), "_data_stream/")
		if r.Method == http.MethodPut && strings.HasPrefix(path, prefix) && !strings.Contains(path, "/") {
			made[r.Method+" "+r.Path]++
		}
	}
	return made
}

// requests returns what a stand-in was asked.
func requests(t *testing.T, b backend) []faults.Request {
	t.Helper()
	_, answer := b.do(t, http.MethodGet, "/_standin/requests", nil)
	var out []faults.Request
	for _, r := range answer["requests"].([]any) {
		m := r.(map[string]any)
		out = append(out, faults.Request{Method: m["method"].(string), Path: m["path"].(string), Status: int(m["status"].(float64))})
	}
	return out
}

// appliers are those whose composition wrote to an object.
func appliers(o client.Object) []string {
	var out []string
	for _, m := range o.GetManagedFields() {
		if strings.HasPrefix(m.Manager, "apiextensions.crossplane.io/composed/") && !slices.Contains(out, m.Manager) {
			out = append(out, m.Manager)
		}
	}
	return out
}

func noEnvironment(t *testing.T, name string) string {
	t.Helper()
	if left := absent(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name + "-dev"}}); left != "" {
		return left
	}
	if index(t, name+"-dev.orders") != nil || len(groups(t, name+"-dev")) > 0 {
		return "index or group of " + name + " are still there"
	}
	return ""
}

func oneHost(t *testing.T, name string, winner *claim.Unstructured) {
	t.Helper()
	host := name + ".dev.example.com"
	lease := leasesByHost(t)[host]
	if want, got := winner.GetNamespace()+"/"+winner.GetName(), *lease.Spec.HolderIdentity; want != got {
		t.Errorf("the Lease of %s names its owner %s, got %s", host, want, got)
	}
	if applied := appliers(&lease); len(applied) != 1 {
		t.Errorf("nobody but its owner wrote to the Lease of %s, got %v", host, applied)
	}
	if count := ingresses(t)[host]; count != 1 {
		t.Errorf("%s is served from one namespace, got %d", host, count)
	}
}

func noHost(t *testing.T, name string) string {
	t.Helper()
	if _, held := leasesByHost(t)[name+".dev.example.com"]; held {
		return name + " is still held"
	}
	return ""
}

// deleteAll deletes claims at the same moment.
func deleteAll(t *testing.T, claims []*claim.Unstructured) {
	t.Helper()
	for _, c := range claims {
		if err := client.IgnoreNotFound(plane.Client().Delete(t.Context(), c)); err != nil {
			t.Fatalf("cannot delete claim: %v", err)
		}
	}
}

// commitAtOnce creates both claims of each pair at the same moment.
func commitAtOnce(t *testing.T, claims [][2]*claim.Unstructured) {
	t.Helper()
	for _, team := range []string{"payments", "shop"} {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: team}}
		if err := client.IgnoreAlreadyExists(plane.Client().Create(t.Context(), ns)); err != nil {
			t.Fatal(err)
		}
	}
	start := make(chan struct{})
	var wg sync.WaitGroup
	for _, pair := range claims {
		for _, c := range pair {
			wg.Go(func() {
				<-start
				if err := plane.Client().Create(t.Context(), c); err != nil {
					t.Errorf("cannot create claim: %v", err)
				}
			})
		}
	}
	close(start)
	wg.Wait()
}

// leasesByHost returns the Leases of hosts.
func leasesByHost(t *testing.T) map[string]coordinationv1.Lease {
	t.Helper()
	list := &coordinationv1.LeaseList{}
	if err := plane.Client().List(t.Context(), list, client.InNamespace("plumbline-system")); err != nil {
		t.Fatal(err)
	}
	out := map[string]coordinationv1.Lease{}
	for _, l := range list.Items {
		out[l.GetAnnotations()["plumbline.dev/host"]] = l
	}
	return out
}

// ingresses counts those of each host.
func ingresses(t *testing.T) map[string]int {
	t.Helper()
	list := &networkingv1.IngressList{}
	if err := plane.Client().List(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, i := range list.Items {
		for _, r := range i.Spec.Rules {
			out[r.Host]++
		}
	}
	return out
}
