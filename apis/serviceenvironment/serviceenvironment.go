// Package serviceenvironment holds the platform's API as Crossplane installs it:
// definition.yaml, whose schema is generated from the Go types in v1alpha1, and
// composition.yaml, which runs the function.
package serviceenvironment

import _ "embed"

// Definition is the XRD.
//
//go:embed definition.yaml
var Definition []byte

// Composition runs the function.
//
//go:embed composition.yaml
var Composition []byte
