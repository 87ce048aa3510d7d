package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	pkgv1beta1 "github.com/crossplane/crossplane/apis/v2/pkg/v1beta1"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// TestRuntime holds how Crossplane is told to run the provider to what the provider
// understands, and to what keeps it from doing harm.
func TestRuntime(t *testing.T) {
	b, err := os.ReadFile("../package/runtime/provider.yaml")
	if err != nil {
		t.Fatal(err)
	}
	docs := bytes.Split(b, []byte("\n---\n"))
	config, image := &pkgv1beta1.DeploymentRuntimeConfig{}, &pkgv1beta1.ImageConfig{}
	if len(docs) != 2 {
		t.Fatalf("want 2 objects, got %d", len(docs))
	}
	for i, into := range []any{config, image} {
		if err := yaml.UnmarshalStrict(docs[i], into); err != nil {
			t.Fatal(err)
		}
	}
	if ref := image.Spec.Runtime.ConfigReference; ref.Name != config.Name {
		t.Errorf("\nThe image leads to the configuration.\nwant %s, got %s", config.Name, ref.Name)
	}
	deployment := config.Spec.DeploymentTemplate.Spec
	pod := deployment.Template.Spec
	c := pod.Containers[0]

	f := flags{}
	parser, err := kong.New(&f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(c.Args); err != nil {
		t.Errorf("\nThe provider understands its flags.\n%v", err)
	}
	if *deployment.Replicas > 1 && !f.LeaderElection {
		t.Error("Several replicas elect a leader.")
	}
	if c.Name != "package-runtime" {
		t.Errorf("\nCrossplane knows the container by its name.\n%s", c.Name)
	}
	for probe, path := range map[*corev1.Probe]string{c.LivenessProbe: "/healthz", c.ReadinessProbe: "/readyz"} {
		if probe.HTTPGet.Path != path || !strings.HasSuffix(f.HealthAddress, ":8081") || c.Ports[0].ContainerPort != 8081 {
			t.Errorf("\nA probe asks where the provider answers.\n%+v, %s", probe.HTTPGet, f.HealthAddress)
		}
	}
	want := &corev1.SecurityContext{
		AllowPrivilegeEscalation: new(false), ReadOnlyRootFilesystem: new(true), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
	if diff := cmp.Diff(want, c.SecurityContext); diff != "" {
		t.Errorf("\nThe container can do nothing but its work.\n-want, +got:\n%s", diff)
	}
	if !*pod.SecurityContext.RunAsNonRoot || *pod.SecurityContext.RunAsUser == 0 || pod.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("\nThe Pod meets the level restricted.\n%+v", pod.SecurityContext)
	}
	if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
		t.Errorf("\nWhat it takes is bounded.\n%+v", c.Resources)
	}
}

// TestFlags holds docs/provider.md to the flags that there are.
func TestFlags(t *testing.T) {
	b, err := os.ReadFile("../docs/provider.md")
	if err != nil {
		t.Fatal(err)
	}
	parser, err := kong.New(&flags{})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, f := range parser.Model.Flags {
		if f.Name == "help" {
			continue
		}
		fallback := f.Default
		if f.IsBool() && fallback == "" {
			fallback = "false"
		}
		want = append(want, "| `--"+f.Name+"` | `"+f.Envs[0]+"` | `"+fallback+"` | "+f.Help+" |")
	}
	var got []string
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "| `--") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\ndocs/provider.md has every flag, with its default and its words.\n-want, +got:\n%s", diff)
	}
}
