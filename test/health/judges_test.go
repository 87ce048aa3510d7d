package health

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/argo-cd/v3/util/settings"
	"github.com/argoproj/gitops-engine/pkg/health"
	"github.com/fluxcd/cli-utils/pkg/kstatus/polling/engine"
	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	"github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/yaml"
)

const (
	argocdFile = "../../package/health/argocd.yaml"
	fluxFile   = "../../package/health/flux.yaml"
)

// A judge says in its own words how an object is.
type judge func(t *testing.T, o *unstructured.Unstructured) string

// argocd is Argo CD with our ConfigMap, read as its own controller reads it.
func argocd(t *testing.T) judge {
	t.Helper()
	logrus.SetOutput(io.Discard)
	config := &corev1.ConfigMap{}
	if err := yaml.UnmarshalStrict(file(t, argocdFile), config); err != nil {
		t.Fatalf("cannot read %s: %v", argocdFile, err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: common.ArgoCDSecretName, Namespace: config.Namespace, Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"}},
		Data:       map[string][]byte{"server.secretkey": []byte("unused")},
	}
	overrides, err := settings.NewSettingsManager(t.Context(), fake.NewClientset(config, secret), config.Namespace).GetResourceOverrides()
	if err != nil {
		t.Fatalf("Argo CD cannot read %s: %v", argocdFile, err)
	}
	return func(t *testing.T, o *unstructured.Unstructured) string {
		t.Helper()
		got, err := health.GetResourceHealth(o, lua.ResourceHealthOverrides(overrides))
		if err != nil {
			t.Fatalf("Argo CD cannot judge %s %q: %v", o.GetKind(), o.GetName(), err)
		}
		if got == nil {
			return "without health"
		}
		return string(got.Status)
	}
}

// flux is Flux with our expressions. What it cannot evaluate it calls Unknown, and waits.
func flux(t *testing.T) judge {
	t.Helper()
	var kustomization struct {
		Spec struct {
			HealthCheckExprs []kustomize.CustomHealthCheck `json:"healthCheckExprs"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(file(t, fluxFile), &kustomization); err != nil {
		t.Fatalf("cannot read %s: %v", fluxFile, err)
	}
	readers := map[schema.GroupKind]engine.StatusReader{}
	for _, check := range kustomization.Spec.HealthCheckExprs {
		evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
		if err != nil {
			t.Fatalf("Flux cannot read the expressions for %s: %v", check.Kind, err)
		}
		kind := schema.FromAPIVersionAndKind(check.APIVersion, check.Kind).GroupKind()
		readers[kind] = cel.NewStatusReader(t.Context(), nil, kind, evaluator)
	}
	return func(t *testing.T, o *unstructured.Unstructured) string {
		t.Helper()
		reader, found := readers[o.GroupVersionKind().GroupKind()]
		if !found {
			return "without health"
		}
		got, err := reader.ReadStatusForObject(context.Background(), nil, o)
		if err != nil {
			t.Fatalf("Flux cannot judge %s %q: %v", o.GetKind(), o.GetName(), err)
		}
		return got.Status.String()
	}
}

// kstatus is Flux, and whoever else goes by kstatus, without our expressions.
func kstatus(t *testing.T, o *unstructured.Unstructured) string {
	t.Helper()
	got, err := status.Compute(o)
	if err != nil {
		t.Fatalf("kstatus cannot judge %s %q: %v", o.GetKind(), o.GetName(), err)
	}
	return got.Status.String()
}

func file(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
