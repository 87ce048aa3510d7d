package catalog

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
)

func blueprint() v1alpha1.Blueprint {
	return v1alpha1.Blueprint{Environments: map[string]v1alpha1.EnvironmentClass{
		"prod": {Tier: v1alpha1.TierProduction}, "dev": {Tier: v1alpha1.TierNonProduction}, "pr*": {Tier: v1alpha1.TierNonProduction},
	}}
}

// claim is one on a control plane, with one of each.
func claim(team, service, environment string) inventory.Claim {
	name := service + "-" + environment
	c := inventory.Claim{ObjectMeta: metav1.ObjectMeta{Namespace: team, Name: name, UID: types.UID(team + name)}}
	c.Spec = v1alpha1.ServiceEnvironmentSpec{
		Service: service, Environment: environment, Tags: map[string]v1alpha1.TagValue{"costCenter": "4711"},
		Routes: []v1alpha1.Route{{Host: name + ".example.com"}, {Host: name + ".example.com", Path: "/api"}},
	}
	c.Status.Namespace = name
	c.Status.Endpoints = &v1alpha1.Endpoints{URLs: []string{"https://" + name + ".example.com/"}, GroupID: "5f0b2c1e-7a44-4a53-9a0e-2f6f0c8d1b7a"}
	for _, kind := range []string{"Namespace", "ResourceQuota", "Group"} {
		c.Status.Resources = append(c.Status.Resources, row(kind, name))
	}
	c.Status.Resources = append(c.Status.Resources, row("Index", name+".orders"), row("DataStream", name+".events"), row("Lease", name+".example.com"),
		row("Ingress", name+".example.com"), row("Ingress", name+".example.com-6923ae06"), row("Certificate", name+".example.com"))
	c.Status.Summary = name + " is ready"
	c.Status.Conditions = []metav1.Condition{{Type: "Accepted", Status: "True", Reason: "Accepted"}, {Type: "Ready", Status: "True", Reason: "Available"}}
	return c
}

func row(kind, name string) v1alpha1.ResourceStatus {
	return v1alpha1.ResourceStatus{Kind: kind, Name: name, State: v1alpha1.ResourceReady, Reason: "Available"}
}

