package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// show prints what became of each claim, and how to look further.
func show(ctx context.Context, p place) error {
	f, err := readFacts(p)
	if err != nil {
		return err
	}
	k, err := connect(p)
	if err != nil {
		return err
	}
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(platform.GroupVersion.WithKind("ServiceEnvironmentList"))
	if err := k.List(ctx, list); err != nil {
		return errors.Wrap(err, "cannot list claims")
	}
	for _, item := range list.Items {
		c := &claim.Unstructured{Unstructured: item}
		if err := printClaim(os.Stdout, f, c); err != nil {
			return errors.Wrap(err, "cannot print claim")
		}
		if err := printNeighbours(ctx, os.Stdout, k, p, f, c); err != nil {
			return err
		}
	}
	printLeftOut(os.Stdout, f)
	if f.Company != nil {
		printCompany(os.Stdout, *f.Company)
	}
	fmt.Printf("\nLook further:\n\n")
	fmt.Printf("  export KUBECONFIG=%s\n", p.kubeconfig())
	fmt.Printf("  %s get serviceenvironments -A\n", kubectl(p))
	fmt.Printf("\nStop it with: %s\n", p.stop())
	return nil
}

// printClaim prints a claim's own words on what it became, and what waits for a neighbour
// that was left out.
func printClaim(out io.Writer, f facts, c *claim.Unstructured) error {
	mark := "✗"
	if f.settled(c) {
		mark = "–"
	}
	if ready(c) {
		mark = "✓"
	}
	status := statusOf(c)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "\n%s %s/%s: %s\n", mark, c.GetNamespace(), c.GetName(), status.Summary)
	_, _ = fmt.Fprintln(w, "  KIND\tNAME\tSTATE\tMESSAGE")
	for _, r := range status.Resources {
		message := r.Message
		if name, left := f.missed(r); left {
			message += " (" + name + " was left out)"
		}
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", r.Kind, r.Name, r.State, message)
	}
	return w.Flush()
}

func ready(c *claim.Unstructured) bool {
	return c.GetCondition(xpv2.TypeReady).Status == corev1.ConditionTrue
}

// statusOf returns a claim's status, empty while there is none.
func statusOf(c *claim.Unstructured) platform.ServiceEnvironmentStatus {
	out := platform.ServiceEnvironment{}
	_ = runtime.DefaultUnstructuredConverter.FromUnstructured(c.Object, &out)
	return out.Status
}

// kubectl is the one that was built here: the machine may have none.
func kubectl(p place) string { return filepath.Join(p.root, ".cache", "bin", "kubectl") }
