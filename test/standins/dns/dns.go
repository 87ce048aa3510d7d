// Package dns is a DNS server that answers from the records that it is given, over UDP and
// TCP, with CNAME records followed and wildcards kept as far as its records go. It signs
// nothing, knows no zones, and asks no other server: what it has no record of does not exist.
package dns

import (
	"errors"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/miekg/dns"
)

// A Server of names.
type Server struct {
	address string

	mu      sync.Mutex
	records []dns.RR
	rcode   int
	silent  bool
}

// Start starts a server, which ends with the test, on a port of its own. Its records are
// lines of a zone file.
func Start(t testing.TB, records ...string) *Server {
	t.Helper()
	udp, tcp := listen(t)
	s := &Server{address: udp.LocalAddr().String()}
	s.Set(t, records...)
	for _, server := range []*dns.Server{{PacketConn: udp, Handler: s}, {Listener: tcp, Handler: s}} {
		started, ended := make(chan struct{}), make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go func() {
			defer close(ended)
			_ = server.ActivateAndServe() // It ends with an error when it is shut down.
		}()
		<-started
		t.Cleanup(func() {
			_ = server.Shutdown()
			<-ended
		})
	}
	return s
}

// listen finds a port that is free for both. One that is for UDP somebody may have for TCP.
func listen(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for {
		udp, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // It returns at once.
		if err != nil {
			t.Fatal(err)
		}
		tcp, err := net.Listen("tcp", udp.LocalAddr().String()) //nolint:noctx // It returns at once.
		if err == nil {
			return udp, tcp
		}
		_ = udp.Close()
		if !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
	}
}

// Address of the server.
func (s *Server) Address() string { return s.address }

// Set gives the server other records.
func (s *Server) Set(t testing.TB, records ...string) {
	t.Helper()
	var all []dns.RR
	for _, line := range records {
		r, err := dns.NewRR(line)
		if err != nil {
			t.Fatalf("cannot read record %q: %v", line, err)
		}
		all = append(all, r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = all
}

// Refuse has the server answer with a code such as SERVFAIL, and with NOERROR as before.
func (s *Server) Refuse(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rcode = dns.StringToRcode[code]
}

// Silence has the server answer nothing, or answer again.
func (s *Server) Silence(silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = silent
}

// ServeDNS answers one question.
func (s *Server) ServeDNS(w dns.ResponseWriter, question *dns.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent {
		return
	}
	reply := new(dns.Msg).SetRcode(question, s.rcode)
	if s.rcode == dns.RcodeSuccess {
		s.answer(reply)
	}
	if w.LocalAddr().Network() == "udp" {
		reply.Truncate(dns.MinMsgSize)
	}
	_ = w.WriteMsg(reply) // Who asks and does not wait hears nothing.
}

// answer follows CNAME records to those of the type that is asked for.
func (s *Server) answer(reply *dns.Msg) {
	kind, seen := reply.Question[0].Qtype, map[string]bool{}
	for name := dns.CanonicalName(reply.Question[0].Name); !seen[name]; {
		seen[name] = true
		records := s.at(name)
		if len(records) == 0 {
			reply.Rcode = dns.RcodeNameError
			return
		}
		for _, r := range records {
			if c, leads := r.(*dns.CNAME); leads && kind != dns.TypeCNAME {
				name = dns.CanonicalName(c.Target)
				reply.Answer = append(reply.Answer, r)
			} else if r.Header().Rrtype == kind {
				reply.Answer = append(reply.Answer, r)
			}
		}
	}
}

// at returns the records of a name: its own, or those of the wildcard above it.
func (s *Server) at(name string) []dns.RR {
	own := s.named(name)
	for domain := name; len(own) == 0; {
		_, parent, below := strings.Cut(domain, ".")
		if !below || parent == "" || len(s.named(parent)) > 0 {
			break
		}
		own, domain = s.named("*."+parent), parent
	}
	var out []dns.RR
	for _, r := range own {
		r = dns.Copy(r)
		r.Header().Name = name
		out = append(out, r)
	}
	return out
}

func (s *Server) named(name string) []dns.RR {
	var out []dns.RR
	for _, r := range s.records {
		if dns.CanonicalName(r.Header().Name) == name {
			out = append(out, r)
		}
	}
	return out
}
