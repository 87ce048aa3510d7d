package catalog

import (
	"slices"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
)

// A part of an environment that is an entity of its own.
type part struct {
	kind   string // Of the resource in the claim's status.
	typeOf string
	prefix string // Of the entity's name: a namespace and a group may be called alike.
}

// parts are what a developer or an auditor looks for. Network rules, bindings and
// roles are in the claim's status alone.
func parts() []part {
	return []part{
		{"Namespace", TypeNamespace, "namespace-"},
		{"Group", TypeGroup, "group-"},
		{"Index", TypeIndex, "index-"},
		{"DataStream", TypeStream, "stream-"},
		{"Certificate", TypeCertificate, "certificate-"},
	}
}

// resources are what the environment is made of, as the claim's status lists it.
func (s subject) resources() []Entity {
	var out []Entity
	for _, p := range parts() {
		for _, r := range s.claim.Resources(p.kind) {
			out = append(out, s.resource(p.typeOf, p.prefix, r.Name, r))
		}
	}
	for _, host := range s.hosts() {
		if rows := s.servedBy(host); len(rows) > 0 {
			e := s.resource(TypeRoute, "route-", host, worst(rows))
			if certificate := s.entity(kindResource, s.named("certificate-"+host)).Ref(); slices.ContainsFunc(out, func(e Entity) bool { return e.Ref() == certificate }) {
				e.Spec.DependsOn = []string{certificate}
			}
			out = append(out, e)
		}
	}
	return out
}

func (s subject) resource(typeOf, prefix, called string, r v1alpha1.ResourceStatus) Entity {
	e := s.entity(kindResource, s.named(prefix+called))
	e.Metadata.Title = called
	e.Metadata.Labels = s.labels()
	e.Metadata.Annotations = s.annotations()
	e.Spec.Type = typeOf
	e.Spec.System = s.entity(kindSystem, nameOf(s.claim.Spec.Service)).Ref()
	var own []Link
	if typeOf == TypeRoute {
		own = s.urlsOf(called)
	}
	e.Metadata.Links = s.links(typeOf, called, own...)
	if s.claim.Live() {
		e.Metadata.Annotations[AnnotationState] = string(r.State)
		set(e.Metadata.Annotations, AnnotationReason, r.Reason)
		set(e.Metadata.Annotations, AnnotationSummary, said(r))
		set(e.Metadata.Annotations, AnnotationWhoActs, string(r.WhoFixes))
	}
	return e
}

func said(r v1alpha1.ResourceStatus) string {
	if r.WaitingFor != "" {
		return "waiting for " + r.WaitingFor
	}
	return r.Message
}

// hosts of the routes, each once.
func (s subject) hosts() []string {
	var hosts []string
	for _, r := range s.claim.Spec.Routes {
		if !slices.Contains(hosts, r.Host) {
			hosts = append(hosts, r.Host)
		}
	}
	return hosts
}

// servedBy returns what serves a host: its routes, its DNS record, where that leads, and
// its Lease.
func (s subject) servedBy(host string) []v1alpha1.ResourceStatus {
	rows := s.claim.Resources("Ingress", "HTTPRoute", "DNSEndpoint", "Lookup", "Lease")
	return slices.DeleteFunc(rows, func(r v1alpha1.ResourceStatus) bool { return !inventory.OfHost(r, host) })
}

// worst is the row that says why a host is not served, or the first.
func worst(rows []v1alpha1.ResourceStatus) v1alpha1.ResourceStatus {
	for _, state := range []v1alpha1.ResourceState{v1alpha1.ResourceFailed, v1alpha1.ResourceProgressing, v1alpha1.ResourceWaiting} {
		for _, r := range rows {
			if r.State == state {
				return r
			}
		}
	}
	return rows[0]
}

func (s subject) urlsOf(host string) []Link {
	return slices.DeleteFunc(s.urls(), func(l Link) bool { return hostOf(l.URL) != host })
}
