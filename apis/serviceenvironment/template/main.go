// Program template writes the forms of examples/backstage from the schema in
// definition.yaml: what may be asked, and how an answer becomes a claim. It runs where
// "go generate ./apis" runs it, in the folder apis.
//
// In each template.yaml it writes what follows the line that says so; the lines before
// it are a platform team's own.
package main

import (
	"fmt"
	"os"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/internal/generate"
)

const (
	create   = "../examples/backstage/create/template.yaml"
	edit     = "../examples/backstage/edit/template.yaml"
	skeleton = "../examples/backstage/create/skeleton/teams/${{ values.team }}/${{ values.spec.environment }}/${{ values.spec.service }}.yaml"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "template:", err)
		os.Exit(1)
	}
}

func run() error {
	schema, err := generate.Schema()
	if err != nil {
		return err
	}
	spec := schema["spec"]
	if err := generate.WriteAfter(create, pages(spec, forNew)); err != nil {
		return err
	}
	if err := generate.WriteAfter(edit, pages(spec, forChange)); err != nil {
		return err
	}
	return os.WriteFile(skeleton, claim(spec), 0o644) //nolint:gosec // It is source, which everybody may read.
}
