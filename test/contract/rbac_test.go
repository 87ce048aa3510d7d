package contract

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
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
	granted := []string{"elasticsearch.plumbline.dev", "entra.plumbline.dev"}
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
