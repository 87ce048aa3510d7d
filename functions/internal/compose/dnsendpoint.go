package compose

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// dnsEndpoint is what we set of ExternalDNS's externaldns.k8s.io/v1alpha1
// DNSEndpoint. Its own module would bring every DNS provider with it.
type dnsEndpoint struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec dnsEndpointSpec `json:"spec"`
}

type dnsEndpointSpec struct {
	Endpoints []dnsRecord `json:"endpoints"`
}

type dnsRecord struct {
	DNSName    string   `json:"dnsName"`
	RecordType string   `json:"recordType"`
	RecordTTL  int64    `json:"recordTTL"`
	Targets    []string `json:"targets"`
}

// dnsEndpoints are the records of the hosts, which ExternalDNS publishes.
func dnsEndpoints(p environment.Plan, _ World) []Part {
	var parts []Part
	for _, h := range p.Hosts {
		parts = append(parts, Part{
			Name:       dnsEndpointPart(h),
			Capability: status.Route,
			Title:      h.Name,
			Needs:      []string{PartNamespace, HostPart(h.Lease)},
			Resource: &dnsEndpoint{
				TypeMeta:   typeMeta("externaldns.k8s.io/v1alpha1", "DNSEndpoint"),
				ObjectMeta: meta(p, h.Object),
				Spec: dnsEndpointSpec{Endpoints: []dnsRecord{{
					DNSName:    h.Name,
					RecordType: h.RecordType,
					RecordTTL:  h.Zone.DNS.TTLSeconds,
					Targets:    []string{h.Zone.DNS.Target},
				}}},
			},
			Health: dnsEndpointHealth,
			Usable: func(o Object) bool { return dnsEndpointHealth(o) == status.Available() },
			Settle: func(o Object) { o.set(max(o.generation(), 1), "status", "observedGeneration") },
		})
	}
	return parts
}

// dnsEndpointPart is the part that publishes a host.
func dnsEndpointPart(h environment.Host) string { return "dns-" + h.Object }

// dnsEndpointHealth knows only that ExternalDNS has read the record as it is now.
// It tells no more: not even that another owner of the name was in its way. A Lookup
// does, where the Blueprint has one.
func dnsEndpointHealth(o Object) status.Health {
	if o.number("status", "observedGeneration") < max(o.generation(), 1) {
		return status.Progressing(status.ReasonCreating, "ExternalDNS has not read it yet")
	}
	return status.Available()
}
