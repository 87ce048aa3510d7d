package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

// TestNews reads what a developer is told on a claim while it becomes ready, loses its
// index, and has it again: each once, however often it is looked at.
func TestNews(t *testing.T) {
	c := commit(t, storyOf("told"))
	becomesReady(t, c)
	service := &corev1.Service{Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 8080}}}}
	service.Namespace, service.Name = "told-dev", "web"
	if err := plane.Client().Create(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	says(t, c, "told-dev is ready")

	managed := object("elasticsearch.plumbline.dev/v1alpha1", "Index", "payments", "told-dev.orders")
	down := faults.Rule{Path: "told-dev.orders", Status: 503, Headers: map[string]string{"X-Elastic-Product": "Elasticsearch", "Content-Type": "application/json"},
		Body: `{"error":{"type":"master_not_discovered_exception","reason":null},"status":503}`}
	inForce(t, plane.ElasticsearchURL(), down)
	touch(t, managed)
	says(t, c, "told-dev is not ready: Index")
	inForce(t, plane.ElasticsearchURL())
	says(t, c, "told-dev is ready")

	told := []string{"BackendFailed", "Ready", "Recovered"}
	eventually(t, "the claim is told", func() string {
		if got := news(t, c); !containsAll(got, told) {
			return fmt.Sprint(got)
		}
		return ""
	})
	composite := object("plumbline.dev/v1alpha1", "XServiceEnvironment", "", c.GetResourceReference().Name)
	before := news(t, c)
	lookAgain(t, composite, managed)
	for line, times := range news(t, c) {
		// One that was on its way, or that was told on what Crossplane had in its cache, may be.
		if times-before[line] >= looks {
			t.Errorf("\nWhat is told is not told again with each look: %d times in %d looks\n%s", times-before[line], looks, line)
		}
	}
	remove(t, c)
}

const looks = 5

// lookAgain has everybody look at an environment that is at rest, a few times.
func lookAgain(t *testing.T, composite, managed client.Object) {
	t.Helper()
	for i := range looks {
		look := fmt.Sprintf("news-%d", i)
		annotate(t, composite, "example.com/look", look)
		awaitReconciled(t, managed, look)
	}
}

// awaitReconciled waits until the provider has looked at a resource once more.
func awaitReconciled(t *testing.T, managed client.Object, look string) {
	t.Helper()
	b := backend{base: plane.ElasticsearchURL(), authorize: func(*testing.T, *http.Request) {}}
	b.do(t, http.MethodDelete, "/_standin/requests", nil)
	annotate(t, managed, "crossplane.io/reconcile-requested-at", look)
	eventually(t, "the provider looks again", func() string {
		_, record := b.do(t, http.MethodGet, "/_standin/requests", nil)
		if len(record["requests"].([]any)) == 0 {
			return "it does not"
		}
		return ""
	})
}

// TestDataLost deletes an index and a group behind everybody's back. The index is made
// anew, and the claim's developer is told that its documents are gone; the group is taken
// back from the deleted items, as it was.
func TestDataLost(t *testing.T) {
	c := commit(t, storyOf("wiped"))
	becomesReady(t, c)
	was, group := index(t, "wiped-dev.orders")["index.uuid"], groups(t, "wiped-dev")[0]["id"].(string)
	if code, answer := elasticsearch().do(t, http.MethodDelete, "/wiped-dev.orders", nil); code != http.StatusOK {
		t.Fatalf("cannot delete the index: %d %v", code, answer)
	}
	if code, answer := graph().do(t, http.MethodDelete, "/v1.0/groups/"+group, nil); code != http.StatusNoContent {
		t.Fatalf("cannot delete the group: %d %v", code, answer)
	}
	eventually(t, "there is an index again", func() string {
		if found := index(t, "wiped-dev.orders"); found == nil || found["index.uuid"] == was {
			return "there is none"
		}
		return ""
	})
	eventually(t, "the claim is told of the loss", func() string {
		if got := news(t, c); !containsAll(got, []string{"DataLoss"}) {
			return fmt.Sprint(got)
		}
		return ""
	})
	eventually(t, "the group is back", func() string {
		if found := groups(t, "wiped-dev"); len(found) != 1 || found[0]["id"] != group {
			return fmt.Sprint(found)
		}
		return ""
	})
	becomesReady(t, c)
	remove(t, c)
}

// news are the events on a claim that are ours, and how often each was sent. What
// Crossplane itself tells of its own work is not ours.
func news(t *testing.T, c *claim.Unstructured) map[string]int32 {
	t.Helper()
	events := &corev1.EventList{}
	if err := plane.Client().List(t.Context(), events, client.InNamespace(c.GetNamespace())); err != nil {
		t.Fatal(err)
	}
	out := map[string]int32{}
	for _, e := range events.Items {
		crossplanes := []string{"BindCompositeResource", "ConfigureCompositeResource", "ComposeResources", "PropagateConnectionSecret"}
		if e.InvolvedObject.UID == c.GetUID() && !slices.Contains(crossplanes, e.Reason) {
			out[e.Reason+": "+e.Message] += e.Count
		}
	}
	return out
}

// containsAll says whether each reason was told. How often is left to the recorder, which
// drops what is too much of one object, Crossplane's own events among it.
func containsAll(news map[string]int32, reasons []string) bool {
	for _, reason := range reasons {
		told := false
		for line := range news {
			told = told || strings.HasPrefix(line, reason+": ")
		}
		if !told {
			return false
		}
	}
	return true
}
