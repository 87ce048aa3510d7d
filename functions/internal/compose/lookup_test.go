package compose

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	dns "github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
)

func TestLookups(t *testing.T) {
	host := func(name, kind, target string, l *v1alpha1.DNSLookup) environment.Plan {
		return environment.Plan{Hosts: []environment.Host{{
			Name: name, Object: "object", RecordType: kind, Zone: v1alpha1.Zone{DNS: v1alpha1.DNS{Target: target, Lookup: l}},
		}}}
	}
	cases := map[string]struct {
		reason string
		plan   environment.Plan
		want   []dns.LookupSpec
	}{
		"None": {
			reason: "A zone whose Blueprint does not say so has nothing looked up.",
			plan:   host("shop.example.com", "A", "192.0.2.80", nil),
		},
		"Resolver": {
			reason: "Left out, the provider's own resolver is asked, and nobody whose the record is.",
			plan:   host("shop.example.com", "A", "192.0.2.80", &v1alpha1.DNSLookup{}),
			want:   []dns.LookupSpec{{DNSName: "shop.example.com", RecordType: dns.RecordA, Targets: []string{"192.0.2.80"}}},
		},
		"Everything": {
			reason: "Whatever the Blueprint says reaches the provider.",
			plan: host("*.shop.example.com", "CNAME", "gateway.example.com", &v1alpha1.DNSLookup{
				Server: "10.0.0.2", OwnerID: "eu-1", TXTPrefix: "a.", TXTSuffix: "-b", TXTWildcardReplacement: "any",
			}),
			want: []dns.LookupSpec{{
				DNSName: "*.shop.example.com", RecordType: dns.RecordCNAME, Targets: []string{"gateway.example.com"}, Server: "10.0.0.2",
				Registry: &dns.Registry{OwnerID: "eu-1", TXTPrefix: "a.", TXTSuffix: "-b", TXTWildcardReplacement: "any"},
			}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []dns.LookupSpec
			for _, p := range lookups(tc.plan, World{}) {
				got = append(got, p.Resource.(*dns.Lookup).Spec)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nlookups(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestLookupWaits holds that a name is not asked for before ExternalDNS knows of it: who
// asks too early may be told for minutes that it does not exist.
func TestLookupWaits(t *testing.T) {
	parts := Parts(planOf(t, everything()), World{})
	lookup, record := find(parts, "lookup-checkout.example.com"), find(parts, "dns-checkout.example.com")
	observed := Observed{}
	for _, name := range record.Needs {
		need := Object{}
		if settle := find(parts, name).Settle; settle != nil {
			settle(need)
		}
		observed[name] = need
	}
	for _, step := range []struct {
		reason string
		record Object
		want   bool
	}{
		{reason: "There is no record.", want: false},
		{reason: "ExternalDNS has not read it.", record: Object{}, want: false},
		{reason: "ExternalDNS has read it.", record: Object{"status": map[string]any{"observedGeneration": int64(1)}}, want: true},
	} {
		if step.record != nil {
			observed[record.Name] = step.record
		}
		if got := lookup.due(parts, observed, nil); got != step.want {
			t.Errorf("\n%s\nwant %t, got %t", step.reason, step.want, got)
		}
	}
}
