// Package dns asks DNS servers where a name leads. It sends questions alone, so it can
// change nothing.
package dns

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	// A packet of UDP may be lost, so each server is asked again.
	attempts = 2
	patience = 2 * time.Second
)

// A Resolver asks its servers, one after the other until one answers.
type Resolver struct {
	servers  []string
	patience time.Duration
}

// At returns the resolver that asks one server, by its address or name and, if that is
// not 53, its port.
func At(server string) Resolver {
	if _, _, err := net.SplitHostPort(server); err != nil {
		server = net.JoinHostPort(strings.Trim(server, "[]"), "53")
	}
	return Resolver{servers: []string{server}, patience: patience}
}

// SystemFile says where a pod finds its resolver.
const SystemFile = "/etc/resolv.conf"

// System returns the resolver that a file such as SystemFile names.
func System(file string) (Resolver, error) {
	c, err := dns.ClientConfigFromFile(file)
	if err != nil {
		return Resolver{}, fmt.Errorf("cannot read the configuration of the resolver: %w", err)
	}
	if len(c.Servers) == 0 {
		return Resolver{}, fmt.Errorf("cannot find a DNS server: %s names none", file)
	}
	r := Resolver{patience: patience}
	for _, s := range c.Servers {
		r.servers = append(r.servers, net.JoinHostPort(s, c.Port))
	}
	return r, nil
}

// An Answer is what a server says of a name.
type Answer struct {
	Server    string       // That answered.
	Missing   bool         // Whether the name, or what it leads to, does not exist.
	Names     []string     // That CNAME records lead to, one after the other.
	Addresses []netip.Addr // In order.
	Texts     []string
}

// Found says whether a name has any record that leads somewhere.
func (a Answer) Found() bool { return len(a.Names) > 0 || len(a.Addresses) > 0 }

// IPv4 asks for the addresses of a name.
func (r Resolver) IPv4(ctx context.Context, name string) (Answer, error) {
	return r.ask(ctx, name, dns.TypeA)
}

// IPv6 asks for the addresses of a name.
func (r Resolver) IPv6(ctx context.Context, name string) (Answer, error) {
	return r.ask(ctx, name, dns.TypeAAAA)
}

// Text asks for the texts of a name.
func (r Resolver) Text(ctx context.Context, name string) (Answer, error) {
	return r.ask(ctx, name, dns.TypeTXT)
}

func (r Resolver) ask(ctx context.Context, name string, kind uint16) (Answer, error) {
	question := new(dns.Msg).SetQuestion(dns.Fqdn(name), kind)
	var last error
	for range attempts {
		for _, server := range r.servers {
			reply, err := r.exchange(ctx, question, server)
			if err == nil {
				return read(reply, server), nil
			}
			last = &Error{Server: server, Name: name, cause: err}
			if ctx.Err() != nil {
				return Answer{}, last
			}
		}
	}
	return Answer{}, last
}

// exchange asks over UDP, and over TCP for an answer that is too long for that.
func (r Resolver) exchange(ctx context.Context, question *dns.Msg, server string) (*dns.Msg, error) {
	reply, _, err := (&dns.Client{Timeout: r.patience}).ExchangeContext(ctx, question, server)
	if err == nil && reply.Truncated {
		reply, _, err = (&dns.Client{Timeout: r.patience, Net: "tcp"}).ExchangeContext(ctx, question, server)
	}
	if err == nil && reply.Rcode != dns.RcodeSuccess && reply.Rcode != dns.RcodeNameError {
		err = refusal(reply.Rcode)
	}
	return reply, err
}

func read(reply *dns.Msg, server string) Answer {
	a := Answer{Server: host(server), Missing: reply.Rcode == dns.RcodeNameError}
	for _, record := range reply.Answer {
		switch r := record.(type) {
		case *dns.CNAME:
			if name := Canonical(r.Target); !slices.Contains(a.Names, name) { // CoreDNS tells some twice.
				a.Names = append(a.Names, name)
			}
		case *dns.A:
			a.Addresses = append(a.Addresses, address(r.A))
		case *dns.AAAA:
			a.Addresses = append(a.Addresses, address(r.AAAA))
		case *dns.TXT:
			a.Texts = append(a.Texts, unescaped.Replace(strings.Join(r.Txt, "")))
		}
	}
	// Servers turn their answers round, to spread the load.
	slices.SortFunc(a.Addresses, netip.Addr.Compare)
	a.Addresses = slices.Compact(a.Addresses)
	return a
}

// unescaped takes back how a zone file would spell a text, which is how it is read.
var unescaped = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

func address(ip net.IP) netip.Addr {
	a, _ := netip.AddrFromSlice(ip) // The server's answer was parsed, so it is one.
	return a.Unmap()
}

// Canonical is how a name is compared: without regard to case, and to the dot at its end.
func Canonical(name string) string {
	return strings.TrimSuffix(dns.CanonicalName(name), ".")
}

// host is what people call a server: without the port that all have.
func host(server string) string {
	return strings.TrimSuffix(server, ":53")
}
