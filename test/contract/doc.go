// Package contract holds the parts of the project to each other that the compiler
// cannot: the XRD to the Go types, the examples to the CRDs that Crossplane makes of
// it, the function's rules to the schema's, the Composition to the packages.
package contract
