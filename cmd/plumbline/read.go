package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"

	"github.com/crossplane/crossplane-runtime/v2/pkg/xcrd"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

const (
	standardInput   = "-"
	blueprintName   = "plumbline-blueprint"
	blueprintConfig = "EnvironmentConfig"
)

// readClaims reads the claims of a file. Everything else in it is an error, as a
// claim whose kind is misspelt would else be passed over in silence.
func readClaims(file string, stdin io.Reader) ([]*v1alpha1.ServiceEnvironment, error) {
	documents, err := readDocuments(file, stdin)
	if err != nil {
		return nil, err
	}
	var claims []*v1alpha1.ServiceEnvironment
	for _, d := range documents {
		raw, err := d.raw()
		if err != nil {
			return nil, err
		}
		if len(raw) == 0 {
			continue
		}
		claim, err := readClaim(raw)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s from line %d: %w", d.file, d.first, err)
		}
		claims = append(claims, claim)
	}
	if len(claims) == 0 {
		return nil, fmt.Errorf("cannot find a ServiceEnvironment in %q", file)
	}
	return claims, nil
}

// isClaim says whether a document is a claim, as far as it says so itself.
func isClaim(raw map[string]any) bool {
	want := v1alpha1.ServiceEnvironmentGroupVersionKind
	return raw["kind"] == want.Kind && raw["apiVersion"] == want.GroupVersion().String()
}

// readClaim reads the claim that a document holds.
func readClaim(raw map[string]any) (*v1alpha1.ServiceEnvironment, error) {
	if want := v1alpha1.ServiceEnvironmentGroupVersionKind; !isClaim(raw) {
		return nil, fmt.Errorf("want kind %s of %s, found kind %v of %v", want.Kind, want.GroupVersion(), raw["kind"], raw["apiVersion"])
	}
	if spec, ok := raw["spec"].(map[string]any); ok {
		// Crossplane gives every claim some fields of its own, which do not matter here.
		maps.DeleteFunc(spec, func(key string, _ any) bool {
			_, machinery := xcrd.CompositeResourceClaimSpecProps(nil)[key]
			return machinery
		})
	}
	claim := &v1alpha1.ServiceEnvironment{}
	if err := decodeStrictly(raw, claim); err != nil {
		return nil, err
	}
	claim.Namespace = cmp.Or(claim.Namespace, "default")
	return claim, nil
}

// decodeStrictly finds every field that the type does not know.
func decodeStrictly(raw map[string]any, into any) error {
	data, err := json.Marshal(raw)
	if err != nil {
		return err
	}
	unknown, err := kjson.UnmarshalStrict(data, into)
	return cmp.Or(err, errors.Join(unknown...))
}

// readBlueprint reads an EnvironmentConfig. The function checks what is in it.
func readBlueprint(file string) (map[string]any, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // No file is the built-in Blueprint.
	}
	document, err := os.ReadFile(file) //nolint:gosec // The user names the file to read.
	if err != nil {
		return nil, err
	}
	var raw map[string]any
	if err := yaml.Unmarshal(bytes.TrimSpace(document), &raw); err != nil {
		return nil, fmt.Errorf("cannot read %q: %w", file, err)
	}
	metadata, _ := raw["metadata"].(map[string]any)
	if raw["kind"] != blueprintConfig || metadata["name"] != blueprintName {
		return nil, fmt.Errorf("cannot use %q as a Blueprint: want %s %q, found %v %q", file, blueprintConfig, blueprintName, raw["kind"], metadata["name"])
	}
	return raw, nil
}
