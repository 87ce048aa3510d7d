package e2e

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	"github.com/google/go-cmp/cmp"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// looksUp has hosts looked up at a server, until the test ends.
func looksUp(t *testing.T, server string) {
	t.Helper()
	layOverText(t, fmt.Sprintf(`routing: {zones: {public: {dns: {lookup: {server: %q, ownerID: %s}}}}}`, server, controlplane.ExternalDNSOwner))
	putBackBlueprint(t)
}

// dnsAddress is that of the control plane's own name server.
func dnsAddress(t *testing.T) string {
	t.Helper()
	address, err := plane.DNSAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// TestLookup takes a host from its record to a name that resolves, and looks at whose the
// record is. When the Blueprint has it looked up no more, nothing else changes.
func TestLookup(t *testing.T) {
	const host, ns = "resolved.dev.example.com", "resolved-dev"
	looksUp(t, dnsAddress(t))
	c := commit(t, storyOf("resolved"))
	becomesReady(t, c)
	answered(t, host)
	l := object("dns.plumbline.dev/v1alpha1", "Lookup", ns, host)
	must(t, get(t, l))
	seen := l.Object["status"].(map[string]any)
	delete(seen, "conditions")
	want := map[string]any{"answers": []any{"gateway.example.com", "192.0.2.80"}, "ownerID": controlplane.ExternalDNSOwner}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("the host leads to the gateway, by a record of our ExternalDNS: -want, +got:\n%s", diff)
	}
	if r := rowOf(t, c, "Lookup"); r.Name != host || r.State != platform.ResourceReady {
		t.Errorf("the claim tells of the Lookup by its host, got %+v", r)
	}
	apply(t, filepath.Join(examples, "blueprint.yaml"))
	eventually(t, "what nobody asks for any more goes", func() string { return absent(t, l) })
	becomesReady(t, c)
	remove(t, c)
}

// rowOf is what a claim tells of its first resource of a kind.
func rowOf(t *testing.T, c *claim.Unstructured, kind string) platform.ResourceStatus {
	t.Helper()
	for _, r := range status(t, c).Resources {
		if r.Kind == kind {
			return r
		}
	}
	t.Errorf("claim %s tells of no %s", c.GetName(), kind)
	return platform.ResourceStatus{}
}
