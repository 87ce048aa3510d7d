package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// pairs is how many hosts two teams want at the same moment.
	pairs = 20
	// heirs is how many of the claims that come second get their host in the end.
	heirs = 5
)

// contender is a claim for a host that lies in nobody's own domain.
const contender = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: SERVICE-dev, namespace: TEAM}
spec:
  service: SERVICE
  environment: dev
  tags: {costCenter: "4711", dataClass: internal}
  routes: [{host: HOST, service: web, port: 8080}]
`

// TestHostOfTwo lets two teams claim each of many hosts at the same moment. Each
// host gets one owner, who is not disturbed; and when the owner goes, the other gets
// it without an edit.
func TestHostOfTwo(t *testing.T) {
	claims := make([][2]*claim.Unstructured, pairs)
	for i := range claims {
		for j, team := range []string{"payments", "shop"} {
			text := strings.NewReplacer("SERVICE", fmt.Sprintf("rival%d%s", i, team), "TEAM", team, "HOST", rivalHost(i)).Replace(contender)
			claims[i][j] = parse(t, text)
		}
	}
	commitAtOnce(t, claims)

	losers := make([]*claim.Unstructured, pairs)
	winners := make([]*claim.Unstructured, pairs)
	for i, pair := range claims {
		eventually(t, rivalHost(i)+" has one owner", func() string {
			winner, loser, problem := outcome(t, pair)
			winners[i], losers[i] = winner, loser
			return problem
		})
	}
	leases := leasesByHost(t)
	for i, winner := range winners {
		lease := leases[rivalHost(i)]
		if want, got := winner.GetNamespace()+"/"+winner.GetName(), *lease.Spec.HolderIdentity; want != got {
			t.Errorf("the Lease of %s names its owner %s, got %s", rivalHost(i), want, got)
		}
		if len(lease.ManagedFields) != 1 {
			t.Errorf("nobody but its owner wrote to the Lease of %s, got %v", rivalHost(i), lease.ManagedFields)
		}
		if s := status(t, losers[i]); !strings.Contains(s.Summary, fmt.Sprintf("host %s belongs to %s (team %s)", rivalHost(i), *lease.Spec.HolderIdentity, winner.GetNamespace())) {
			t.Errorf("the claim without %s says who has it, got: %s", rivalHost(i), s.Summary)
		}
	}
	for host, count := range ingresses(t) {
		if count != 1 && strings.HasPrefix(host, "rival") {
			t.Errorf("%s is served from one namespace, got %d", host, count)
		}
	}

	left := time.Now()
	deleteAll(t, winners[:heirs])
	for i, heir := range losers[:heirs] {
		becomesReady(t, heir)
		t.Logf("the claim that waited for %s was Ready %.1fs after its owner began to go", rivalHost(i), time.Since(left).Seconds())
	}
	deleteAll(t, slices.Concat(losers, winners[heirs:]))
	for _, c := range slices.Concat(winners, losers) {
		eventually(t, "delete claim", func() string { return absent(t, c) })
	}
	eventually(t, "a host goes with its claim", func() string {
		for host := range leasesByHost(t) {
			if strings.HasPrefix(host, "rival") {
				return host + " is still held"
			}
		}
		return ""
	})
}

// deleteAll deletes claims at the same moment.
func deleteAll(t *testing.T, claims []*claim.Unstructured) {
	t.Helper()
	for _, c := range claims {
		if err := plane.Client().Delete(t.Context(), c); err != nil {
			t.Fatalf("cannot delete claim: %v", err)
		}
	}
}

func rivalHost(i int) string { return fmt.Sprintf("rival%d.dev.example.com", i) }

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

// outcome tells which claim of a pair has its host: that one is Ready, and the other
// says so and has all that is not of the host.
func outcome(t *testing.T, pair [2]*claim.Unstructured) (winner, loser *claim.Unstructured, problem string) {
	t.Helper()
	for i, c := range pair {
		if err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(c), c); err != nil {
			return nil, nil, err.Error()
		}
		if c.GetCondition(xpv2.TypeReady).Status == corev1.ConditionTrue {
			winner, loser = c, pair[1-i]
		}
	}
	if winner == nil {
		return nil, nil, "neither is Ready: " + status(t, pair[0]).Summary + "; " + status(t, pair[1]).Summary
	}
	if err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(loser), loser); err != nil {
		return nil, nil, err.Error()
	}
	for kind, want := range map[xpv2.ConditionType]corev1.ConditionStatus{
		xpv2.TypeReady: corev1.ConditionFalse, xpv2.TypeSynced: corev1.ConditionTrue,
		"NamespaceReady": corev1.ConditionTrue, "IdentityReady": corev1.ConditionTrue, "RouteReady": corev1.ConditionFalse,
	} {
		if got := loser.GetCondition(kind); got.Status != want {
			return nil, nil, fmt.Sprintf("%s: %s is %q, want %q: %s", loser.GetName(), kind, got.Status, want, got.Message)
		}
	}
	if got := loser.GetCondition("RouteReady").Reason; got != "NameTaken" {
		return nil, nil, loser.GetName() + " says " + string(got)
	}
	return winner, loser, ""
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
