package e2e

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestProtected tries to delete a protected environment in every way there is, as
// an administrator who may do everything, and then the way that is meant.
func TestProtected(t *testing.T) {
	const ns = "guarded-dev"
	c := parse(t, strings.ReplaceAll(storyOf("guarded"), "namespace: payments", "namespace: guards"))
	spec(c)["deletion"] = map[string]any{"protect": true}
	submit(t, c)
	becomesReady(t, c)

	cases := map[string]struct {
		reason string
		object client.Object
		want   string
	}{
		"Claim": {
			reason: "A prune, or a folder that is lost, deletes the claim.",
			object: c,
			want:   "first commit spec.deletion.protect: false",
		},
		"Composite": {
			reason: "Deleting the composite would take all with it.",
			object: object("plumbline.dev/v1alpha1", "XServiceEnvironment", "", c.GetResourceReference().Name),
			want:   "first commit spec.deletion.protect: false",
		},
		"Namespace": {
			reason: "The namespace holds what runs.",
			object: &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}},
			want:   "namespaces guarded-dev belongs to guarded-dev, which is protected",
		},
		"Index": {
			reason: "The index holds documents.",
			object: object("elasticsearch.plumbline.dev/v1alpha1", "Index", "guards", "guarded-dev.orders"),
			want:   "its ServiceEnvironment in namespace guards decides",
		},
		"Group": {
			reason: "The group is an identity that others refer to.",
			object: object("entra.plumbline.dev/v1alpha1", "Group", "guards", "guarded-dev"),
			want:   "its ServiceEnvironment in namespace guards decides",
		},
		"TeamNamespace": {
			reason: "With the team's namespace its claims would go.",
			object: &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "guards"}},
			want:   "ServiceEnvironment guarded-dev lives in namespace guards",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) { refusesDeletion(t, tc.reason, tc.object, tc.want) })
	}

	t.Run("Folder", func(t *testing.T) {
		all := object("plumbline.dev/v1alpha1", "ServiceEnvironment", "", "")
		if err := plane.Client().DeleteAllOf(t.Context(), all, client.InNamespace("guards")); err == nil || !strings.Contains(err.Error(), "first commit spec.deletion.protect: false") {
			t.Errorf("Who deletes all claims of a team deletes none that is protected, got: %v", err)
		}
	})
	if missing := get(t, c); missing != "" || !c.GetDeletionTimestamp().IsZero() {
		t.Fatalf("after all that the claim is as it was, got %v %s", c.GetDeletionTimestamp(), missing)
	}
	becomesReady(t, c)

	change(t, c, func(spec map[string]any) { spec["deletion"] = map[string]any{"protect": false} })
	remove(t, c)
	for _, o := range objects(ns) {
		eventually(t, "delete what the claim was made of", func() string { return absent(t, o) })
	}
	if index(t, "guarded-dev.orders") != nil {
		t.Error("once the claim may go, its index goes with it")
	}
}

