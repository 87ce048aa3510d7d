package dns

import (
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	standin "github.com/plumbline-dev/plumbline/test/standins/dns"
)

func TestAnswers(t *testing.T) {
	long := `text.example.com. TXT "` + strings.Repeat("a", 250) + `" "` + strings.Repeat("b", 250) + `" "` + strings.Repeat("c", 250) + `"`
	s := standin.Start(t,
		"shop.example.com. CNAME Gateway.Example.com.", "gateway.example.com. A 192.0.2.80", "gateway.example.com. A 192.0.2.8",
		"gateway.example.com. AAAA 2001:db8::80", "*.dev.example.com. A 192.0.2.1", "lost.example.com. CNAME nowhere.example.com.", "twice.example.com. CNAME gateway.example.com.", "twice.example.com. CNAME gateway.example.com.", long, `quoted.example.com. TXT "\"a\""`)
	r := At(s.Address())
	cases := map[string]struct {
		reason string
		ask    func(context.Context, string) (Answer, error)
		name   string
		want   Answer
	}{
		"Chain":       {reason: "A name is followed to its addresses, which come in order.", ask: r.IPv4, name: "shop.example.com", want: Answer{Names: []string{"gateway.example.com"}, Addresses: addrs("192.0.2.8", "192.0.2.80")}},
		"Twice":       {reason: "What a server tells twice is one.", ask: r.IPv4, name: "twice.example.com", want: Answer{Names: []string{"gateway.example.com"}, Addresses: addrs("192.0.2.8", "192.0.2.80")}},
		"IPv6":        {reason: "A name may have addresses of the other kind.", ask: r.IPv6, name: "gateway.example.com.", want: Answer{Addresses: addrs("2001:db8::80")}},
		"Wildcard":    {reason: "A wildcard answers for what is below it.", ask: r.IPv4, name: "a.dev.example.com", want: Answer{Addresses: addrs("192.0.2.1")}},
		"OtherType":   {reason: "A name that exists without such a record is not missing.", ask: r.IPv6, name: "a.dev.example.com", want: Answer{}},
		"Missing":     {reason: "A name that does not exist is no failure.", ask: r.IPv4, name: "nobody.example.com", want: Answer{Missing: true}},
		"MissingEnd":  {reason: "What leads to a name that does not exist says so.", ask: r.IPv4, name: "lost.example.com", want: Answer{Missing: true, Names: []string{"nowhere.example.com"}}},
		"TooLongUDP":  {reason: "What is too long for UDP is asked for over TCP.", ask: r.Text, name: "text.example.com", want: Answer{Texts: []string{strings.Repeat("a", 250) + strings.Repeat("b", 250) + strings.Repeat("c", 250)}}},
		"QuotesStay":  {reason: "A text is as it was written, with its quotes.", ask: r.Text, name: "quoted.example.com", want: Answer{Texts: []string{`"a"`}}},
		"NoTextThere": {reason: "A name without texts has none.", ask: r.Text, name: "gateway.example.com", want: Answer{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := tc.ask(t.Context(), tc.name)
			tc.want.Server = s.Address()
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{})); diff != "" || err != nil {
				t.Errorf("\n%s\nask(%s): %v, -want, +got:\n%s", tc.reason, tc.name, err, diff)
			}
		})
	}
}

func addrs(texts ...string) []netip.Addr {
	var out []netip.Addr
	for _, t := range texts {
		out = append(out, netip.MustParseAddr(t))
	}
	return out
}

func TestNoAnswer(t *testing.T) {
	refusing, silent := standin.Start(t), standin.Start(t)
	refusing.Refuse("SERVFAIL")
	silent.Silence(true)
	nobody, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // It returns at once.
	if err != nil {
		t.Fatal(err)
	}
	_ = nobody.Close()
	cases := map[string]struct {
		reason string
		server string
		want   string
	}{
		"ServFail": {reason: "A code that tells nothing of the name is a failure.", server: refusing.Address(), want: "DNS server " + refusing.Address() + " answers SERVFAIL for shop.example.com"},
		"TimeOut":  {reason: "A server that does not answer is not waited for without end.", server: silent.Address(), want: "DNS server " + silent.Address() + " does not answer for shop.example.com: it took too long"},
		"Nobody":   {reason: "The words hold no local port, so that they stay the same.", server: nobody.LocalAddr().String(), want: "DNS server " + nobody.LocalAddr().String() + " does not answer for shop.example.com: connection refused"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := At(tc.server)
			r.patience = 50 * time.Millisecond
			_, err := r.IPv4(t.Context(), "shop.example.com")
			if err == nil || err.Error() != tc.want {
				t.Errorf("\n%s\nwant %s\ngot  %v", tc.reason, tc.want, err)
			}
		})
	}
}

// TestNextServer holds that a resolver with several servers asks the next where one does
// not tell.
func TestNextServer(t *testing.T) {
	silent, ill, well := standin.Start(t), standin.Start(t), standin.Start(t, "shop.example.com. A 192.0.2.80")
	silent.Silence(true)
	ill.Refuse("REFUSED")
	r := Resolver{servers: []string{silent.Address(), ill.Address(), well.Address()}, patience: 50 * time.Millisecond}
	got, err := r.IPv4(t.Context(), "shop.example.com")
	if err != nil || got.Server != well.Address() {
		t.Errorf("want the answer of %s, got %v, %v", well.Address(), got, err)
	}
}

func TestServers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("search example.com\nnameserver 10.0.0.10\nnameserver 2001:db8::53\noptions ndots:5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	system, err := System(file)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason string
		got    Resolver
		want   []string
	}{
		"Address":  {reason: "The port of DNS is 53.", got: At("10.0.0.2"), want: []string{"10.0.0.2:53"}},
		"Port":     {reason: "A server may have another port.", got: At("10.0.0.2:5353"), want: []string{"10.0.0.2:5353"}},
		"Name":     {reason: "A server may have a name.", got: At("ns.example.com"), want: []string{"ns.example.com:53"}},
		"IPv6":     {reason: "An address of IPv6 has colons and no port.", got: At("2001:db8::53"), want: []string{"[2001:db8::53]:53"}},
		"IPv6Port": {reason: "With a port it has brackets.", got: At("[2001:db8::53]:54"), want: []string{"[2001:db8::53]:54"}},
		"System":   {reason: "The pod's resolver is what its file names.", got: system, want: []string{"10.0.0.10:53", "[2001:db8::53]:53"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.got.servers); diff != "" {
				t.Errorf("\n%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
	if _, err := System(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("A pod without a resolver says so.")
	}
}
