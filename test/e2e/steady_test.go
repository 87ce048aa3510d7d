package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestSteadyState holds that nobody of ours writes to the API server while nothing
// happens: not when the provider looks at its backends, and not when Crossplane goes
// over the claim anew.
func TestSteadyState(t *testing.T) {
	c := commit(t, storyOf("steady"))
	becomesReady(t, c)
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "steady-dev", Name: "web"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 8080}}},
	}
	if err := plane.Client().Create(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the claim has nothing more to say", func() string {
		if missing := get(t, c); missing != "" {
			return missing
		}
		if s := status(t, c).Summary; s != "steady-dev is ready" {
			return s
		}
		return ""
	})
	polls(t, "steady-dev.orders", 1) // What follows on readiness is over.
	managed := object("elasticsearch.plumbline.dev/v1alpha1", "Index", "payments", "steady-dev.orders")
	for _, o := range []client.Object{c, managed} {
		if missing := get(t, o); missing != "" {
			t.Fatal(missing)
		}
	}
	version, from := managed.GetResourceVersion(), len(writesByProvider(t, "steady-dev"))
	if from == 0 {
		t.Fatal("the audit log holds nothing of the provider, so it would prove nothing")
	}

	composite := object("plumbline.dev/v1alpha1", "XServiceEnvironment", "", c.GetResourceReference().Name)
	annotate(t, composite, "example.com/look", "again")
	polls(t, "steady-dev.orders", 2)
	if got := writesByProvider(t, "steady-dev")[from:]; len(got) != 0 {
		t.Errorf("\nThe provider writes nothing while nothing happens.\nwrites: %v", got)
	}
	if missing := get(t, managed); missing != "" {
		t.Fatal(missing)
	}
	if diff := cmp.Diff(version, managed.GetResourceVersion()); diff != "" {
		t.Errorf("\nWhat Crossplane applies anew changes no managed resource.\nresourceVersion: -want, +got:\n%s", diff)
	}
	remove(t, c)
}

// polls waits until the provider has looked at an index as often, be it in a sweep of
// many. The requests before that are forgotten.
func polls(t *testing.T, index string, times int) {
	t.Helper()
	looked := func() int {
		count := 0
		for _, r := range requests(t, elasticsearch()) {
			if r.Method == http.MethodGet && strings.Contains(r.Path, index) {
				count++
			}
		}
		return count
	}
	elasticsearch().do(t, http.MethodDelete, "/_standin/requests", nil)
	eventually(t, "the provider looks at the index", func() string {
		if got := looked(); got < times {
			return fmt.Sprintf("it did %d times", got)
		}
		return ""
	})
}

// writesByProvider returns what the provider wrote of an environment, from the audit
// log.
func writesByProvider(t *testing.T, environment string) []write {
	t.Helper()
	return writes(t, func(w write) bool {
		return strings.HasSuffix(w.User.Username, ":plumbline-provider-plumbline") && strings.HasPrefix(w.Ref.Name, environment)
	})
}
