package contract

import (
	"os"
	"strings"
	"testing"

	xpextv1 "github.com/crossplane/crossplane/apis/v2/apiextensions/v1"
	pkgmetav1 "github.com/crossplane/crossplane/apis/v2/pkg/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func read(t *testing.T, file string, into any) {
	t.Helper()
	y, err := os.ReadFile(file) //nolint:gosec // The test chooses what it runs and reads.
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(y, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// TestComposition holds the Composition to the XRD, the function's package and the
// names that the function reads.
func TestComposition(t *testing.T) {
	c := &xpextv1.Composition{}
	if err := yaml.UnmarshalStrict(serviceenvironment.Composition, c); err != nil {
		t.Fatal(err)
	}
	xrd := definition(t)
	if xrd.Spec.EnforcedCompositionRef.Name != c.GetName() {
		t.Errorf("the XRD enforces Composition %q, there is %q", xrd.Spec.EnforcedCompositionRef.Name, c.GetName())
	}
	if want := v1alpha1.XServiceEnvironmentGroupVersionKind; c.Spec.CompositeTypeRef.Kind != want.Kind || c.Spec.CompositeTypeRef.APIVersion != want.GroupVersion().String() {
		t.Errorf("the Composition is for %v, got %v", want, c.Spec.CompositeTypeRef)
	}
	if len(c.Spec.Pipeline) != 1 {
		t.Fatalf("one step is enough, got %d", len(c.Spec.Pipeline))
	}
	step := c.Spec.Pipeline[0]

	configuration := &pkgmetav1.Configuration{}
	read(t, "../../crossplane.yaml", configuration)
	function := &pkgmetav1.Function{}
	read(t, "../../package/function/crossplane.yaml", function)
	provider := &pkgmetav1.Provider{}
	read(t, "../../package/provider/crossplane.yaml", provider)

	packages := map[string]string{}
	for _, d := range configuration.Spec.DependsOn {
		packages[*d.Kind] = *d.Package
	}
	if !strings.HasSuffix(packages["Function"], "/"+function.GetName()) || !strings.HasSuffix(packages["Provider"], "/"+provider.GetName()) {
		t.Errorf("the Configuration depends on %q and %q, got %v", function.GetName(), provider.GetName(), packages)
	}
	// Crossplane names a package that it installs as a dependency after its path.
	_, path, _ := strings.Cut(packages["Function"], "/")
	if got := strings.ReplaceAll(path, "/", "-"); step.FunctionRef.Name != got {
		t.Errorf("the step calls the function as it will be installed, %q, got %q", got, step.FunctionRef.Name)
	}

	required := step.Requirements.RequiredResources
	if len(required) != 1 || required[0].RequirementName != "blueprint" || required[0].Kind != "EnvironmentConfig" || *required[0].Name != "plumbline-blueprint" {
		t.Errorf("the step is given the Blueprint before its first call, got %v", required)
	}
}
