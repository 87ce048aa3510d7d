package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// validate runs the command on what stands on its standard input.
func validate(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	p := program{}
	parser, err := kong.New(&p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"validate"}, args...)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = p.Validate.validate(strings.NewReader(stdin), &out)
	return out.String(), err
}

func TestValidateExamples(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(examples, "*", "claim.yaml"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("cannot find the examples: %v", err)
	}
	args := []string{"--blueprint", filepath.Join(examples, "blueprint.yaml")}
	for _, claim := range folders {
		args = append(args, filepath.Dir(claim))
	}
	got, err := validate(t, "", args...)
	if err != nil || !strings.HasPrefix(got, "found no mistake in ") {
		t.Errorf("the examples are right together, and what else lies beside the claims is passed over, got: %v\n%s", err, got)
	}
}

func TestValidate(t *testing.T) {
	const wrong = `# Comment
kind: ConfigMap
---
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: a, namespace: payments}
spec:
  service: ledger
  environment: moon
  tags:
    "cost. center": "a b"
  routes:
  - host: ledger.dev.example.com
    service: web
    port: 70000
`
	const claims = `apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: one, namespace: payments}
spec: {service: ledger, environment: dev, routes: [{host: a.dev.example.com, path: /x, service: web, port: 80}, {host: a.dev.example.com, path: /y, service: web, port: 80}]}
---
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: two, namespace: shop}
spec:
  service: ledger
  environment: dev
---
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: one, namespace: payments}
spec:
  service: basket
  environment: dev
  routes:
  - {host: a.dev.example.com, service: web, port: 80}
`
	cases := map[string]struct {
		reason string
		stdin  string
		want   []string // Of each mistake its line and how it begins.
	}{
		"Places": {
			reason: "Each mistake is told with the line of its field in the file, comments and other documents counted.",
			stdin:  wrong,
			want: []string{
				`standard input:9: payments/a: spec.environment: Unsupported value: "moon"`,
				`standard input:10: payments/a: spec.tags: Invalid value: "cost. center"`,
				`standard input:11: payments/a: spec.tags[cost. center]: Invalid value: "a b"`,
				`standard input:15: payments/a: spec.routes[0].port: Invalid value: 70000`,
			},
		},
		"Misspelt": {
			reason: "A field or kind that is misspelt is a mistake; what is not Plumbline's is passed over.",
			stdin:  strings.NewReplacer("environment: moon", "enviro: dev").Replace(wrong) + "---\n" + strings.ReplaceAll(right, "ServiceEnvironment", "ServiceEnviroment"),
			want: []string{
				`standard input:9: payments/a: spec.enviro: unknown field`,
				`standard input:18: payments/ledger-dev: want kind ServiceEnvironment`,
			},
		},
		"Together": {
			reason: "Two claims that want the same name or host are found, and the second is told who has it; two paths of one host are one host.",
			stdin:  claims,
			want: []string{
				`standard input:10: shop/two: spec.service: environment ledger-dev belongs to payments/one in standard input`,
				`standard input:15: payments/one: metadata.name: ServiceEnvironment payments/one belongs to payments/one in standard input`,
				`standard input:20: payments/one: spec.routes[0].host: host a.dev.example.com belongs to payments/one in standard input`,
			},
		},
		"Unreadable": {
			reason: "A document that is no YAML hides no other.",
			stdin:  "a: b: c\n---\n" + strings.ReplaceAll(right, "environment: dev", "environment: moon"),
			want:   []string{`standard input:1: cannot read standard input from line 1`, `standard input:7: payments/ledger-dev: spec.environment`},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			out, err := validate(t, tc.stdin, "-")
			if err == nil {
				t.Errorf("\n%s\nwant an error, as it ends the command with 1", tc.reason)
			}
			got := strings.Split(strings.TrimSpace(out), "\n")
			if len(got) != len(tc.want) {
				t.Fatalf("\n%s\nwant %d mistakes, got:\n%s", tc.reason, len(tc.want), out)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], tc.want[i]) {
					t.Errorf("\n%s\nwant %q, got %q", tc.reason, tc.want[i], got[i])
				}
			}
		})
	}
}

func TestValidateLifetime(t *testing.T) {
	overdue := strings.ReplaceAll(right, "environment: dev", "environment: dev, lifetime: {expires: 2020-02-29}")
	for format, want := range map[string]string{
		"text":   "standard input:5: warning: payments/ledger-dev: spec.lifetime.expires: ended on 2020-02-29; delete the claim",
		"github": "::warning file=standard input,line=5,title=Lifetime::payments/ledger-dev: spec.lifetime.expires: ended",
		"sarif":  `"level": "warning"`,
		"json":   `"level": "warning"`,
	} {
		out, err := validate(t, overdue, "-", "-o", format)
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("a day that has come is told in %s and fails no pipeline: want %q, got %v\n%s", format, want, err, out)
		}
	}
}

func TestValidateWrongBlueprint(t *testing.T) {
	blueprint := filepath.Join(t.TempDir(), "blueprint.yaml")
	if err := os.WriteFile(blueprint, []byte("kind: EnvironmentConfig\nmetadata: {name: plumbline-blueprint}\ndata: {oops: 1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := validate(t, right+"---\n"+strings.ReplaceAll(right, "ledger", "basket"), "-", "--blueprint", blueprint)
	if err == nil || strings.Count(out, "data.oops") != 1 || !strings.HasPrefix(out, blueprint+":1: data.oops: Forbidden") {
		t.Errorf("a mistake of the Blueprint is told once, at the Blueprint, got: %v\n%s", err, out)
	}
}

func TestValidateFormats(t *testing.T) {
	wrong := strings.ReplaceAll(right, "environment: dev", `environment: "100%,"`)
	github, _ := validate(t, wrong, "-", "-o", "github")
	if want := `::error file=standard input,line=5,title=InvalidClaim::payments/ledger-dev: spec.environment: `; !strings.HasPrefix(github, want) || !strings.Contains(github, "100%25,") {
		t.Errorf("GitHub reads %q with its escapes, got %q", want, github)
	}
	var log struct {
		Version string `json:"version"`
		Runs    []struct {
			Results []struct {
				RuleID    string `json:"ruleId"`
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct {
							URI string `json:"uri"`
						} `json:"artifactLocation"`
						Region struct {
							StartLine int `json:"startLine"`
						} `json:"region"`
					} `json:"physicalLocation"`
				} `json:"locations"`
			} `json:"results"`
		} `json:"runs"`
	}
	sarif, _ := validate(t, wrong, "-", "-o", "sarif")
	if err := json.Unmarshal([]byte(sarif), &log); err != nil {
		t.Fatal(err)
	}
	result := log.Runs[0].Results[0]
	got := []any{log.Version, result.RuleID, result.Locations[0].PhysicalLocation.ArtifactLocation.URI, result.Locations[0].PhysicalLocation.Region.StartLine}
	if diff := cmp.Diff([]any{"2.1.0", "InvalidClaim", "standard input", 5}, got); diff != "" {
		t.Errorf("code scanning reads what and where: -want, +got:\n%s", diff)
	}
	var machine struct {
		Claims   int       `json:"claims"`
		Mistakes []mistake `json:"mistakes"`
	}
	asJSON, err := validate(t, right, "-", "-o", "json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(asJSON), &machine); err != nil || machine.Claims != 1 || machine.Mistakes == nil {
		t.Errorf("a program gets a count and a list, which may be empty, got %v: %s", err, asJSON)
	}
}
