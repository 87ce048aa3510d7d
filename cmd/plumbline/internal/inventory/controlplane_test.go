package inventory

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
)

// An apiServer answers lists, and counts what it was asked.
type apiServer struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func serverOf(t testing.TB, answers map[string]any) *apiServer {
	t.Helper()
	s := &apiServer{}
	bodies := map[string][]byte{}
	for path, answer := range answers {
		b, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		bodies[path] = b
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
		s.mu.Unlock()
		b, ok := bodies[r.URL.Path]
		w.Header().Set("Content-Type", "application/json")
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			b = []byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`)
		}
		_, _ = w.Write(b)
	}))
	t.Cleanup(s.Close)
	return s
}

func connect(t testing.TB, s *apiServer) ControlPlane {
	t.Helper()
	plane, err := Connect(&rest.Config{Host: s.URL, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	return plane
}

// claimsOf is a list of as many claims as a control plane would send, each with
// everything that a claim in production has.
func claimsOf(n int) map[string]any {
	items := make([]any, n)
	for i := range items {
		name := fmt.Sprintf("service%d-prod", i)
		resources := []any{}
		for _, kind := range []string{"Namespace", "ResourceQuota", "LimitRange", "Group", "Index", "DataStream", "Ingress", "DNSEndpoint", "Certificate"} {
			resources = append(resources, map[string]any{"kind": kind, "name": name, "state": "Ready", "reason": "Available"})
		}
		for j := range 10 {
			resources = append(resources, map[string]any{"kind": "NetworkPolicy", "name": fmt.Sprintf("allow-%d", j), "state": "Ready", "reason": "Available"})
		}
		items[i] = map[string]any{
			"apiVersion": "plumbline.dev/v1alpha1", "kind": "ServiceEnvironment",
			"metadata": map[string]any{
				"namespace": fmt.Sprintf("team%d", i%40), "name": name, "uid": name,
				"managedFields": []any{map[string]any{"fieldsV1": map[string]any{"f:spec": strings.Repeat("x", 256)}}},
			},
			"spec": map[string]any{"service": fmt.Sprintf("service%d", i), "environment": "prod", "tags": map[string]any{"costCenter": "1"}},
			"status": map[string]any{
				"summary": name + " is ready", "namespace": name, "resources": resources,
				"conditions": []any{map[string]any{"type": "Ready", "status": "True", "reason": "Available", "lastTransitionTime": "2026-01-01T00:00:00Z"}},
			},
		}
	}
	return map[string]any{"items": items}
}

// TestClaims holds that a thousand claims cost one request. BenchmarkFeed says how
// long they take.
func TestClaims(t *testing.T) {
	s := serverOf(t, map[string]any{"/apis/plumbline.dev/v1alpha1/serviceenvironments": claimsOf(1000)})
	plane := connect(t, s)
	list, err := plane.Claims(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"GET /apis/plumbline.dev/v1alpha1/serviceenvironments"}; !cmp.Equal(want, s.asked) {
		t.Errorf("all claims come by one request, got %v", s.asked)
	}
	if len(list) != 1000 || !list[0].Ready() || !list[0].Live() || len(list[0].Status.Resources) != 19 {
		t.Errorf("claims are read with their status, got %d, the first %+v", len(list), list[:1])
	}
}

func TestClaimsOfTeam(t *testing.T) {
	s := serverOf(t, map[string]any{"/apis/plumbline.dev/v1alpha1/namespaces/payments/serviceenvironments": claimsOf(1)})
	if list, err := connect(t, s).Claims(t.Context(), "payments"); err != nil || len(list) != 1 {
		t.Errorf("a team's claims are those of its namespace, got %v, %v", list, err)
	}
	if _, err := connect(t, s).Claims(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "is Plumbline installed") {
		t.Errorf("a control plane without the kind is told so, got %v", err)
	}
}

// TestBlueprint holds that no other Blueprint takes the place of one that is missing.
func TestBlueprint(t *testing.T) {
	want := map[string]any{"data": map[string]any{"kind": "Blueprint"}}
	got, err := connect(t, serverOf(t, map[string]any{blueprintPath: want})).Blueprint(t.Context())
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("the platform team's Blueprint is read, got %v, %v", got, err)
	}
	if got, err := connect(t, serverOf(t, nil)).Blueprint(t.Context()); err == nil || got != nil {
		t.Errorf("one that is missing is an error, got %v, %v", got, err)
	}
}

func TestWorld(t *testing.T) {
	labels := map[string]any{"plumbline.dev/service": "checkout", "plumbline.dev/environment": "prod"}
	empty := map[string]any{"items": []any{}}
	answers := map[string]any{
		"/api/v1/resourcequotas": map[string]any{"items": []any{map[string]any{
			"metadata": map[string]any{"namespace": "checkout-prod"},
			"status":   map[string]any{"hard": map[string]any{"pods": "10"}, "used": map[string]any{"pods": "3"}},
		}}},
		"/apis/cert-manager.io/v1/certificates": map[string]any{"items": []any{map[string]any{
			"metadata": map[string]any{"namespace": "checkout-prod", "name": "a.example.com"}, "status": map[string]any{"renewalTime": "2026-01-01T00:00:00Z"},
		}}},
	}
	for _, path := range managed() {
		answers[path] = empty
	}
	answers["/apis/entra.plumbline.dev/v1alpha1/groups"] = map[string]any{"items": []any{map[string]any{
		"kind": "Group", "metadata": map[string]any{"name": "checkout-prod", "labels": labels},
		"status": map[string]any{"drift": []any{map[string]any{"field": "members", "at": "2026-01-01T00:00:00Z", "outcome": "Restored"}}},
	}}}
	s := serverOf(t, answers)
	w, err := connect(t, s).World(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.asked) != 2+len(managed()) {
		t.Errorf("each kind costs one request, got %v", s.asked)
	}
	for _, uri := range s.asked {
		if !strings.HasSuffix(uri, "?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dplumbline") {
			t.Errorf("only what was composed is read, got %s", uri)
		}
	}
	if len(w.Quotas["checkout-prod"]) != 1 || len(w.Certificates["checkout-prod"]) != 1 || len(w.Managed["checkout-prod"]) != 1 || w.Managed["checkout-prod"][0].Status.Drift[0].Field != "members" {
		t.Errorf("what was composed is found by its environment, got %+v", w)
	}
}

// TestWorldUnread holds that what cannot be read is no world in which all is well.
func TestWorldUnread(t *testing.T) {
	if _, err := connect(t, serverOf(t, nil)).World(t.Context()); err == nil {
		t.Error("a kind that cannot be read is an error")
	}
}
