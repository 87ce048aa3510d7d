package provider

import (
	"fmt"
	"testing"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	dns "github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
	standin "github.com/plumbline-dev/plumbline/test/standins/dns"
)

// TestLookup takes a host from before it is published through a foreign record and a
// server that is ill to its end.
func TestLookup(t *testing.T) {
	const right, gateway, mark = "shop.example.com. CNAME gateway.example.com.", "gateway.example.com. A 192.0.2.80",
		"cname-shop.example.com. TXT heritage=external-dns,external-dns/owner=%s,external-dns/resource=crd/shop/web"
	server := standin.Start(t, gateway)
	p := startProvider(t)
	l := &dns.Lookup{
		ObjectMeta: metav1.ObjectMeta{Namespace: newNamespace(t), Name: "shop.example.com"},
		Spec: dns.LookupSpec{
			DNSName: "shop.example.com", RecordType: dns.RecordCNAME, Targets: []string{"gateway.example.com"},
			Server: server.Address(), Registry: &dns.Registry{OwnerID: "eu-1"},
		},
	}
	create(t, l)
	tells(t, l, xpv2.TypeReady, "False Creating: shop.example.com does not resolve yet (NXDOMAIN from "+server.Address()+")")
	stays(t, "A Lookup of which there is no news is not written to.", l, 2*time.Second)

	server.Set(t, right, gateway, fmt.Sprintf(mark, "eu-1"))
	tells(t, l, xpv2.TypeReady, "True Available: ")
	stays(t, "A Lookup of which there is no news is not written to.", l, 3*time.Second)

	server.Set(t, "shop.example.com. CNAME old.example.net.", fmt.Sprintf(mark, "other-cluster"))
	tells(t, l, xpv2.TypeReady, "False RecordNotOwned: shop.example.com leads to old.example.net, not to gateway.example.com; its record belongs to ExternalDNS owner other-cluster")
	server.Refuse("REFUSED")
	tells(t, l, xpv2.TypeSynced, "False ReconcileError: DNS server "+server.Address()+" answers REFUSED for shop.example.com")
	server.Set(t, right, gateway, fmt.Sprintf(mark, "eu-1"))
	server.Refuse("NOERROR")
	tells(t, l, xpv2.TypeReady, "True Available: ")

	server.Set(t, "shop.example.com. CNAME other.example.com.", "other.example.com. A 192.0.2.81", fmt.Sprintf(mark, "eu-1"))
	change(t, l, func(l *dns.Lookup) { l.Spec.Targets = []string{"other.example.com"} })
	tells(t, l, xpv2.TypeReady, "True Available: ")

	p.kill()
	remove(t, l)
	if err := kube.Get(t.Context(), client.ObjectKeyFromObject(l), l); !kerrors.IsNotFound(err) {
		t.Errorf("\nA Lookup is gone as soon as it is deleted, with a provider or without.\ngot: %v", err)
	}
}

// tells waits until a Lookup says something of its present form.
func tells(t *testing.T, l *dns.Lookup, kind xpv2.ConditionType, want string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s of %q tells.", kind, l.GetName()), func() error {
		get(t, l)
		c := l.Status.GetCondition(kind)
		if got := fmt.Sprintf("%s %s: %s", c.Status, c.Reason, c.Message); got != want || c.ObservedGeneration != l.GetGeneration() {
			return fmt.Errorf("want %s, got %s of generation %d", want, got, c.ObservedGeneration)
		}
		return nil
	})
}
