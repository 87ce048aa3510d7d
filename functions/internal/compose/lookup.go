package compose

import (
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"

	dns "github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// lookups look up the hosts of zones whose Blueprint says so. Each waits until ExternalDNS
// has read the record: who asks for a name too early may be told for minutes that it does
// not exist. They lie beside the records, as nothing outlives them that their namespace
// could hold up.
func lookups(p environment.Plan, _ World) []Part {
	var parts []Part
	for _, h := range p.Hosts {
		if h.Zone.DNS.Lookup == nil {
			continue
		}
		parts = append(parts, Part{
			Name:       "lookup-" + h.Object,
			Capability: status.Route,
			Title:      h.Name,
			Needs:      []string{PartNamespace, HostPart(h.Lease), dnsEndpointPart(h)},
			Resource: &dns.Lookup{
				TypeMeta:   typeMeta(dns.GroupVersion.String(), "Lookup"),
				ObjectMeta: meta(p, h.Object),
				Spec: dns.LookupSpec{
					DNSName:    h.Name,
					RecordType: dns.RecordType(h.RecordType),
					Targets:    []string{h.Zone.DNS.Target},
					Server:     h.Zone.DNS.Lookup.Server,
					Registry:   registry(*h.Zone.DNS.Lookup),
				},
			},
			Health: lookupHealth,
			Settle: settleManaged,
		})
	}
	return parts
}

// registry is how ExternalDNS marks its records, if the Blueprint says whose they are.
func registry(l v1alpha1.DNSLookup) *dns.Registry {
	if l.OwnerID == "" {
		return nil
	}
	return &dns.Registry{
		OwnerID: l.OwnerID, TXTPrefix: l.TXTPrefix, TXTSuffix: l.TXTSuffix, TXTWildcardReplacement: l.TXTWildcardReplacement,
	}
}

// lookupHealth adds to the conditions that a record may be another's. As long as that
// leads where it should, it serves the users.
func lookupHealth(o Object) status.Health {
	h, ready := ManagedHealth(o), o.condition(string(xpv2.TypeReady))
	looked := o.condition(string(xpv2.TypeSynced))
	if looked.text("status") != "True" || looked.number("observedGeneration") < o.generation() {
		return h
	}
	switch reason := ready.text("reason"); {
	case reason == string(dns.ReasonLeadsElsewhere):
		return status.Failed(status.ReasonLeadsElsewhere, ready.text("message"), v1alpha1.FixerPlatformTeam)
	case reason == string(dns.ReasonRecordNotOwned) && ready.text("status") == "True":
		return status.Noted(status.ReasonRecordNotOwned, ready.text("message"), v1alpha1.FixerPlatformTeam)
	case reason == string(dns.ReasonRecordNotOwned):
		return status.Failed(status.ReasonRecordNotOwned, ready.text("message"), v1alpha1.FixerPlatformTeam)
	default:
		return h
	}
}
