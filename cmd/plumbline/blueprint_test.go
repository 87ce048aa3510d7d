package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestValidateBlueprint(t *testing.T) {
	cases := map[string]struct {
		reason  string
		content string
		want    []string // Found in what is printed and in the error.
	}{
		"EveryMistake": {
			reason:  "Every mistake is told with its file and field, an unknown field as well as a wrong value.",
			content: "kind: EnvironmentConfig\nmetadata: {name: plumbline-blueprint}\ndata: {oops: 1, extras: {mesh: {objects: [{manifest: {kind: Thing}}]}}}\n",
			want:    []string{"data.oops: Forbidden", "data.environments: Required", "data.extras[mesh].objects[0].manifest.metadata.name: Required", "mistakes in"},
		},
		"NoData": {
			reason:  "A Blueprint without data says nothing that it must.",
			content: "kind: EnvironmentConfig\nmetadata: {name: plumbline-blueprint}\n",
			want:    []string{"data.environments: Required"},
		},
		"WrongName": {
			reason:  "What Crossplane would not read is no Blueprint.",
			content: "kind: EnvironmentConfig\nmetadata: {name: mine}\n",
			want:    []string{"plumbline-blueprint"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "b.yaml")
			if err := os.WriteFile(file, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err := validateBlueprintCommand{File: file}.validate(&out)
			if err == nil {
				t.Fatalf("\n%s\nwant an error, so that the exit code is 1; printed:\n%s", tc.reason, &out)
			}
			for _, want := range tc.want {
				if got := out.String() + err.Error(); !strings.Contains(got, want) {
					t.Errorf("\n%s\nwant %q, got:\n%s", tc.reason, want, got)
				}
			}
		})
	}
	t.Run("Example", func(t *testing.T) {
		var out bytes.Buffer
		if err := (validateBlueprintCommand{File: filepath.Join(examples, "blueprint.yaml")}).validate(&out); err != nil || !strings.Contains(out.String(), "no mistakes") {
			t.Errorf("the example has no mistakes, got: %v\n%s", err, &out)
		}
	})
}

func TestExplainBlueprint(t *testing.T) {
	cases := map[string]struct {
		reason string
		field  string
		want   []string
	}{
		"Leaf":    {reason: "A field is said with its type and its values.", field: "environments.tier", want: []string{"environments[<name>].tier (string, required)", "One of Production, NonProduction."}},
		"Mistake": {reason: "A path is taken from a mistake as it is.", field: "data.extras[mesh].objects[0].manifest", want: []string{"extras[<name>].objects[].manifest (object, required)", "It says neither a namespace nor a status."}},
		"Object":  {reason: "An object lists what lies in it.", field: "routing.zones.dns", want: []string{"routing.zones[<name>].dns.target (string, required)", "routing.zones[<name>].dns.ttlSeconds (integer)", "Left out: 300."}},
		"Top":     {reason: "Without a field, the top is listed.", want: []string{"apiVersion (string, required)", "extras (map of object)", "routing (object, required)"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := (explainBlueprintCommand{Field: tc.field}).explain(&out); err != nil {
				t.Fatalf("\n%s\nexplain(...): %v", tc.reason, err)
			}
			for _, want := range tc.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("\n%s\nwant %q, got:\n%s", tc.reason, want, &out)
				}
			}
		})
	}
	err := explainBlueprintCommand{Field: "environments[prod].teir"}.explain(&bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "environments[<name>].tier") {
		t.Errorf("a misspelt field is answered with those there are, got: %v", err)
	}
}
