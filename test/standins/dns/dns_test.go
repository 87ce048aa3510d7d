package dns

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestResolver has Go's own resolver take the server for a real one.
func TestResolver(t *testing.T) {
	long := strings.Repeat("a", 250)
	s := Start(t,
		"shop.example.com. CNAME gateway.example.com.", "gateway.example.com. A 192.0.2.80", "gateway.example.com. AAAA 2001:db8::80",
		"*.dev.example.com. A 192.0.2.1", "own.dev.example.com. A 192.0.2.2",
		`text.example.com. TXT "`+long+`" "`+long+`" "`+long+`"`)
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, s.Address())
	}}
	hosts := map[string]struct {
		reason string
		want   []string // None: it does not exist.
	}{
		"shop.example.com.":      {"A CNAME record is followed.", []string{"192.0.2.80", "2001:db8::80"}},
		"SHOP.example.com.":      {"A name is the same in capitals.", []string{"192.0.2.80", "2001:db8::80"}},
		"a.b.dev.example.com.":   {"A wildcard answers for all below it.", []string{"192.0.2.1"}},
		"own.dev.example.com.":   {"A name of its own goes before a wildcard.", []string{"192.0.2.2"}},
		"a.own.dev.example.com.": {"What is below a name of its own is not the wildcard's.", nil},
		"dev.example.com.":       {"Nor is the domain itself.", nil},
		"nobody.example.com.":    {"What has no record does not exist.", nil},
	}
	for name, tc := range hosts {
		got, err := r.LookupHost(t.Context(), name)
		var unknown *net.DNSError
		if diff := cmp.Diff(tc.want, got); diff != "" || (tc.want == nil) != (errors.As(err, &unknown) && unknown.IsNotFound) {
			t.Errorf("\n%s\nLookupHost(%s): %v, -want, +got:\n%s", tc.reason, name, err, diff)
		}
	}
	if got, err := r.LookupTXT(t.Context(), "text.example.com."); err != nil || !cmp.Equal([]string{strings.Repeat(long, 3)}, got) {
		t.Errorf("\nWhat is too long for UDP comes over TCP.\ngot %v, %v", got, err)
	}
	s.Refuse("SERVFAIL")
	var failed *net.DNSError
	if _, err := r.LookupHost(t.Context(), "shop.example.com."); !errors.As(err, &failed) || failed.IsNotFound {
		t.Errorf("\nA server that fails says nothing of the name.\ngot %v", err)
	}
}