// TestPlatformStays tries to delete what all environments depend on.
func TestPlatformStays(t *testing.T) {
	own := object("elasticsearch.plumbline.dev/v1alpha1", "ProviderConfig", "default", "of-a-team")
	own.Object["spec"] = map[string]any{
		"endpoint": "https://elasticsearch.invalid", "installation": "local",
		"credentials": map[string]any{"username": "u", "passwordSecretRef": map[string]any{"name": "s", "namespace": "default", "key": "k"}},
	}
	if err := plane.Client().Create(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]client.Object{
		"Definition":            object("apiextensions.crossplane.io/v2", "CompositeResourceDefinition", "", "xserviceenvironments.plumbline.dev"),
		"CustomResource":        object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "indices.elasticsearch.plumbline.dev"),
		"Composition":           object("apiextensions.crossplane.io/v1", "Composition", "", "serviceenvironment"),
		"ClaimResource":         object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "serviceenvironments.plumbline.dev"),
		"ManagedResource":       object("apiextensions.crossplane.io/v1alpha1", "ManagedResourceDefinition", "", "groups.entra.plumbline.dev"),
		"Configuration":         object("pkg.crossplane.io/v1", "Configuration", "", "plumbline-configuration-service-environment"),
		"Provider":              object("pkg.crossplane.io/v1", "Provider", "", "plumbline-provider-plumbline"),
		"Function":              object("pkg.crossplane.io/v1", "Function", "", "plumbline-function-service-environment"),
		"Elasticsearch":         object("elasticsearch.plumbline.dev/v1alpha1", "ClusterProviderConfig", "", "default"),
		"PlatformNamespace":     object("v1", "Namespace", "", "plumbline-system"),
		"CrossplaneNamespace":   object("v1", "Namespace", "", "crossplane-system"),
		"ProviderConfig":        own,
		"ClusterProviderConfig": object("entra.plumbline.dev/v1alpha1", "ClusterProviderConfig", "", "default"),
		"Blueprint":             object("apiextensions.crossplane.io/v1beta1", "EnvironmentConfig", "", "plumbline-blueprint"),
	} {
		t.Run(name, func(t *testing.T) {
			refusesDeletion(t, "No slip of the hand takes down every environment.", o, "first set its annotation plumbline.dev/allow-deletion to true")
		})
	}
	mayGo := object("apiextensions.crossplane.io/v1beta1", "EnvironmentConfig", "", "plumbline-old")
	mayGo.SetAnnotations(map[string]string{"plumbline.dev/allow-deletion": "true"})
	if err := plane.Client().Create(t.Context(), mayGo); err != nil {
		t.Fatal(err)
	}
	if err := plane.Client().Delete(t.Context(), mayGo); err != nil {
		t.Errorf("what was released may go: %v", err)
	}
}

// TestBlueprintProtects deletes claims that say nothing of protection, where the
// Blueprint protects their environment.
func TestBlueprintProtects(t *testing.T) {
	protectStaging(t, true)
	defer protectStaging(t, false)
	silent := commit(t, "{apiVersion: plumbline.dev/v1alpha1, kind: ServiceEnvironment, metadata: {name: vault-staging, namespace: guards}, spec: {service: vault, environment: staging}}")
	becomesReady(t, silent)
	refusesDeletion(t, "A claim is protected by its environment.", silent, "as all of environment staging")
	refusesDeletion(t, "So is what it is made of.", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "vault-staging"}}, "which is protected")

	change(t, silent, func(spec map[string]any) { spec["deletion"] = map[string]any{"protect": false} })
	remove(t, silent)
}

func protectStaging(t *testing.T, protect bool) {
	t.Helper()
	eventually(t, "change the Blueprint", func() string {
		blueprint := object("apiextensions.crossplane.io/v1beta1", "EnvironmentConfig", "", "plumbline-blueprint")
		if missing := get(t, blueprint); missing != "" {
			return missing
		}
		if err := unstructured.SetNestedField(blueprint.Object, protect, "data", "environments", "staging", "protect"); err != nil {
			t.Fatal(err)
		}
		return say(plane.Client().Update(t.Context(), blueprint))
	})
}

// refusesDeletion waits for the words, as a policy is a moment old before the API
// server heeds it. An object that is deleted instead ends the wait at once.
func refusesDeletion(t *testing.T, reason string, o client.Object, want string) {
	t.Helper()
	eventually(t, "refuse to delete", func() string {
		err := plane.Client().Delete(t.Context(), o, client.DryRunAll)
		if err == nil || !strings.Contains(err.Error(), want) {
			return reason + " Want a refusal with " + want + ", got: " + say(err)
		}
		return ""
	})
	if err := plane.Client().Delete(t.Context(), o); err == nil {
		t.Errorf("%s It was deleted.", reason)
	}
}

func object(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": apiVersion, "kind": kind,
		"metadata": map[string]any{"namespace": namespace, "name": name},
	}}
}