func config(t *testing.T, text string) Config {
	t.Helper()
	c, err := ParseConfig([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func refs(entities []Entity) []string {
	out := make([]string, len(entities))
	for i, e := range entities {
		out[i] = e.Ref()
	}
	return out
}

func find(t *testing.T, entities []Entity, ref string) Entity {
	t.Helper()
	i := slices.IndexFunc(entities, func(e Entity) bool { return e.Ref() == ref })
	if i < 0 {
		t.Fatalf("cannot find %s among %v", ref, refs(entities))
	}
	return entities[i]
}

func TestEntities(t *testing.T) {
	c := claim("payments", "checkout", "prod")
	got := Entities([]inventory.Claim{c}, blueprint(), config(t, "links: {elasticsearch-index: [{title: Kibana, url: 'https://kibana.example.com/{namespace}?i={name}'}]}"))
	want := []string{
		"component:default/checkout-prod",
		"resource:default/certificate-checkout-prod.example.com",
		"resource:default/group-checkout-prod",
		"resource:default/index-checkout-prod.orders",
		"resource:default/namespace-checkout-prod",
		"resource:default/route-checkout-prod.example.com",
		"resource:default/stream-checkout-prod.events",
		"system:default/checkout",
	}
	if diff := cmp.Diff(want, refs(got)); diff != "" {
		t.Errorf("a claim becomes a Component, its Resources and the System of its service, each once: -want, +got:\n%s", diff)
	}
	component := got[0]
	if diff := cmp.Diff(Spec{
		Type: TypeEnvironment, Lifecycle: "production", Owner: "group:default/payments", System: "system:default/checkout",
		DependsOn: []string{want[4], want[2], want[3], want[6], want[1], want[5]},
	}, component.Spec); diff != "" {
		t.Errorf("an environment is its team's, part of its service, and depends on what it is made of: -want, +got:\n%s", diff)
	}
	if links := find(t, got, want[3]).Metadata.Links; len(links) != 1 || links[0].URL != "https://kibana.example.com/checkout-prod?i=checkout-prod.orders" {
		t.Errorf("a link is filled in, got %v", links)
	}
	if links := find(t, got, want[2]).Metadata.Links; len(links) != 1 || !strings.HasSuffix(links[0].URL, "/groupId/"+c.Status.Endpoints.GroupID) {
		t.Errorf("a group leads to Entra ID, got %v", links)
	}
	if route := find(t, got, want[5]); !slices.Contains(route.Spec.DependsOn, want[1]) || len(route.Metadata.Links) != 1 {
		t.Errorf("a route depends on its certificate, and leads to its host, got %+v", route)
	}
}

// TestState holds that the catalog says what the claim says.
func TestState(t *testing.T) {
	c := claim("payments", "checkout", "prod")
	c.Status.Resources[2] = v1alpha1.ResourceStatus{Kind: "Group", Name: "checkout-prod", State: v1alpha1.ResourceFailed, Reason: "BackendFailed", Message: "403 Forbidden", WhoFixes: v1alpha1.FixerPlatformTeam}
	c.Status.Conditions[1] = metav1.Condition{Type: "Ready", Status: "False", Reason: "Creating"}
	c.Status.Summary = "checkout-prod is not ready: 403 Forbidden"
	got := Entities([]inventory.Claim{c}, blueprint(), config(t, ""))
	for ref, want := range map[string]map[string]string{
		"component:default/checkout-prod":      {AnnotationState: "NotReady", AnnotationReason: "BackendFailed", AnnotationSummary: c.Status.Summary, AnnotationWhoActs: "PlatformTeam", PrefixCheck + "has-owner": "fail"},
		"resource:default/group-checkout-prod": {AnnotationState: "Failed", AnnotationReason: "BackendFailed", AnnotationSummary: "403 Forbidden", AnnotationWhoActs: "PlatformTeam"},
	} {
		for key, value := range want {
			if has := find(t, got, ref).Metadata.Annotations[key]; has != value {
				t.Errorf("%s says of %s what the claim says: want %q, got %q", ref, key, value, has)
			}
		}
	}
	c.UID = ""
	for _, e := range Entities([]inventory.Claim{c}, blueprint(), config(t, "")) {
		if _, told := e.Metadata.Annotations[AnnotationState]; told {
			t.Errorf("of a claim in a file nobody knows the state, but %s tells one", e.Ref())
		}
	}
	now := metav1.Now()
	c.DeletionTimestamp = &now
	if got := Entities([]inventory.Claim{c}, blueprint(), config(t, ""))[0].Spec.Lifecycle; got != "deprecated" {
		t.Errorf("what is being deleted is deprecated, got %q", got)
	}
}

// TestOneFeedOrMany holds that a feed of one team and a feed of all teams say the
// same, although one of them does not know who has a name.
func TestOneFeedOrMany(t *testing.T) {
	holder, displaced := claim("payments", "checkout", "prod"), claim("shop", "checkout", "prod")
	displaced.Status.Resources = []v1alpha1.ResourceStatus{{Kind: "Namespace", Name: "checkout-prod", State: v1alpha1.ResourceFailed, Reason: "NameTaken"}}
	holder.CreationTimestamp, displaced.CreationTimestamp = metav1.NewTime(time.Unix(1, 0)), metav1.NewTime(time.Unix(2, 0))
	c := config(t, "systems: Catalog")
	all := Entities([]inventory.Claim{displaced, holder}, blueprint(), c)
	apart := slices.Concat(Entities([]inventory.Claim{holder}, blueprint(), c), Entities([]inventory.Claim{displaced}, blueprint(), c))
	slices.SortFunc(apart, func(a, b Entity) int { return strings.Compare(a.Ref(), b.Ref()) })
	if diff := cmp.Diff(apart, all); diff != "" {
		t.Errorf("feeds agree: -of each team, +of all:\n%s", diff)
	}
	if find(t, all, "component:default/checkout-prod").Spec.Owner != "group:default/payments" {
		t.Error("who has the name has its entity")
	}
	if got := len(refs(all)); got != len(slices.Compact(refs(all))) {
		t.Error("no two entities share a name")
	}
}

func TestConfig(t *testing.T) {
	cases := map[string]struct {
		reason, text string
		want         []string
	}{
		"Empty":       {"Nothing need be said", "", nil},
		"Unknown":     {"A misspelt field is a mistake", "ownr: a", []string{"ownr"}},
		"AllMistakes": {"All mistakes are told at once", "namespace: A_b\nowner: 'group:/'\nsystems: Nobody\nlinks: {indx: [{title: a, url: 'ftp://a'}]}\nlifecycles: {prod: ''}", []string{"namespace", "owner", "systems", "links", "https://", "lifecycles[prod]"}},
		"Placeholder": {"An unknown placeholder would stay in the link", "links: {route: [{title: a, url: 'https://a/{host}'}]}", []string{"{host}", "{name}"}},
		"NoScript":    {"A link leads to a page and runs nothing", "links: {route: [{title: a, url: 'javascript:alert(1)'}]}", []string{"must be a URL"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := ParseConfig([]byte(tc.text))
			if (err != nil) != (len(tc.want) > 0) {
				t.Fatalf("%s: got %v", tc.reason, err)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s: want %q in %v", tc.reason, want, err)
				}
			}
		})
	}
}

func TestMapping(t *testing.T) {
	c := config(t, "namespace: '{team}'\nowner: 'group:default/team-{team}'\nowners: {shop: 'user:default/ana'}\nlifecycles: {prod: live}")
	got := Entities([]inventory.Claim{claim("shop", "web", "prod"), claim("payments", "checkout", "dev")}, blueprint(), c)
	if e := find(t, got, "component:shop/web-prod"); e.Spec.Owner != "user:default/ana" || e.Spec.Lifecycle != "live" || e.Spec.System != "system:shop/web" {
		t.Errorf("a company's own names go first, got %+v", e.Spec)
	}
	if e := find(t, got, "component:payments/checkout-dev"); e.Spec.Owner != "group:default/team-payments" || e.Spec.Lifecycle != "experimental" {
		t.Errorf("what fits most is filled in, got %+v", e.Spec)
	}
}

// FuzzEntities holds entities to Backstage's own rules, whatever is in a claim that the
// API server lets through, and beyond.
func FuzzEntities(f *testing.F) {
	f.Add("payments", "checkout", "prod", "checkout.example.com", "orders", "costCenter", "4711")
	f.Add("payments", strings.Repeat("s", 40), strings.Repeat("e", 20), "*."+strings.Repeat("h", 60)+".example.com", strings.Repeat("i", 63), strings.Repeat("K", 63), "a.b_c")
	f.Fuzz(func(t *testing.T, team, service, environment, host, index, key, value string) {
		c := claim(team, service, environment)
		c.Spec.Routes = append(c.Spec.Routes, v1alpha1.Route{Host: host})
		c.Spec.Tags = map[string]v1alpha1.TagValue{key: v1alpha1.TagValue(value)}
		c.Status.Resources = append(c.Status.Resources, row("Index", service+"-"+environment+"."+index), row("Certificate", host), row("Ingress", host))
		conf, err := ParseConfig(nil)
		if err != nil {
			t.Fatal(err)
		}
		entities := Entities([]inventory.Claim{c}, blueprint(), conf)
		for _, e := range entities {
			if !validName(e.Metadata.Name) {
				t.Errorf("Backstage takes the name %q", e.Metadata.Name)
			}
			for _, tag := range e.Metadata.Tags {
				if tag != environment && (len(tag) > 63 || !tagName.MatchString(tag)) {
					t.Errorf("Backstage takes the tag %q", tag)
				}
			}
		}
		unique := slices.Compact(slices.Sorted(slices.Values(refs(entities))))
		if len(unique) != len(entities) {
			t.Errorf("no two entities share a name: %v", refs(entities))
		}
	})
}

// validName is what KubernetesValidatorFunctions.isValidObjectName of
// @backstage/catalog-model 1.9 says.
func validName(name string) bool {
	return len(name) >= 1 && len(name) <= 63 && regexp.MustCompile(`^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$`).MatchString(name)
}

// TestNames holds what is too long or has other letters apart.
func TestNames(t *testing.T) {
	seen := map[string]string{}
	for _, called := range []string{
		"index-" + strings.Repeat("a", 60) + "b", "index-" + strings.Repeat("a", 60) + "c", "route-*.shop.example.com", "route--.shop.example.com", "route-.shop.example.com", "...", "äöü", "ö",
	} {
		name := nameOf(called)
		if !validName(name) {
			t.Errorf("%q has a name that Backstage takes, got %q", called, name)
		}
		if other, taken := seen[name]; taken {
			t.Errorf("%q and %q have names of their own, got %q", called, other, name)
		}
		seen[name] = called
	}
}

// TestYAML holds that a feed is read as it was meant: one document an entity.
func TestYAML(t *testing.T) {
	c := claim("payments", "checkout", "prod")
	c.Spec.Description = "first\n---\nkind: Template\n# \u2028 'a' \"b\": {c}"
	entities := Entities([]inventory.Claim{c}, blueprint(), config(t, ""))
	for name, write := range map[string]func([]Entity) ([]byte, error){"Feed": YAML, "Readable": Readable} {
		text, err := write(entities)
		if err != nil {
			t.Fatal(err)
		}
		decoder := kyaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
		for i, want := range entities {
			var got Entity
			if err := decoder.Decode(&got); err != nil {
				t.Fatalf("%s: cannot read document %d: %v", name, i, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: no text of a claim leads out of its document: -want, +got:\n%s", name, diff)
			}
		}
	}
}

// TestLinks holds every link to what Backstage takes for a URL.
func TestLinks(t *testing.T) {
	for _, e := range Entities([]inventory.Claim{claim("payments", "checkout", "prod")}, blueprint(), config(t, "")) {
		for _, l := range e.Metadata.Links {
			if u, err := url.Parse(l.URL); err != nil || u.Scheme != "https" {
				t.Errorf("%s has links to pages, got %q", e.Ref(), l.URL)
			}
		}
	}
}

func BenchmarkEntities(b *testing.B) {
	var list []inventory.Claim
	for i := range 1000 {
		list = append(list, claim("payments", fmt.Sprintf("service%d", i), "prod"))
	}
	conf, err := ParseConfig(nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := YAML(Entities(list, blueprint(), conf)); err != nil {
			b.Fatal(err)
		}
	}
}
