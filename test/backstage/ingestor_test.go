package backstage

import (
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

	"github.com/plumbline-dev/plumbline/test/company"
)

// withPlugins runs the plugins themselves against the control plane: kubernetes-ingestor
// makes an entity of the claim by its annotations, crossplane-resources finds by that
// entity what the claim is composed of, and the Kubernetes plugin finds the service's own
// objects by the annotations of the feed's entity.
func withPlugins(t *testing.T) {
	home := filepath.Join(here.Root, ".cache", "backstage-plugins")
	if _, err := os.Stat(filepath.Join(home, "node_modules", "@terasky", "backstage-plugin-crossplane-resources-backend")); err != nil {
		t.Skip("the plugins did not run: they are not installed; run: make test-backstage PLUGINS=1")
	}
	// The feed's entities are beside those of the ingestor, in a catalog namespace of
	// their own, as docs/backstage.md says.
	config, entities := filepath.Join(here.Dir, "environments.yaml"), filepath.Join(here.Dir, "entities.yaml")
	must(t, "write config", os.WriteFile(config, []byte("namespace: environments\n"), 0o600))
	text, err := exec.CommandContext(t.Context(), here.Program(), "catalog", "--config", config, "--kubeconfig", here.Kubeconfig()).Output() //nolint:gosec // Ours.
	must(t, "print catalog", err)
	must(t, "write catalog", os.WriteFile(entities, text, 0o600))
	folder := filepath.Join(here.Root, "test", "backstage", "plugins")
	backend, err := here.RunBackend(t.Context(), "plugins", home, folder,
		"TEST_CATALOG="+entities, "TEST_KUBERNETES_URL="+here.Plane.Config().Host, "TEST_KUBERNETES_TOKEN="+administrator(t))
	must(t, "start", err)

	var claimed *company.Entity
	must(t, "kubernetes-ingestor makes an entity of the claim", eventually(t.Context(), func() string {
		if claimed, err = backend.Entity(t.Context(), component); err != nil {
			return err.Error()
		}
		return ""
	}))
	if claimed.Spec["owner"] != "group:default/payments" || claimed.Spec["system"] != "default/checkout" {
		t.Errorf("the claim's annotations say whose it is, and part of what, got %v", claimed.Spec)
	}
	inCrossplaneTab(t, backend, *claimed)

	environment := map[string]any{"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": map[string]any{"namespace": "environments", "name": "checkout-prod"}}
	must(t, "the Kubernetes plugin finds the service's own objects", eventually(t.Context(), func() string {
		a, err := backend.Ask(t.Context(), http.MethodPost, "/api/kubernetes/services/checkout-prod", map[string]any{"auth": map[string]any{}, "entity": environment})
		if err != nil || a.Code != http.StatusOK || !strings.Contains(string(a.Body), `"name":"checkout"`) {
			return fmt.Sprintf("got %d: %.1000s %v", a.Code, a.Body, err)
		}
		if strings.Contains(string(a.Body), `"app.kubernetes.io/managed-by":"plumbline"`) {
			t.Errorf("the Kubernetes plugin shows nothing that was composed, got %.2000s", a.Body)
		}
		return ""
	}))
}

// administrator returns a token of one who may read all.
func administrator(t *testing.T) string {
	t.Helper()
	k := here.Plane.Client()
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
