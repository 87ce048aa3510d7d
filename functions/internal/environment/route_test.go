package environment

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// exampleBlueprint returns the Blueprint that people copy. It has a zone of each kind.
func exampleBlueprint(tb testing.TB) Blueprint {
	tb.Helper()
	y, err := os.ReadFile("../../../examples/blueprint.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	config := struct{ Data json.RawMessage }{}
	if err := yaml.Unmarshal(y, &config); err != nil {
		tb.Fatal(err)
	}
	b, errs := ParseBlueprint(config.Data)
	if len(errs) > 0 {
		tb.Fatal(errs.ToAggregate())
	}
	return b
}

// shop is a claim of environment dev with routes.
func shop(routes ...v1alpha1.Route) Claim {
	return Claim{Name: "shop-dev", Team: "payments", Spec: v1alpha1.ServiceEnvironmentSpec{Service: "shop", Environment: "dev", Routes: routes}}
}

// to is a route to Service web, changed by edits.
func to(host string, edits ...func(*v1alpha1.Route)) v1alpha1.Route {
	r := v1alpha1.Route{Host: host, Service: "web", Port: 80}
	for _, edit := range edits {
		edit(&r)
	}
	return r
}

func at(p string, kind v1alpha1.PathType) func(*v1alpha1.Route) {
	return func(r *v1alpha1.Route) { r.Path, r.PathType = p, kind }
}

func in(zone string) func(*v1alpha1.Route) { return func(r *v1alpha1.Route) { r.Zone = zone } }
func plugged(names ...string) func(*v1alpha1.Route) {
	return func(r *v1alpha1.Route) { r.Plugins = names }
}

func rewritten(prefix string) func(*v1alpha1.Route) {
	return func(r *v1alpha1.Route) { r.Rewrite = &v1alpha1.Rewrite{Prefix: prefix} }
}

func within(time string) func(*v1alpha1.Route) {
	return func(r *v1alpha1.Route) { r.Timeouts = &v1alpha1.Timeouts{Request: time} }
}

func TestParseRoutes(t *testing.T) {
	const public, internal, preview = "shop.dev.example.com", "shop.dev.internal.example.com", "shop-dev.preview.example.com"
	many := func(n int, host func(int) string) []v1alpha1.Route {
		var routes []v1alpha1.Route
		for i := range n {
			routes = append(routes, to(host(i), at(fmt.Sprintf("/%d", i), "")))
		}
		return routes
	}
	cases := map[string]struct {
		reason string
		routes []v1alpha1.Route
		want   []string
	}{
		"Everything": {
			reason: "What a zone can do, a route may ask for.",
			routes: []v1alpha1.Route{
				to(public, plugged("cors", "rate-limit"), rewritten("/")), to(public, at("/a", v1alpha1.PathExact)), to(public, at("/v[0-9]+", v1alpha1.PathRegularExpression)),
				to(internal, in("internal"), rewritten("/v2"), within("30s"), plugged("rate-limit")),
				to("*." + preview), to("a.b." + preview), to("*.a." + preview),
			},
		},
		"ZoneUnknown": {
			reason: "A zone is one of the Blueprint's.",
			routes: []v1alpha1.Route{to(public, in("moon"))},
			want:   []string{"FieldValueNotSupported spec.routes[0].zone"},
		},
		"HostOfAnotherZone": {
			reason: "A host lies in the zone that has its suffix.",
			routes: []v1alpha1.Route{to(internal), to(public, in("internal"))},
			want:   []string{"FieldValueInvalid spec.routes[0].host", "FieldValueInvalid spec.routes[1].host"},
		},
		"HostInTwoZones": {
			reason: "A host has one record, and so one zone.",
			routes: []v1alpha1.Route{to(public), to(public, at("/a", ""), in("internal"))},
			want:   []string{"FieldValueInvalid spec.routes[1].host", "FieldValueInvalid spec.routes[1].zone"},
		},
		"WildcardElsewhere": {
			reason: "A wildcard is only where the Blueprint says so, and for this environment.",
			routes: []v1alpha1.Route{to("*.dev.example.com"), to("*.preview.example.com"), to("*.cart-dev.preview.example.com"), to("*.dev.internal.example.com", in("internal"))},
			want: []string{
				"FieldValueInvalid spec.routes[0].host", "FieldValueInvalid spec.routes[1].host",
				"FieldValueInvalid spec.routes[2].host", "FieldValueForbidden spec.routes[3].host",
			},
		},
		"International": {
			reason: "A label that people read in another script may look like another host.",
			routes: []v1alpha1.Route{to("xn--hop-ncb.dev.example.com"), to("a.xn--hop-ncb.dev.example.com")},
			want:   []string{"FieldValueInvalid spec.routes[0].host", "FieldValueInvalid spec.routes[1].host"},
		},
		"Confusable": {
			reason: "A letter of another script, a full stop of another width, a letter that nobody sees and a capital are no part of a DNS name.",
			routes: []v1alpha1.Route{to("sh\u043ep.dev.example.com"), to("shop\u3002dev.example.com"), to("shop\u200b.dev.example.com"), to("Shop.dev.example.com")},
			want: []string{
				"FieldValueInvalid spec.routes[0].host", "FieldValueInvalid spec.routes[1].host",
				"FieldValueInvalid spec.routes[2].host", "FieldValueInvalid spec.routes[3].host",
			},
		},
		"Expression": {
			reason: "An expression that cannot be read is told as such.",
			routes: []v1alpha1.Route{to(public, at("/(", v1alpha1.PathRegularExpression)), to(public, at("v1", v1alpha1.PathRegularExpression))},
			want:   []string{"FieldValueInvalid spec.routes[0].path", "FieldValueInvalid spec.routes[1].path"},
		},
		"PluginNotPermitted": {
			reason: "A plugin is one that the zone permits.",
			routes: []v1alpha1.Route{to(public, plugged("pre-function")), to(internal, in("internal"), plugged("cors"))},
			want:   []string{"FieldValueNotSupported spec.routes[0].plugins[0]", "FieldValueNotSupported spec.routes[1].plugins[0]"},
		},
		"NeedsAGateway": {
			reason: "What Kong cannot do for an Ingress is refused, not forgotten.",
			routes: []v1alpha1.Route{to(public, rewritten("/v2"), within("30s"))},
			want:   []string{"FieldValueInvalid spec.routes[0].rewrite.prefix", "FieldValueForbidden spec.routes[0].timeouts"},
		},
		"MostRoutes": {
			reason: "A claim has as many routes as the schema allows.",
			routes: many(maxRoutes, func(int) string { return public }),
		},
		"TooManyRoutes": {
			reason: "A claim with more routes is not looked at one by one.",
			routes: many(maxRoutes+1, func(int) string { return public }),
			want:   []string{"FieldValueTooMany spec.routes"},
		},
		"TooManyHosts": {
			reason: "Each host is four objects, so they are bounded too.",
			routes: many(maxHosts+1, func(i int) string { return fmt.Sprintf("h%d.dev.example.com", i) }),
			want:   []string{"FieldValueInvalid spec.routes"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := Parse(shop(tc.routes...), exampleBlueprint(t))
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\nParse(...): -want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}

func TestInternationalHosts(t *testing.T) {
	b := exampleBlueprint(t)
	zone := b.Routing.Zones["public"]
	zone.InternationalHosts = true
	b.Routing.Zones["public"] = zone
	if _, errs := Parse(shop(to("xn--hop-ncb.dev.example.com")), b); len(errs) > 0 {
		t.Errorf("the platform team can allow international hosts, got: %v", errs.ToAggregate())
	}
}

// TestEntries guards names of objects: one that changes deletes and makes anew.
func TestEntries(t *testing.T) {
	const public, internal = "shop.dev.example.com", "shop.dev.internal.example.com"
	var many []v1alpha1.Route
	for i := range maxRules + 1 {
		many = append(many, to(internal, in("internal"), at(fmt.Sprintf("/%d", i), "")))
	}
	cases := map[string]struct {
		reason string
		routes []v1alpha1.Route
		want   map[string]int // Paths of each entry.
	}{
		"Alike": {
			reason: "Paths that are handled alike are one entry, under the host's name.",
			routes: []v1alpha1.Route{to(public), to(public, at("/a", v1alpha1.PathExact))},
			want:   map[string]int{public: 2},
		},
		"Apart": {
			reason: "What sets paths apart is in the name, and nothing else is.",
			routes: []v1alpha1.Route{to(public), to(public, at("/a", ""), plugged("cors")), to(public, at("/b", ""), plugged("cors")), to(public, at("/c", ""), rewritten("/"))},
			want:   map[string]int{public: 1, public + "-781a148d": 2, public + "-4d8bf728": 1},
		},
		"Full": {
			reason: "An HTTPRoute takes so many rules.",
			routes: many,
			want:   map[string]int{internal: maxRules, internal + "-2": 1},
		},
		"Wildcard": {
			reason: "A wildcard has a name that Kubernetes takes.",
			routes: []v1alpha1.Route{to("*.shop-dev.preview.example.com")},
			want:   map[string]int{"shop-dev.preview.example.com-wildcard": 1},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s, errs := Parse(shop(tc.routes...), exampleBlueprint(t))
			if len(errs) > 0 {
				t.Fatal(errs.ToAggregate())
			}
			got := map[string]int{}
			for _, h := range Resolve(s).Hosts {
				for _, e := range h.Entries {
					got[e.Name] = len(e.Paths)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nEntries: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestLeaseOfADomain holds that hosts which could meet have one Lease, and others
// have their own.
func TestLeaseOfADomain(t *testing.T) {
	s, errs := Parse(shop(), exampleBlueprint(t))
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	for host, want := range map[string]HostLease{
		"*.shop-dev.preview.example.com":   {Host: "shop-dev.preview.example.com", Domain: true},
		"a.b.shop-dev.preview.example.com": {Host: "shop-dev.preview.example.com", Domain: true},
		"shop-dev.preview.example.com":     {Host: "shop-dev.preview.example.com", Domain: true},
		"preview.example.com":              {Host: "preview.example.com"},
		"shop.dev.example.com":             {Host: "shop.dev.example.com"},
	} {
		got := s.hostLease(host)
		if got.Host != want.Host || got.Domain != want.Domain {
			t.Errorf("the Lease of %s is that of %q (domain: %t), got %q (%t)", host, want.Host, want.Domain, got.Host, got.Domain)
		}
	}
}

// FuzzDomains holds that a wildcard and all below it have one Lease, whatever the
// domains: who has it is then asked once, and nobody else can be in between.
func FuzzDomains(f *testing.F) {
	f.Add("{service}.example.com", "{team}.{service}.example.com", "shop.example.com", "a.b")
	f.Add("{service}-{environment}.example.com", "example.com", "x.shop-dev.example.com", "a")
	f.Add("example.com", "{team}", "com", "example")
	dns := regexp.MustCompile(suffixShape.String())
	f.Fuzz(func(t *testing.T, one, other, domain, below string) {
		d := wildcardDomains(map[string]v1alpha1.Zone{"a": {WildcardDomains: []string{one}}, "b": {WildcardDomains: []string{other}}})
		if !dns.MatchString(domain) || !dns.MatchString(below) {
			t.Skip("no DNS names")
		}
		over, allowed := d.of(wildcard + domain)
		if !allowed {
			t.Skip("no wildcard may be there")
		}
		under, ok := d.of(below + "." + domain)
		if !ok || under != over {
			t.Errorf("*.%s belongs to %q, %s below it to %q", domain, over, below, under)
		}
		if domain != over && !strings.HasSuffix(domain, "."+over) {
			t.Errorf("%s lies at or below %s", domain, over)
		}
	})
}

// BenchmarkRoutes shows that the time of a claim grows with its routes, no faster.
func BenchmarkRoutes(b *testing.B) {
	blueprint := exampleBlueprint(b)
	for _, n := range []int{25, 50, 100} {
		var routes []v1alpha1.Route
		for i := range n {
			routes = append(routes, to(fmt.Sprintf("h%d.dev.example.com", i/2), at(fmt.Sprintf("/%d", i), "")))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				s, errs := Parse(shop(routes...), blueprint)
				if len(errs) > 0 {
					b.Fatal(errs.ToAggregate())
				}
				Resolve(s)
			}
		})
	}
}
