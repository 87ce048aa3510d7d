package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

const (
	examples = "../../examples"
	right    = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: ledger-dev, namespace: payments}
spec: {service: ledger, environment: dev}
`
)

// render runs the command on what stands on its standard input.
func render(t *testing.T, stdin string, args ...string) (out, problems string, err error) {
	t.Helper()
	p := program{}
	parser, err := kong.New(&p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"render"}, args...)); err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	err = p.Render.render(strings.NewReader(stdin), &o, &e)
	return o.String(), e.String(), err
}

func TestRenderIsWhatTheExamplesSay(t *testing.T) {
	want, err := os.ReadFile(filepath.Join(examples, "production", "resources.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := render(t, "", "-f", filepath.Join(examples, "production", "claim.yaml"), "--blueprint", filepath.Join(examples, "blueprint.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the command prints what the example promises: -want, +got:\n%s", diff)
	}
	if !strings.HasPrefix(got, "---\napiVersion: v1\nkind: Namespace\n") {
		t.Error("the namespace comes first, and apiVersion and kind before the rest")
	}
}

// BenchmarkRender renders the largest example, from its files to its YAML.
func BenchmarkRender(b *testing.B) {
	c := renderCommand{
		File: filepath.Join(examples, "production", "claim.yaml"), Blueprint: filepath.Join(examples, "blueprint.yaml"), Output: "yaml",
	}
	for b.Loop() {
		if err := c.render(strings.NewReader(""), io.Discard, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func TestRenderTable(t *testing.T) {
	got, _, err := render(t, right+"---\n"+strings.ReplaceAll(right, "ledger", "basket"), "-f", "-", "-o", "table")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"payments/ledger-dev: ledger-dev is ready", "payments/basket-dev: basket-dev is ready", "1      Namespace", "2      Group", "3      RoleBinding"} {
		if !strings.Contains(got, want) {
			t.Errorf("the table of two claims says %q, got:\n%s", want, got)
		}
	}
}

func TestRenderMistakes(t *testing.T) {
	blueprint := filepath.Join(t.TempDir(), "blueprint.yaml")
	write := func(content string) string {
		if err := os.WriteFile(blueprint, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return blueprint
	}
	cases := map[string]struct {
		reason string
		stdin  string
		args   []string
		want   []string
	}{
		"EveryMistake": {
			reason: "All mistakes of all claims are told at once, each with its claim and field; what is right is not printed beside them.",
			stdin:  right + "---\n" + strings.NewReplacer("environment: dev", "environment: moon, size: huge", "ledger-dev", "ledger-moon").Replace(right),
			want:   []string{"payments/ledger-moon: InvalidClaim: spec.environment:", "payments/ledger-moon: InvalidClaim: spec.size:", "cannot render 1 of 2 claims"},
		},
		"UnknownField": {
			reason: "A misspelt field is an error, and every one is named.",
			stdin:  strings.Replace(right, "environment: dev", "environment: dev, sice: small, search: {index: []}", 1),
			want:   []string{`unknown field "spec.sice"`, `unknown field "spec.search.index"`},
		},
		"WrongKind": {
			reason: "What is no claim is said to be none.",
			stdin:  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
			want:   []string{"want kind ServiceEnvironment of plumbline.dev/v1alpha1, found kind ConfigMap of v1"},
		},
		"Nothing": {
			reason: "A file without claims is a mistake, not an empty success.",
			stdin:  "# nothing here\n",
			want:   []string{"cannot find a ServiceEnvironment"},
		},
		"WrongBlueprint": {
			reason: "A wrong Blueprint is told by field as well.",
			stdin:  right,
			args:   []string{"--blueprint", write("kind: EnvironmentConfig\nmetadata: {name: plumbline-blueprint}\ndata: {oops: 1}\n")},
			want:   []string{"InvalidBlueprint: data.oops: Forbidden", "InvalidBlueprint: data.environments: Required"},
		},
		"NoFile": {
			reason: "A file that is not there is named.",
			args:   []string{"-f", "nowhere.yaml"},
			want:   []string{"nowhere.yaml"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			out, problems, err := render(t, tc.stdin, append([]string{"-f", "-"}, tc.args...)...)
			if err == nil || out != "" {
				t.Fatalf("\n%s\nwant an error and nothing printed, got: %v\n%s", tc.reason, err, out)
			}
			for _, want := range tc.want {
				if got := problems + err.Error(); !strings.Contains(got, want) {
					t.Errorf("\n%s\nwant %q, got:\n%s", tc.reason, want, got)
				}
			}
		})
	}
}

// TestRenderMachinery holds that what Crossplane writes into a claim, or lets a user
// write, does not matter here.
func TestRenderMachinery(t *testing.T) {
	claim := strings.Replace(right, "environment: dev", "environment: dev, compositeDeletePolicy: Background, resourceRef: {kind: XServiceEnvironment}", 1)
	if _, problems, err := render(t, claim, "-f", "-"); err != nil {
		t.Errorf("fields of Crossplane's own are no mistake, got: %v\n%s", err, problems)
	}
}

// TestRenderOtherBlueprint holds that only the EnvironmentConfig that Crossplane
// would read is taken for a Blueprint.
func TestRenderOtherBlueprint(t *testing.T) {
	file := filepath.Join(t.TempDir(), "b.yaml")
	if err := os.WriteFile(file, []byte("kind: EnvironmentConfig\nmetadata: {name: mine}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := render(t, right, "-f", "-", "--blueprint", file); err == nil || !strings.Contains(err.Error(), "plumbline-blueprint") {
		t.Errorf("a Blueprint that Crossplane would not read is refused by name, got: %v", err)
	}
}
