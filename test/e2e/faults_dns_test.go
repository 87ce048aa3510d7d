package e2e

import (
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// lookupFaults are of hosts that are looked up.
func lookupFaults() []faultRow {
	unanswered := faultRow{
		name: "Nothing listens at the DNS server's address", own: "unasked", condition: "RouteReady", reason: "BackendFailed", fixer: platforms,
		inject: func(t *testing.T, c *claim.Unstructured) {
			t.Helper()
			looksUp(t, "127.0.0.1:1")
			submit(t, c)
		},
		heal: func(t *testing.T, _ *claim.Unstructured) {
			t.Helper()
			looksUp(t, dnsAddress(t))
		},
	}
	return []faultRow{
		foreignRecord("Another ExternalDNS owns the record of the host", "theirs", "heritage=external-dns,external-dns/owner=other-cluster"),
		foreignRecord("Somebody made the record of the host by hand", "byhand", ""),
		unanswered,
	}
}

// foreignRecord is a record that was there before the claim. ExternalDNS leaves it alone, in
// silence.
func foreignRecord(name, service, mark string) faultRow {
	host := service + ".dev.example.com"
	return faultRow{
		name: name, own: service, condition: "RouteReady", reason: "RecordNotOwned", fixer: platforms,
		inject: func(t *testing.T, c *claim.Unstructured) {
			t.Helper()
			looksUp(t, dnsAddress(t))
			must(t, say(plane.PutRecord(t.Context(), host, controlplane.Record{Host: "198.51.100.9"})))
			if mark != "" {
				must(t, say(plane.PutRecord(t.Context(), "a-"+host, controlplane.Record{Text: mark})))
			}
			submit(t, c)
		},
		heal: func(t *testing.T, _ *claim.Unstructured) {
			t.Helper()
			must(t, say(plane.DeleteRecord(t.Context(), host)))
			must(t, say(plane.DeleteRecord(t.Context(), "a-"+host)))
		},
	}
}
