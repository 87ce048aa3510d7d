package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// A neighbour may be left out. Claims then wait for what it would do.
type neighbour struct {
	name  string
	kinds []string // Of what waits for it.
	loss  string   // What is not shown then.
}

func neighbours() []neighbour {
	return []neighbour{
		{controlplane.CertManager, []string{"Certificate", "Ingress", "HTTPRoute"}, "no certificate is issued, and Kong serves no route whose host has none"},
		{controlplane.DNS, []string{"DNSEndpoint", "Lookup"}, "no record is published, and no name is resolved"},
		{controlplane.Kong, []string{"Ingress", "HTTPRoute"}, "no gateway serves a route"},
	}
}

// missed names the neighbour that a resource waits for, if that was left out.
func (f facts) missed(r platform.ResourceStatus) (name string, left bool) {
	// A Gateway without its certificate refuses routes; all else that fails has another cause.
	if r.State == platform.ResourceReady || r.State == platform.ResourceFailed && r.Reason != "RouteRefused" {
		return "", false
	}
	for _, n := range neighbours() {
		if slices.Contains(n.kinds, r.Kind) && slices.Contains(f.Without, n.name) {
			return n.name, true
		}
	}
	return "", false
}

// settled says whether a claim is Ready, but for what waits for a neighbour that was left
// out.
func (f facts) settled(c *claim.Unstructured) bool {
	return ready(c) || len(f.Without) > 0 && each(c, f.made)
}

// served says whether each thing of a claim serves its users, but for what waits for a
// neighbour that was left out. A claim is Ready before that: while a Service of the
// developer's is missing, and for a moment after it has come.
func (f facts) served(c *claim.Unstructured) bool {
	return each(c, func(r platform.ResourceStatus) bool { return f.made(r) && r.Reason != "ServiceMissing" })
}

// made says whether a thing is Ready, or waits for a neighbour that was left out.
func (f facts) made(r platform.ResourceStatus) bool {
	_, left := f.missed(r)
	return r.State == platform.ResourceReady || left
}

// each says whether something is so of each thing of a claim, as soon as there are any.
func each(c *claim.Unstructured, is func(platform.ResourceStatus) bool) bool {
	resources := statusOf(c).Resources
	return len(resources) > 0 && !slices.ContainsFunc(resources, func(r platform.ResourceStatus) bool { return !is(r) })
}

// printLeftOut says what is not shown, and why.
func printLeftOut(out io.Writer, f facts) {
	if len(f.Without) > 0 {
		_, _ = fmt.Fprintln(out)
	}
	for _, n := range neighbours() {
		if slices.Contains(f.Without, n.name) {
			_, _ = fmt.Fprintf(out, "Without %s %s.\n", n.name, n.loss)
		}
	}
}
