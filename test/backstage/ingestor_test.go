package backstage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// withPlugins runs the plugins themselves against the control plane: kubernetes-ingestor
// makes an entity of the claim by its annotations, and the Kubernetes plugin finds the
// service's own objects by the annotations of the feed's entity.
func withPlugins(t *testing.T) {
	home := filepath.Join(here.root, ".cache", "backstage-plugins")
	if _, err := os.Stat(filepath.Join(home, "node_modules", "@terasky")); err != nil {
		t.Skip("the plugins are not installed; run: make test-backstage PLUGINS=1")
	}
	// The feed's entities are beside those of the ingestor, in a catalog namespace of
	// their own, as docs/backstage.md says.
	config, entities := filepath.Join(here.dir, "environments.yaml"), filepath.Join(here.dir, "entities.yaml")
	must(t, "write config", os.WriteFile(config, []byte("namespace: environments\n"), 0o600))
	text, err := exec.CommandContext(t.Context(), filepath.Join(here.dir, "plumbline"), "catalog", "--config", config, "--kubeconfig", filepath.Join(here.dir, "reader.kubeconfig")).Output() //nolint:gosec // Ours.
	must(t, "print catalog", err)
	must(t, "write catalog", os.WriteFile(entities, text, 0o600))
	host, err := freeAddress(t.Context())
	must(t, "find a port", err)
	url := "http://" + host
	folder := filepath.Join(here.root, "test", "backstage", "plugins")
	must(t, "start", here.program(t.Context(), "plugins", url+"/.backstage/health/v1/readiness", []string{
		"NODE_PATH=" + filepath.Join(home, "node_modules"), "NODE_ENV=production",
		"TEST_BACKSTAGE_URL=" + url, "TEST_BACKSTAGE_LISTEN=" + host, "TEST_TOKEN=" + token,
		"TEST_CATALOG=" + entities, "TEST_KUBERNETES_URL=" + here.plane.Config().Host, "TEST_KUBERNETES_TOKEN=" + administrator(t),
	}, "node", filepath.Join(folder, "index.js"), "--config", filepath.Join(folder, "app-config.yaml")))
	header := map[string]string{"Authorization": "Bearer " + token}

	var claimed entity
	must(t, "kubernetes-ingestor makes an entity of the claim", eventually(t.Context(), func() string {
		a, err := fetch(t.Context(), http.MethodGet, url+"/api/catalog/entities/by-name/component/default/checkout-prod", header, nil)
		if err != nil || a.code != http.StatusOK {

			return "it is not in the catalog: " + string(a.body)
		}
		if err := json.Unmarshal(a.body, &claimed); err != nil {
			return err.Error()
		}
		return ""
	}))
	if claimed.Spec["owner"] != "group:default/payments" || claimed.Spec["system"] != "default/checkout" {
		t.Errorf("the claim's annotations say whose it is, and part of what, got %v", claimed.Spec)
	}

	environment := map[string]any{"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": map[string]any{"namespace": "environments", "name": "checkout-prod"}}
	must(t, "the Kubernetes plugin finds the service's own objects", eventually(t.Context(), func() string {
		a, err := fetch(t.Context(), http.MethodPost, url+"/api/kubernetes/services/checkout-prod", header, map[string]any{"auth": map[string]any{}, "entity": environment})
		if err != nil || a.code != http.StatusOK || !strings.Contains(string(a.body), `"name":"checkout"`) {
			return fmt.Sprintf("got %d: %.1000s %v", a.code, a.body, err)
		}
		if strings.Contains(string(a.body), `"app.kubernetes.io/managed-by":"plumbline"`) {
			t.Errorf("the Kubernetes plugin shows nothing that was composed, got %.2000s", a.body)
		}
		return ""
	}))
}

// administrator returns a token of one who may read all.
func administrator(t *testing.T) string {
	t.Helper()
	k := here.plane.Client()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "backstage"}}
	must(t, "create account", k.Create(t.Context(), account))
	must(t, "let it read", k.Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "backstage"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: "default", Name: "backstage"}},
	}))
	request := &authenticationv1.TokenRequest{}
	must(t, "get a token", k.SubResource("token").Create(t.Context(), account, request))
	return request.Status.Token
}
