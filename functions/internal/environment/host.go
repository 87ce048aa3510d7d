package environment

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// wildcard begins a host that stands for all below a domain, however deep.
const wildcard = "*."

// A HostLease is the right to a host, or to a domain with all hosts in it. Whoever
// holds the object of this name may serve them.
//
// A wildcard meets every host below it, and they meet it: Kong would let each take a
// part of the other's requests. To look for all of them would be many look-ups, and
// two who look at the same moment could miss each other. So a domain in which the
// Blueprint allows wildcards belongs to one environment as a whole: each host in it,
// wildcard or not, is held by the Lease of the domain. Any two hosts that could meet
// have the same Lease, and taking it is one write, which the API server lets one
// claim do. That is one look-up for each host, and no object more.
//
// It is the outermost such domain. A wildcard is only allowed at or below one; so
// all below the wildcard lies below that one too, and has the same outermost.
type HostLease struct {
	Lease

	Host   string // Or the domain.
	Domain bool
}

// hostLease names the Lease of a host after its hash: what a host may hold and how
// long it may be, a name of Kubernetes may not.
func (s Spec) hostLease(host string) HostLease {
	domain, whole := s.blueprint.domains.of(host)
	if whole {
		host = domain
	}
	sum := sha256.Sum256([]byte(host))
	return HostLease{Host: host, Domain: whole, Lease: Lease{Namespace: s.blueprint.PlatformNamespace, Name: "host-" + hex.EncodeToString(sum[:])}}
}

// leases are those of all hosts, each once.
func leases(hosts []Host) []HostLease {
	var out []HostLease
	for _, h := range hosts {
		if !slices.Contains(out, h.Lease) {
			out = append(out, h.Lease)
		}
	}
	return out
}

// objectName is the host as a name of Kubernetes. No other host of the claim has
// it: a top-level domain does not end so.
func objectName(host string) string {
	if domain, ok := strings.CutPrefix(host, wildcard); ok {
		return domain + "-wildcard"
	}
	return host
}
