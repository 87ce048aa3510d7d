package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/catalog"
)

const twoTeams = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: a, namespace: payments}
spec: {service: checkout, environment: dev}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: something-else}
---
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: b, namespace: shop}
spec: {service: web, environment: dev}
`

func entitiesOf(t *testing.T, c printCatalogCommand, in string) []catalog.Entity {
	t.Helper()
	var out bytes.Buffer
	c.Output = "json"
	if err := c.print(t.Context(), strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	var entities []catalog.Entity
	if err := json.Unmarshal(out.Bytes(), &entities); err != nil {
		t.Fatal(err)
	}
	return entities
}

// TestCatalogOfExamples holds that every example has an entity for what its resources
// say that a developer looks for.
func TestCatalogOfExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/claim.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("cannot find examples: %v", err)
	}
	for _, file := range files {
		resources, err := os.ReadFile(filepath.Join(filepath.Dir(file), "resources.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		entities := entitiesOf(t, printCatalogCommand{Paths: []string{file}, Blueprint: "../../examples/blueprint.yaml"}, "")
		for kind, entityType := range map[string]string{
			"Namespace": catalog.TypeNamespace, "Group": catalog.TypeGroup, "Index": catalog.TypeIndex, "DataStream": catalog.TypeStream, "Certificate": catalog.TypeCertificate, "DNSEndpoint": catalog.TypeRoute,
		} {
			want := strings.Count(string(resources), "\nkind: "+kind+"\n")
			got := len(slices.DeleteFunc(slices.Clone(entities), func(e catalog.Entity) bool { return e.Spec.Type != entityType }))
			if got != want {
				t.Errorf("%s: each %s is an entity: want %d, got %d", file, kind, want, got)
			}
		}
	}
}

func TestCatalogOfTeams(t *testing.T) {
	if got := entitiesOf(t, printCatalogCommand{Paths: []string{"-"}}, twoTeams); len(got) != 8 {
		t.Errorf("what is not Plumbline's is passed over, and each claim has Component, System, namespace and group, got %d", len(got))
	}
	for _, e := range entitiesOf(t, printCatalogCommand{Paths: []string{"-"}, Team: "shop"}, twoTeams) {
		if e.Spec.Owner != "group:default/shop" {
			t.Errorf("a team's entities are its own, got %s of %s", e.Ref(), e.Spec.Owner)
		}
	}
}

func TestCatalogMistakes(t *testing.T) {
	same := strings.Replace(twoTeams, "service: web", "service: checkout", 1)
	cases := map[string]struct{ reason, in, config, want string }{
		"SameEnvironment": {"Two claims for one environment would be one entity", same, "", `shop/b: environment "checkout-dev" is that of payments/a already`},
		"Refused":         {"A claim that is refused becomes nothing", strings.Replace(twoTeams, "environment: dev", "environment: nowhere", 1), "", "payments/a: refused as InvalidClaim"},
		"Config":          {"A wrong config is no config", twoTeams, "owner: 'a b'", "owner"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := printCatalogCommand{Paths: []string{"-"}, Output: "yaml"}
			if tc.config != "" {
				c.Config = filepath.Join(t.TempDir(), "catalog.yaml")
				if err := os.WriteFile(c.Config, []byte(tc.config), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out bytes.Buffer
			err := c.print(t.Context(), strings.NewReader(tc.in), &out)
			if err == nil || !strings.Contains(err.Error(), tc.want) || out.Len() > 0 {
				t.Errorf("%s: want %q and nothing printed, got %v and %q", tc.reason, tc.want, err, out.String())
			}
		})
	}
}

// TestCatalogConfigExample holds the file that people copy.
func TestCatalogConfigExample(t *testing.T) {
	if _, err := readCatalogConfig("../../examples/backstage/catalog.yaml"); err != nil {
		t.Error(err)
	}
}
