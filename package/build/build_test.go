package build

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

const root = "../.."

func TestPackages(t *testing.T) {
	for _, p := range Packages() {
		t.Run(p.Name, func(t *testing.T) {
			img := image(t, p)
			again := image(t, p)
			if diff := cmp.Diff(digest(t, img), digest(t, again)); diff != "" {
				t.Errorf("the same sources make the same bytes: -first, +second:\n%s", diff)
			}
			checkRuntime(t, p, img)
			checkContent(t, p, img)
		})
	}
}

// checkRuntime holds the image to what a restricted Pod may run.
func checkRuntime(t *testing.T, p Package, img v1.Image) {
	t.Helper()
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if p.Program == "" {
		return
	}
	want := []any{"linux", runtime.GOARCH, []string{"/" + p.Name}, nobody}
	got := []any{config.OS, config.Architecture, config.Config.Entrypoint, config.Config.User}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the image runs the package's program as nobody: -want, +got:\n%s", diff)
	}
}

// checkContent looks for what Crossplane reads: one layer, annotated as the
// package, with the objects.
func checkContent(t *testing.T, p Package, img v1.Image) {
	t.Helper()
	manifest, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	annotated := 0
	for _, l := range manifest.Layers {
		if l.Annotations["io.crossplane.xpkg"] == "base" {
			annotated++
		}
	}
	if annotated != 1 {
		t.Errorf("Crossplane finds the package in one annotated layer, got %d", annotated)
	}
	files := mutate.Extract(img)
	defer files.Close() //nolint:errcheck // It is read to its end.
	content, err := io.ReadAll(files)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"function-service-environment":      "kind: Function",
		"provider-plumbline":                "indices.elasticsearch.plumbline.dev",
		"configuration-service-environment": "kind: CompositeResourceDefinition",
	}[p.Name]
	if !strings.Contains(string(content), want) {
		t.Errorf("package %s contains %q", p.Name, want)
	}
}

// TestLint packs what Crossplane would refuse.
func TestLint(t *testing.T) {
	const configuration = "apiVersion: meta.pkg.crossplane.io/v1\nkind: Configuration\nmetadata: {name: c}\n"
	cases := map[string]struct {
		reason string
		source string
		want   string
	}{
		"ForeignObject": {
			reason: "A Configuration holds no ClusterRole: Crossplane would drop it.",
			source: configuration + "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n",
			want:   "cannot build package broken",
		},
		"TwoPackages": {
			reason: "A package has one metadata object.",
			source: configuration + "---\n" + configuration,
			want:   "cannot build package broken",
		},
		"NoFile": {
			reason: "A source that matches no file is a mistake, not an empty package.",
			want:   "cannot find any file",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if tc.source != "" {
				if err := os.WriteFile(filepath.Join(dir, "crossplane.yaml"), []byte(tc.source), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Package{Name: "broken", Sources: []string{"crossplane.yaml"}}.Image(t.Context(), dir, runtime.GOARCH)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("\n%s\nImage(...): want an error with %q, got: %v", tc.reason, tc.want, err)
			}
		})
	}
}

func image(t *testing.T, p Package) v1.Image {
	t.Helper()
	img, err := p.Image(t.Context(), root, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func digest(t *testing.T, img v1.Image) string {
	t.Helper()
	d, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d.String()
}
