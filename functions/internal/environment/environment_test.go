package environment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// builtIn returns the built-in Blueprint.
func builtIn(tb testing.TB) Blueprint {
	tb.Helper()
	data, err := DefaultData()
	if err != nil {
		tb.Fatal(err)
	}
	b, errs := ParseBlueprint(data)
	if len(errs) > 0 {
		tb.Fatalf("the built-in Blueprint has mistakes: %v", errs.ToAggregate())
	}
	return b
}

// checkout is a claim that is right under the built-in Blueprint, changed by edits.
func checkout(edits ...func(*Claim)) Claim {
	c := Claim{Name: "checkout-prod", Team: "payments", Spec: v1alpha1.ServiceEnvironmentSpec{Service: "checkout", Environment: "prod"}}
	for _, edit := range edits {
		edit(&c)
	}
	return c
}

func mistakes(errs field.ErrorList) []string {
	var out []string
	for _, err := range errs {
		out = append(out, string(err.Type)+" "+err.Field)
	}
	return out
}

func TestParse(t *testing.T) {
	seventy := strings.Repeat("a", 70)
	negative := int32(-1)
	cases := map[string]struct {
		reason string
		claim  Claim
		want   []string
	}{
		"Smallest": {
			reason: "Service and environment are enough.",
			claim:  checkout(),
		},
		"NoClaim": {
			reason: "A composite without a claim belongs to the platform namespace.",
			claim:  checkout(func(c *Claim) { c.Team = "" }),
		},
		"EveryMistakeAtOnce": {
			reason: "A developer learns every mistake in one round, each at its field.",
			claim: Claim{Name: "a.b", Team: "payments", Spec: v1alpha1.ServiceEnvironmentSpec{
				Service:     "Checkout",
				Environment: "moon",
				Size:        "huge",
				Description: strings.Repeat("x", 201),
				Tags:        map[string]v1alpha1.TagValue{"a b": "1", "cost": "a b"},
				Access:      &v1alpha1.Access{Members: []v1alpha1.Member{"ana@example.com", "nobody", "ana@example.com"}},
				Search: &v1alpha1.Search{Indices: []v1alpha1.Index{
					{Name: "orders", Shards: &negative, Replicas: &negative}, {Name: "orders"}, {Name: "or ders"},
				}},
				Routes: []v1alpha1.Route{
					{Host: "nowhere", Path: "api", Service: "A", Port: 0},
				},
				Deletion: &v1alpha1.Deletion{Policy: "Maybe"},
			}},
			want: []string{
				"FieldValueInvalid metadata.name",
				"FieldValueNotSupported spec.environment",
				"FieldValueNotSupported spec.size",
				"FieldValueInvalid spec.service",
				"FieldValueTooLong spec.description",
				"FieldValueInvalid spec.tags",
				"FieldValueInvalid spec.tags[cost]",
				"FieldValueInvalid spec.access.members[1]",
				"FieldValueDuplicate spec.access.members[2]",
				"FieldValueInvalid spec.search.indices[0].shards",
				"FieldValueInvalid spec.search.indices[0].replicas",
				"FieldValueDuplicate spec.search.indices[1].name",
				"FieldValueInvalid spec.search.indices[2].name",
				"FieldValueInvalid spec.routes[0].host",
				"FieldValueInvalid spec.routes[0].path",
				"FieldValueInvalid spec.routes[0].service",
				"FieldValueInvalid spec.routes[0].port",
				"FieldValueNotSupported spec.deletion.policy",
			},
		},
		"TooLong": {
			reason: "A service that would not fit into a namespace's name is refused where it is written.",
			claim:  checkout(func(c *Claim) { c.Spec.Service = seventy }),
			want:   []string{"FieldValueTooLong spec.service"},
		},
		"SystemNamespace": {
			reason: "No claim reaches a namespace of the system.",
			claim:  checkout(func(c *Claim) { c.Spec.Service, c.Spec.Environment = "kube", "dev" }),
			want:   []string{"FieldValueInvalid spec.service"},
		},
		"HostOfAnotherService": {
			reason: "A team cannot take a host that the Blueprint does not give to it.",
			claim: checkout(func(c *Claim) {
				c.Spec.Routes = []v1alpha1.Route{{Host: "bank.example.com", Service: "web", Port: 80}}
			}),
			want: []string{"FieldValueInvalid spec.routes[0].host"},
		},
		"HostThatOnlyEndsAlike": {
			reason: "A suffix is one of whole labels: evilcheckout.example.com does not lie below checkout.example.com.",
			claim: checkout(func(c *Claim) {
				c.Spec.Routes = []v1alpha1.Route{{Host: "evilcheckout.example.com", Service: "web", Port: 80}}
			}),
			want: []string{"FieldValueInvalid spec.routes[0].host"},
		},
		"HostOfTheTeam": {
			reason: "A host at or below a suffix is allowed, with the team's name filled in.",
			claim: checkout(func(c *Claim) {
				c.Spec.Routes = []v1alpha1.Route{{Host: "a.payments.example.com", Service: "web", Port: 80}, {Host: "checkout.example.com", Service: "web", Port: 80}}
			}),
		},
		"SameRouteTwice": {
			reason: "A route that names no path is the one of path /.",
			claim: checkout(func(c *Claim) {
				c.Spec.Routes = []v1alpha1.Route{{Host: "checkout.example.com", Service: "web", Port: 80}, {Host: "checkout.example.com", Path: "/", Service: "api", Port: 80}}
			}),
			want: []string{"FieldValueDuplicate spec.routes[1]"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := Parse(tc.claim, builtIn(t))
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\nParse(...): -want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}

func TestParseRequiredTags(t *testing.T) {
	b := builtIn(t)
	b.RequiredTags = []string{"costCenter", "dataClass"}
	_, errs := Parse(checkout(func(c *Claim) { c.Spec.Tags = map[string]v1alpha1.TagValue{"dataClass": "internal"} }), b)
	if diff := cmp.Diff([]string{"FieldValueRequired spec.tags[costCenter]"}, mistakes(errs)); diff != "" {
		t.Errorf("\nA tag that the platform team requires is missed by name.\nParse(...): -want, +got:\n%s", diff)
	}
}

// blueprintWith returns the built-in Blueprint's data with one edit.
func blueprintWith(t *testing.T, edit func(map[string]any)) []byte {
	t.Helper()
	data, err := DefaultData()
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]any{}
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	edit(raw)
	data, err = json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestParseBlueprint(t *testing.T) {
	type object = map[string]any
	public := func(b object) object { return b["routing"].(object)["zones"].(object)["public"].(object) }
	cases := map[string]struct {
		reason string
		edit   func(object)
		want   []string
	}{
		"BuiltIn": {
			reason: "The built-in Blueprint is right.",
			edit:   func(object) {},
		},
		"Empty": {
			reason: "A Blueprint that says nothing misses what it must say.",
			edit: func(b object) {
				for key := range b {
					delete(b, key)
				}
			},
			want: []string{
				"FieldValueNotSupported data.apiVersion", "FieldValueNotSupported data.kind",
				"FieldValueRequired data.platformNamespace", "FieldValueRequired data.environments", "FieldValueRequired data.sizes",
				"FieldValueRequired data.identity.providerConfig", "FieldValueRequired data.search.providerConfig",
				"FieldValueRequired data.routing.zones",
			},
		},
		"UnknownFields": {
			reason: "A misspelt field is a mistake at its place, not an answer that nobody reads.",
			edit: func(b object) {
				b["environs"] = object{}
				public(b)["dns"].(object)["ttl"] = 5
			},
			want: []string{"FieldValueForbidden data.environs", "FieldValueForbidden data.routing.zones.public.dns.ttl"},
		},
		"EveryMistakeAtOnce": {
			reason: "A platform team learns every mistake in one round.",
			edit: func(b object) {
				b["environments"] = object{"Prod-1": object{"tier": "Gold", "size": "huge", "deletionPolicy": "Maybe", "deletionGrace": "week", "protectInUse": []any{"Volumes", "Secrets"}, "podSecurity": "none", "hostSuffixes": object{"public": []any{".example.com"}, "moon": []any{}}}}
				b["sizes"].(object)["small"] = object{"quota": object{"pods": "many", "a b": "1", "cpu": "1e99999999"}}
				b["sizes"].(object)["medium"] = object{"quota": object{"pods": "5"}, "container": object{"defaultRequest": object{"cpu": "3"}, "max": object{"cpu": "1"}}}
				b["names"] = object{"namespace": "{service}{environment}", "index": "{service}-{environment}", "group": "_{service}-{environment}"}
				b["reservedNamespaces"] = []any{"[", "vault"}
				b["requiredTags"] = []any{"cost center"}
				b["network"] = object{"dnsNamespace": "Kube_System", "egressCIDRs": []any{"10.0.0.1/8", "all"}}
				b["identity"].(object)["clusterRole"] = "a/b"
				public(b)["dns"] = object{"target": "not a name", "ttlSeconds": -1}
				public(b)["ingress"] = object{"annotations": object{"a b": "c"}}
				public(b)["certificate"] = object{
					"issuer": object{"name": "ca", "kind": "clusterissuer"}, "algorithm": "RSA", "size": 256,
					"duration": "10m", "renewBefore": "soon", "rotationPolicy": "Sometimes",
				}
				public(b)["wildcardDomains"] = []any{"*.example.com"}
				public(b)["plugins"] = object{"Rate": "a b"}
				b["routing"].(object)["defaultZone"] = "private"
				b["routing"].(object)["zones"].(object)["none"] = object{"gatewayNamespace": "kong", "dns": object{"target": "192.0.2.1"}}
				b["routing"].(object)["zones"].(object)["gateway"] = object{
					"gateway": object{"name": "a", "namespace": "A"}, "gatewayNamespace": "kong", "dns": object{"target": "192.0.2.1"},
					"certificate": object{"issuer": object{"name": "ca"}},
				}
			},
			want: []string{
				"FieldValueInvalid data.environments[Prod-1]", "FieldValueNotSupported data.environments[Prod-1].tier",
				"FieldValueNotSupported data.environments[Prod-1].size", "FieldValueNotSupported data.environments[Prod-1].deletionPolicy",
				"FieldValueInvalid data.environments[Prod-1].deletionGrace", "FieldValueInvalid data.environments[Prod-1].protectInUse[0]",
				"FieldValueInvalid data.environments[Prod-1].protectInUse[0]", "FieldValueInvalid data.environments[Prod-1].protectInUse[0]",
				"FieldValueNotSupported data.environments[Prod-1].protectInUse[1]",
				"FieldValueNotSupported data.environments[Prod-1].podSecurity", "FieldValueNotSupported data.environments[Prod-1].hostSuffixes[moon]",
				"FieldValueInvalid data.environments[Prod-1].hostSuffixes[public][0]",
				"FieldValueInvalid data.sizes[medium].container.defaultRequest[cpu]",
				"FieldValueInvalid data.sizes[small].quota", "FieldValueInvalid data.sizes[small].quota[cpu]", "FieldValueInvalid data.sizes[small].quota[pods]",
				"FieldValueInvalid data.names.namespace", "FieldValueInvalid data.names.index", "FieldValueInvalid data.names.group",
				"FieldValueInvalid data.reservedNamespaces[0]", "FieldValueInvalid data.requiredTags[0]",
				"FieldValueInvalid data.network.dnsNamespace",
				"FieldValueInvalid data.network.egressCIDRs[0]", "FieldValueInvalid data.network.egressCIDRs[1]",
				"FieldValueInvalid data.identity.clusterRole", "FieldValueNotSupported data.routing.defaultZone",
				"FieldValueInvalid data.routing.zones[gateway].gateway.namespace", "FieldValueRequired data.routing.zones[gateway].gateway.sectionName",
				"FieldValueForbidden data.routing.zones[gateway].certificate",
				"FieldValueRequired data.routing.zones[none]",
				"FieldValueInvalid data.routing.zones[public].ingress.annotations",
				"FieldValueInvalid data.routing.zones[public].certificate.issuer.kind",
				"FieldValueNotSupported data.routing.zones[public].certificate.rotationPolicy",
				"FieldValueInvalid data.routing.zones[public].certificate.size",
				"FieldValueInvalid data.routing.zones[public].certificate.duration", "FieldValueInvalid data.routing.zones[public].certificate.renewBefore",
				"FieldValueInvalid data.routing.zones[public].dns.target", "FieldValueInvalid data.routing.zones[public].dns.ttlSeconds",
				"FieldValueInvalid data.routing.zones[public].wildcardDomains[0]",
				"FieldValueInvalid data.routing.zones[public].plugins[Rate]", "FieldValueInvalid data.routing.zones[public].plugins[Rate]",
			},
		},
		"FormerlyOfMany": {
			reason: "Environments of which there are many cannot all have had one name: each would have the other's namespace.",
			edit: func(b object) {
				b["environments"].(object)["pr*"] = object{"tier": "NonProduction", "size": "small", "formerly": "preview"}
			},
			want: []string{"FieldValueInvalid data.environments[pr*].formerly"},
		},
		"DomainOverASharedSuffix": {
			reason: "A domain that belongs to one environment cannot hold what every team may use.",
			edit:   func(b object) { public(b)["wildcardDomains"] = []any{"{service}.example.com"} },
			want: []string{
				"FieldValueInvalid data.environments[dev].hostSuffixes[public][0]", "FieldValueInvalid data.environments[staging].hostSuffixes[public][0]",
				"FieldValueInvalid data.environments[test].hostSuffixes[public][0]",
			},
		},
		"Lookup": {
			reason: "A zone may have its hosts looked up, and say whose the records should be.",
			edit: func(b object) {
				public(b)["dns"].(object)["lookup"] = object{
					"server": "[2001:db8::53]:5353", "ownerID": "eu-1", "txtPrefix": "_owner-%{record_type}.", "txtWildcardReplacement": "any",
				}
			},
		},
		"LookupMistakes": {
			reason: "Who is asked must be a server, and where ExternalDNS marks its records what that could be told.",
			edit: func(b object) {
				public(b)["dns"].(object)["lookup"] = object{
					"server": "https://10.0.0.2", "ownerID": "eu 1", "txtPrefix": "a b", "txtSuffix": "%{type}", "txtWildcardReplacement": strings.Repeat("a", 64),
				}
			},
			want: []string{
				"FieldValueInvalid data.routing.zones[public].dns.lookup.server", "FieldValueForbidden data.routing.zones[public].dns.lookup.txtSuffix",
				"FieldValueInvalid data.routing.zones[public].dns.lookup.ownerID", "FieldValueInvalid data.routing.zones[public].dns.lookup.txtPrefix",
				"FieldValueInvalid data.routing.zones[public].dns.lookup.txtSuffix", "FieldValueTooLong data.routing.zones[public].dns.lookup.txtWildcardReplacement",
			},
		},
		"LookupOfNobody": {
			reason: "Where marks are says nothing without whose they should be, and no port is 0.",
			edit: func(b object) {
				public(b)["dns"].(object)["lookup"] = object{"server": "ns.example.com:0", "txtSuffix": "-owner"}
			},
			want: []string{"FieldValueInvalid data.routing.zones[public].dns.lookup.server", "FieldValueForbidden data.routing.zones[public].dns.lookup.txtSuffix"},
		},
		"WrongType": {
			reason: "What cannot be read at all is said as such.",
			edit:   func(b object) { b["sizes"] = "small" },
			want:   []string{"FieldValueInvalid data"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := ParseBlueprint(blueprintWith(t, tc.edit))
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\nParseBlueprint(...): -want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}

func TestExampleBlueprint(t *testing.T) {
	y, err := os.ReadFile("../../../examples/blueprint.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config := struct {
		Metadata struct{ Name string }
		Data     json.RawMessage
	}{}
	if err := yaml.Unmarshal(y, &config); err != nil {
		t.Fatal(err)
	}
	if config.Metadata.Name != BlueprintName {
		t.Errorf("the Composition asks for %q, the example is %q", BlueprintName, config.Metadata.Name)
	}
	if _, errs := ParseBlueprint(config.Data); len(errs) > 0 {
		t.Errorf("the Blueprint that people copy is right, got: %v", errs.ToAggregate())
	}
}

func TestResolve(t *testing.T) {
	resolve := func(t *testing.T, c Claim) Plan {
		t.Helper()
		s, errs := Parse(c, builtIn(t))
		if len(errs) > 0 {
			t.Fatal(errs.ToAggregate())
		}
		return Resolve(s)
	}
	routes := []v1alpha1.Route{
		{Host: "b.checkout.example.com", Service: "web", Port: 80},
		{Host: "checkout.example.com", Service: "web", Port: 80},
		{Host: "b.checkout.example.com", Path: "/api", Service: "api", Port: 90},
	}
	cases := map[string]struct {
		reason string
		claim  Claim
		got    func(Plan) any
		want   any
	}{
		"ProductionKeeps": {
			reason: "Production keeps its data, unless the claim says otherwise.",
			claim:  checkout(),
			got:    func(p Plan) any { return p.Group.Policy },
			want:   v1alpha1.DeletionRetain,
		},
		"DevelopmentDeletes": {
			reason: "Other tiers delete their data, unless the claim says otherwise.",
			claim:  checkout(func(c *Claim) { c.Spec.Environment = "dev" }),
			got:    func(p Plan) any { return p.Group.Policy },
			want:   v1alpha1.DeletionDelete,
		},
		"ClaimDecides": {
			reason: "The claim's own policy goes before the tier's.",
			claim:  checkout(func(c *Claim) { c.Spec.Deletion = &v1alpha1.Deletion{Policy: v1alpha1.DeletionDelete} }),
			got:    func(p Plan) any { return p.Group.Policy },
			want:   v1alpha1.DeletionDelete,
		},
		"RoutesOfOneHost": {
			reason: "Routes of one host are gathered, in the order in which the claim first names each host.",
			claim:  checkout(func(c *Claim) { c.Spec.Routes = routes }),
			got:    func(p Plan) any { return served(p) },
			want: []string{
				"b.checkout.example.com/ to web:80", "b.checkout.example.com/api to api:90",
				"checkout.example.com/ to web:80",
			},
		},
		"WithoutClaim": {
			reason: "Managed resources of a composite without a claim lie in the platform namespace.",
			claim:  checkout(func(c *Claim) { c.Team = "" }),
			got:    func(p Plan) any { return p.Home },
			want:   "plumbline-system",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.got(resolve(t, tc.claim))); diff != "" {
				t.Errorf("\n%s\nResolve(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// served says where each path of each host leads.
func served(p Plan) []string {
	var out []string
	for _, h := range p.Hosts {
		for _, e := range h.Entries {
			for _, path := range e.Paths {
				out = append(out, fmt.Sprintf("%s%s to %s:%d", h.Name, path.Path, path.Service, path.Port))
			}
		}
	}
	return out
}

func TestRecordType(t *testing.T) {
	for target, want := range map[string]string{"192.0.2.80": "A", "2001:db8::1": "AAAA", "gateway.example.com": "CNAME"} {
		if got := recordType(target); got != want {
			t.Errorf("recordType(%q): want %s, got %s", target, want, got)
		}
	}
}

// FuzzNames holds that what Parse accepts has names that their systems take, and
// that two environments which differ never share one, under any template.
func FuzzNames(f *testing.F) {
	f.Add("checkout", "prod", "check", "out", "")
	f.Add("a-b", "c", "a", "b", "x-")
	f.Add("a", "bc", "a-b", "c", "")
	f.Fuzz(func(t *testing.T, service, environment, otherService, otherEnvironment, prefix string) {
		b := builtIn(t)
		class := b.Environments["prod"]
		b.Environments = map[string]v1alpha1.EnvironmentClass{environment: class, otherEnvironment: class}
		b.Names = v1alpha1.Names{Namespace: prefix + identity, Index: prefix + identity + indexPlace, Group: prefix + identity}
		if len(checkTemplates(field.NewPath("names"), b.Names)) > 0 {
			t.Skip("a template that ParseBlueprint refuses")
		}
		name := func(service, environment string) (Plan, bool) {
			s, errs := Parse(checkout(func(c *Claim) {
				c.Spec.Service, c.Spec.Environment = service, environment
				c.Spec.Search = &v1alpha1.Search{Indices: []v1alpha1.Index{{Name: strings.Repeat("i", maxIndex)}}}
			}), b)
			if len(errs) > 0 {
				return Plan{}, false
			}
			return Resolve(s), true
		}
		p, ok := name(service, environment)
		if !ok {
			t.Skip("a claim that Parse refuses")
		}
		if problems := validation.IsDNS1123Label(p.Namespace.Name); len(problems) > 0 {
			t.Errorf("Kubernetes takes %q as a namespace: %v", p.Namespace.Name, problems)
		}
		if n := p.Indices[0].Name; len(n) > 255 || !indexShape.MatchString(n) {
			t.Errorf("Elasticsearch takes %q as an index", n)
		}
		if n := p.Group.Name; len(n) > 120 || !groupShape.MatchString(n) {
			t.Errorf("Microsoft Graph takes %q as a unique name", n)
		}
		other, ok := name(otherService, otherEnvironment)
		if !ok || (service == otherService && environment == otherEnvironment) {
			return
		}
		if p.Namespace.Name == other.Namespace.Name || p.Group.Name == other.Group.Name || p.Indices[0].Name == other.Indices[0].Name {
			t.Errorf("%s/%s and %s/%s meet in a name", service, environment, otherService, otherEnvironment)
		}
	})
}

// exampleData is the data of a Blueprint of examples/, or the part of one that lies over
// that of blueprint.yaml.
func exampleData(tb testing.TB, file string) []byte {
	tb.Helper()
	whole := map[string]any{}
	for _, name := range []string{"blueprint.yaml", file} {
		text, err := os.ReadFile(filepath.Join("../../../examples", name)) //nolint:gosec // The test chooses what it reads.
		if err != nil {
			tb.Fatal(err)
		}
		part := map[string]any{}
		if err := yaml.Unmarshal(text, &part); err != nil {
			tb.Fatal(err)
		}
		if data, ok := part["data"].(map[string]any); ok {
			part = data
		}
		maps.Copy(whole, part)
	}
	data, err := json.Marshal(whole)
	if err != nil {
		tb.Fatal(err)
	}
	if _, errs := ParseBlueprint(data); len(errs) > 0 {
		tb.Fatalf("%s is right: %v", file, errs.ToAggregate())
	}
	return data
}

// FuzzBlueprint holds that no data makes the function panic, and that whatever
// ParseBlueprint accepts can be resolved for every environment and team it names.
func FuzzBlueprint(f *testing.F) {
	data, err := DefaultData()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"environments":{"prod":{"hostSuffixes":["{team}"]}},"names":{"index":"{index}"}}`))
	f.Add([]byte(`[]`))
	for _, file := range []string{"blueprint.yaml", "extras/monitoring/blueprint.yaml", "extras/vault/blueprint.yaml"} {
		f.Add(exampleData(f, file))
	}
	f.Add([]byte(strings.Replace(string(data), `"sizes"`, `"teams":[{"namespaces":["pay*"],"environments":{"dev":{"retention":{"max":"1d"}}},"zones":{"public":{}},"sizes":{"small":{"maxQuota":{"pods":"40"}}}}],"sizes"`, 1)))
	f.Add(bytes.ReplaceAll(data, []byte("4Gi"), []byte("1e99999999")))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, errs := ParseBlueprint(data)
		if len(errs) > 0 {
			return
		}
		teams := []string{"payments"}
		for _, t := range b.Teams {
			teams = append(teams, strings.ReplaceAll(t.Namespaces[0], "*", "a"))
		}
		for name := range b.Environments {
			for _, team := range teams {
				s, errs := Parse(checkout(func(c *Claim) {
					c.Team, c.Spec.Environment, c.Spec.Adoption, c.Spec.HandOver = team, strings.TrimSuffix(name, anyEnding), custody.AdoptionAdopt, "a/b"
					c.Spec.Lifetime, c.Today = &v1alpha1.Lifetime{Expires: "2026-12-01", Review: "2026-11-25"}, "2026-11-24"
				}), b)
				if len(errs) == 0 {
					Resolve(s)
				}
			}
		}
	})
}
