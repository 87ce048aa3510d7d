// Package trace leads from a thing back to the claim that it was made for.
//
// It reads claims alone: the status of each names everything that it became, in
// Kubernetes and in the systems behind it, by the names that people know.
package trace

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// Annotations of a claim that says where it is from: its file, from the top of the
// repository, and the last commit that changed it.
const (
	AnnotationFile   = "plumbline.dev/file"
	AnnotationCommit = "plumbline.dev/commit"
)

// An Origin is where a thing comes from.
type Origin struct {
	Claim *v1alpha1.ServiceEnvironment
	What  string // What it is of the claim, by kind and name.
	Field string // The field of the claim that asks for it, or the innermost around it.
}

// Of returns the origins of a thing: a namespace, an index, a data stream, a group by
// name or object id, a host, or Kind/name of anything that a claim names in its status.
// More than one claim may have an object of one name, each in its own namespace.
func Of(claims []v1alpha1.ServiceEnvironment, thing string) []Origin {
	kind, name, kinded := strings.Cut(thing, "/")
	if !kinded {
		kind, name = "", thing
	}
	var out []Origin
	for i := range claims {
		c := &claims[i]
		if what := found(c, kind, name); what != "" {
			out = append(out, Origin{Claim: c, What: what, Field: fieldOf(c, name)})
		}
	}
	return out
}

// found says what a thing is of a claim, or nothing.
func found(c *v1alpha1.ServiceEnvironment, kind, name string) string {
	of := func(k string) bool { return kind == "" || strings.EqualFold(kind, k) }
	s := c.Status
	endpoints := v1alpha1.Endpoints{}
	if s.Endpoints != nil {
		endpoints = *s.Endpoints
	}
	switch {
	case of("Namespace") && s.Namespace == name:
		return "Namespace " + name
	case of("Group") && endpoints.GroupID != "" && endpoints.GroupID == name:
		return fmt.Sprintf("Group %s, by its object id", s.Environment)
	case of("Host") && slices.ContainsFunc(endpoints.URLs, func(u string) bool { return hostOf(u) == name }):
		return "Host " + name
	case of("Index") && slices.Contains(endpoints.Indices, name):
		return "Index " + name
	case of("DataStream") && slices.Contains(endpoints.DataStreams, name):
		return "DataStream " + name
	}
	for _, r := range s.Resources {
		if of(r.Kind) && r.Name == name {
			return r.Kind + " " + r.Name
		}
	}
	return ""
}

// fieldOf finds the field that asks for a thing. What the Blueprint or the claim as a
// whole asks for leads to spec.service, from which all names come.
func fieldOf(c *v1alpha1.ServiceEnvironment, name string) string {
	for i, r := range c.Spec.Routes {
		if r.Host == name {
			return fmt.Sprintf("spec.routes[%d].host", i)
		}
	}
	if c.Spec.Search != nil {
		for i, index := range c.Spec.Search.Indices {
			if name == c.Status.Environment+"."+index.Name {
				return fmt.Sprintf("spec.search.indices[%d].name", i)
			}
		}
		for i, stream := range c.Spec.Search.Streams {
			if strings.HasSuffix(name, stream.Name) && strings.HasPrefix(name, c.Status.Environment) {
				return fmt.Sprintf("spec.search.streams[%d].name", i)
			}
		}
	}
	if c.Status.Endpoints != nil && name == c.Status.Endpoints.GroupID {
		return "spec.access"
	}
	return "spec.service"
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
