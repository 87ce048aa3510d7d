package environment

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// A HostLease is the right to a host. Whoever holds the object of this name may
// serve it.
type HostLease struct {
	Host      string
	Namespace string
	Name      string
}

// hostLease names the Lease of a host after its hash: what a host may hold and how
// long it may be, a name of Kubernetes may not.
func (s Spec) hostLease(host string) HostLease {
	sum := sha256.Sum256([]byte(host))
	return HostLease{Host: host, Namespace: s.blueprint.PlatformNamespace, Name: "host-" + hex.EncodeToString(sum[:])}
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
