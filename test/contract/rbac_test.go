package contract

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pkgv1beta1 "github.com/crossplane/crossplane/apis/v2/pkg/v1beta1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/package/build"
)

// TestRole holds the role that Crossplane is given to what is composed: a kind that
// it may not write would leave every claim unready.
func TestRole(t *testing.T) {
	role := &rbacv1.ClusterRole{}
	read(t, "../../package/rbac/crossplane.yaml", role)
	if role.Labels["rbac.crossplane.io/aggregate-to-crossplane"] != "true" {
		t.Error("the role reaches Crossplane by its label")
	}
	// Crossplane's RBAC manager grants the kinds of packages.
	granted := []string{"dns.plumbline.dev", "elasticsearch.plumbline.dev", "entra.plumbline.dev"}
	for kind := range composed(t) {
		group, resource, _ := strings.Cut(kind, "/")
		if slices.Contains(granted, group) {
			continue
		}
		for _, verb := range []string{"get", "list", "watch", "create", "update", "patch", "delete"} {
			if !allows(role, group, resource, verb) {
				t.Errorf("Crossplane may %s %s of group %q", verb, resource, group)
			}
		}
	}
}

// composed returns the group and resource of each kind that the examples become.
func composed(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../../examples/*/resources.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("cannot find any resources: %v", err)
	}
	out := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f) //nolint:gosec // The test chooses what it reads.
		if err != nil {
			t.Fatal(err)
		}
		for doc := range bytes.SplitSeq(b, []byte("\n---\n")) {
			var o struct {
				APIVersion string `json:"apiVersion"`
				Kind       string `json:"kind"`
			}
			if err := yaml.Unmarshal(doc, &o); err != nil {
				t.Fatal(err)
			}
			group, _, found := strings.Cut(o.APIVersion, "/")
			if !found {
				group = ""
			}
			out[group+"/"+plural(o.Kind)] = true
		}
	}
	return out
}

// plural returns the resource of a kind, by the rules that Kubernetes' names follow.
func plural(kind string) string {
	name := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(name, "y"):
		return strings.TrimSuffix(name, "y") + "ies"
	case strings.HasSuffix(name, "ss"), strings.HasSuffix(name, "x"):
		return name + "es"
	default:
		return name + "s"
	}
}

func allows(role *rbacv1.ClusterRole, group, resource, verb string) bool {
	return slices.ContainsFunc(role.Rules, func(r rbacv1.PolicyRule) bool {
		return len(r.ResourceNames) == 0 && slices.Contains(r.APIGroups, group) && slices.Contains(r.Resources, resource) && slices.Contains(r.Verbs, verb)
	})
}

// TestProviderRole holds the role of the provider to its kinds: Crossplane's RBAC
// manager lets a provider delete none of them.
func TestProviderRole(t *testing.T) {
	role, binding := &rbacv1.ClusterRole{}, &rbacv1.ClusterRoleBinding{}
	runtime, image := &pkgv1beta1.DeploymentRuntimeConfig{}, &pkgv1beta1.ImageConfig{}
	readAll(t, "../../package/rbac/provider.yaml", role, binding)
	readAll(t, "../../package/runtime/provider.yaml", runtime, image)

	crds, err := filepath.Glob("../../package/provider/crds/*.yaml")
	if err != nil || len(crds) == 0 {
		t.Fatalf("cannot find the provider's CRDs: %v", err)
	}
	for _, file := range crds {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		read(t, file, crd)
		if strings.Contains(crd.Spec.Names.Kind, "ProviderConfig") || crd.Spec.Names.Kind == "Lookup" { // A Lookup keeps nothing.
			continue
		}
		if !allows(role, crd.Spec.Group, crd.Spec.Names.Plural, "delete") {
			t.Errorf("the provider may delete %s: what is kept is not kept for ever", crd.GetName())
		}
	}
	if !allows(role, "plumbline.dev", "serviceenvironments", "get") {
		t.Error("the provider finds the claim that it sends an event on")
	}

	if binding.RoleRef.Name != role.GetName() || len(binding.Subjects) != 1 {
		t.Fatalf("the role is bound to the provider alone, got %v", binding)
	}
	account := runtime.Spec.ServiceAccountTemplate.Metadata.Name
	if binding.Subjects[0].Name != *account {
		t.Errorf("the role is bound to the service account that the provider is given, %q, got %q", *account, binding.Subjects[0].Name)
	}
	if image.Spec.Runtime.ConfigReference.Name != runtime.GetName() || image.Spec.MatchImages[0].Prefix != build.Repository+"/provider-plumbline" {
		t.Errorf("the provider's image is given that configuration, got %v", image.Spec)
	}
}

// readAll reads the objects of a file, one after another.
func readAll(t *testing.T, file string, into ...any) {
	t.Helper()
	b, err := os.ReadFile(file) //nolint:gosec // The test chooses what it reads.
	if err != nil {
		t.Fatal(err)
	}
	docs := bytes.Split(b, []byte("\n---\n"))
	if len(docs) != len(into) {
		t.Fatalf("%s: want %d objects, got %d", file, len(into), len(docs))
	}
	for i, doc := range docs {
		if err := yaml.UnmarshalStrict(doc, into[i]); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
}
