package backstage

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/test/company"
)

// forPlugins holds what plugins read of claims and entities to a real API server.
func forPlugins(t *testing.T) {
	t.Run("KubernetesIngestorFindsClaims", func(t *testing.T) {
		crd := &unstructured.Unstructured{}
		crd.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
		must(t, "get definition", here.Plane.Client().Get(t.Context(), client.ObjectKey{Name: "serviceenvironments.plumbline.dev"}, crd))
		categories, _, _ := unstructured.NestedStringSlice(crd.Object, "spec", "names", "categories")
		if !slices.Contains(categories, "claim") {
			t.Errorf("kubernetes-ingestor finds claims by the category claim, got %v", categories)
		}
		if versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions"); versions[0].(map[string]any)["served"] != true {
			t.Error("kubernetes-ingestor reads the first version, so it is served")
		}
	})
	t.Run("KubernetesFindsTheServicesOwn", func(t *testing.T) {
		e, _ := find(t, component)
		namespace := e.Metadata.Annotations["backstage.io/kubernetes-namespace"]
		own := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "checkout"}}
		own.Spec.Ports = []corev1.ServicePort{{Port: 8080}}
		must(t, "deploy", here.Plane.Client().Create(t.Context(), own))
		selector, err := labels.Parse(e.Metadata.Annotations["backstage.io/kubernetes-label-selector"])
		must(t, "the selector is one", err)
		services, quotas := &corev1.ServiceList{}, &corev1.ResourceQuotaList{}
		must(t, "list services", here.Plane.Client().List(t.Context(), services, client.InNamespace(namespace), client.MatchingLabelsSelector{Selector: selector}))
		must(t, "list quotas", here.Plane.Client().List(t.Context(), quotas, client.InNamespace(namespace), client.MatchingLabelsSelector{Selector: selector}))
		if len(services.Items) != 1 || len(quotas.Items) != 0 {
			t.Errorf("the Kubernetes plugin shows what the service deployed and not what Plumbline composed, got %d services and %d quotas", len(services.Items), len(quotas.Items))
		}
	})
	t.Run("FeedIsNotReadTwice", func(t *testing.T) {
		first, err := company.Fetch(t.Context(), http.MethodGet, here.Feed+"/teams/payments/catalog.yaml", nil, nil)
		must(t, "read feed", err)
		again, err := company.Fetch(t.Context(), http.MethodGet, here.Feed+"/teams/payments/catalog.yaml", map[string]string{"If-None-Match": first.Header.Get("ETag")}, nil)
		must(t, "read feed", err)
		if first.Code != http.StatusOK || again.Code != http.StatusNotModified {
			t.Errorf("what did not change is not sent again, got %d and %d", first.Code, again.Code)
		}
	})
}

// A fact is what Tech Insights collects of an entity.
type fact struct {
	Entity struct {
		Kind      string `json:"kind"`
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"entity"`
	Facts map[string]any `json:"facts"`
}

// scored holds the checks to the environment, in the feed, in the catalog and on the
// command line.
func scored(t *testing.T) {
	a, err := company.Fetch(t.Context(), http.MethodGet, here.Feed+"/facts.json", nil, nil)
	must(t, "read facts", err)
	var facts []fact
	must(t, "decode facts", json.Unmarshal(a.Body, &facts))
	i := slices.IndexFunc(facts, func(f fact) bool {
		return f.Entity.Kind == "Component" && f.Entity.Namespace == "default" && f.Entity.Name == "checkout-prod"
	})
	if i < 0 {
		log, _ := os.ReadFile(here.Plane.Log("feed"))
		t.Fatalf("there is a fact for each environment, got %s\n%s", a.Body, log)
	}
	for check, want := range map[string]bool{"protected-in-production": true, "certificates-ready": true, "quota-in-range": true, "has-owner": false} {
		if facts[i].Facts[check] != want {
			t.Errorf("check %s: want %v, got %v: %v", check, want, facts[i].Facts[check], facts[i].Facts[check+"-sentence"])
		}
	}
	e, _ := find(t, component)
	if got := e.Metadata.Annotations["score.plumbline.dev/has-owner"]; got != "fail" {
		t.Errorf("the catalog has the checks, got %q", got)
	}
	out, err := exec.CommandContext(t.Context(), here.Program(), "score", "checkout-prod", "-n", "payments", "--kubeconfig", here.Kubeconfig()).CombinedOutput() //nolint:gosec // Ours.
	if err == nil || !strings.Contains(string(out), "✗ has-owner") || !strings.Contains(string(out), "the developer") {
		t.Errorf("the command line says the same, and who acts, got %v\n%s", err, out)
	}
}
