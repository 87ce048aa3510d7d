package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

// A rendering is what one claim becomes.
type rendering struct {
	title  string
	result rehearsal.Result
}

// printYAML prints the resources in the order a user meets them.
func printYAML(out io.Writer, renderings []rendering) error {
	for _, r := range renderings {
		for _, resource := range r.result.Resources {
			y, err := yaml.Marshal(resource.Object)
			if err != nil {
				return fmt.Errorf("cannot print %q of %s: %w", resource.Part, r.title, err)
			}
			if _, err := fmt.Fprintf(out, "---\n%s", y); err != nil {
				return err
			}
		}
	}
	return nil
}

// printTable lists the resources, and what the claim would say.
func printTable(out io.Writer, renderings []rendering) error {
	for _, r := range renderings {
		_, _ = fmt.Fprintf(out, "%s: %s\n\n", r.title, r.result.Status.Summary)
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		_, _ = fmt.Fprintln(table, "PASS\tKIND\tNAMESPACE\tNAME")
		for _, resource := range r.result.Resources {
			u := unstructured.Unstructured{Object: resource.Object}
			_, _ = fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", resource.Pass, u.GetKind(), cmp.Or(u.GetNamespace(), "-"), u.GetName())
		}
		if err := table.Flush(); err != nil {
			return err
		}
		for _, url := range endpoints(r.result) {
			_, _ = fmt.Fprintf(out, "\n%s", url)
		}
		_, _ = fmt.Fprintln(out)
	}
	return nil
}

func endpoints(r rehearsal.Result) []string {
	if r.Status.Endpoints == nil {
		return nil
	}
	return r.Status.Endpoints.URLs
}
