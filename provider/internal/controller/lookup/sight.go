package lookup

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/dns"
)

// A resolver is what this controller needs of DNS, and no more.
type resolver interface {
	IPv4(ctx context.Context, name string) (dns.Answer, error)
	IPv6(ctx context.Context, name string) (dns.Answer, error)
	Text(ctx context.Context, name string) (dns.Answer, error)
}

var _ resolver = dns.Resolver{}

// A sight is what the DNS says of a host.
type sight struct {
	dns.Answer

	right bool   // Whether the host leads where it should.
	owner string // Of its record, or none.
}

// look looks a host up, and whose its record is.
func look(ctx context.Context, from resolver, spec v1alpha1.LookupSpec) (sight, error) {
	answer, err := resolve(ctx, from, asked(spec.DNSName), spec.RecordType)
	if err != nil {
		return sight{}, err
	}
	s := sight{Answer: answer}
	if !s.Found() {
		return s, nil
	}
	if s.right, err = leads(ctx, from, answer, spec); err != nil {
		return sight{}, err
	}
	s.owner, err = owner(ctx, from, answer, spec)
	return s, err
}

// owner asks whose the record of a host is, if a Lookup says whose it should be. The mark
// of a record is that of its type, and an alias has that of a CNAME record.
func owner(ctx context.Context, from resolver, a dns.Answer, spec v1alpha1.LookupSpec) (string, error) {
	if spec.Registry == nil {
		return "", nil
	}
	for _, kind := range slices.Compact([]v1alpha1.RecordType{spec.RecordType, typeOf(a)}) {
		texts, err := from.Text(ctx, registryName(spec.DNSName, kind, *spec.Registry))
		if err != nil {
			return "", err
		}
		if owner := ownerOf(texts.Texts); owner != "" {
			return owner, nil
		}
	}
	return "", nil
}

// typeOf is the type of the record that a host has.
func typeOf(a dns.Answer) v1alpha1.RecordType {
	switch {
	case len(a.Names) > 0:
		return v1alpha1.RecordCNAME
	case a.Addresses[0].Is4():
		return v1alpha1.RecordA
	default:
		return v1alpha1.RecordAAAA
	}
}

// resolve follows a host to its addresses, as its visitors do. What a CNAME record leads
// to may have addresses of either kind.
func resolve(ctx context.Context, from resolver, name string, kind v1alpha1.RecordType) (dns.Answer, error) {
	if kind == v1alpha1.RecordAAAA {
		return from.IPv6(ctx, name)
	}
	a, err := from.IPv4(ctx, name)
	if err != nil || kind == v1alpha1.RecordA || a.Found() || a.Missing {
		return a, err
	}
	return from.IPv6(ctx, name)
}

// leads says whether a host leads to its targets. Some providers of DNS publish an alias
// in place of a CNAME record, which has the addresses of what it leads to, or some of them.
func leads(ctx context.Context, from resolver, a dns.Answer, spec v1alpha1.LookupSpec) (bool, error) {
	if spec.RecordType != v1alpha1.RecordCNAME {
		return slices.Equal(a.Addresses, addresses(spec.Targets)), nil
	}
	for _, target := range spec.Targets {
		if slices.Contains(a.Names, dns.Canonical(target)) {
			return true, nil
		}
		if len(a.Names) > 0 {
			continue
		}
		there, err := resolve(ctx, from, target, spec.RecordType)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(a.Addresses, func(addr netip.Addr) bool { return slices.Contains(there.Addresses, addr) }) {
			return true, nil
		}
	}
	return false, nil
}

// addresses reads targets. One that is no address is nowhere that a record leads to.
func addresses(targets []string) []netip.Addr {
	out := []netip.Addr{}
	for _, t := range targets {
		a, _ := netip.ParseAddr(t)
		out = append(out, a.Unmap())
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

// asked is the name that is asked for: of a wildcard one below it, which nobody else has.
func asked(host string) string {
	if domain, ok := strings.CutPrefix(host, "*."); ok {
		return "plumbline-lookup." + domain
	}
	return host
}

// maxAnswers is more than anybody reads. A server may send thousands.
const maxAnswers = 20

// answers are where the host leads: names, and then addresses.
func (s sight) answers() []string {
	out := slices.Clone(s.Names)
	for _, a := range s.Addresses {
		out = append(out, a.String())
	}
	return out[:min(len(out), maxAnswers)]
}
