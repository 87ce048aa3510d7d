package lookup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
	standin "github.com/plumbline-dev/plumbline/test/standins/dns"
)

const (
	host     = "shop.example.com"
	target   = "gateway.example.com"
	ofTarget = "gateway.example.com. A 192.0.2.80"
	right    = "shop.example.com. CNAME gateway.example.com."
	wrong    = "shop.example.com. CNAME old.example.net."
)

func mark(owner string) string {
	return `cname-shop.example.com. TXT "\"heritage=external-dns,external-dns/owner=` + owner + `,external-dns/resource=crd/shop/web\""`
}

// sentence puts the address of a server into what is expected of it.
func sentence(words string, s *standin.Server) string {
	return strings.ReplaceAll(words, "%s", s.Address())
}

// counting counts the writes of statuses.
func counting(writes *int) interceptor.Funcs {
	return interceptor.Funcs{SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
		*writes++
		return c.SubResource(sub).Patch(ctx, o, p, opts...)
	}}
}

// said are the words of a condition that a reader sees.
func said(l *v1alpha1.Lookup, t xpv2.ConditionType) string {
	c := l.Status.GetCondition(t)
	return string(c.Status) + " " + string(c.Reason) + ": " + c.Message
}

func TestReady(t *testing.T) {
	registry := &v1alpha1.Registry{OwnerID: "eu-1"}
	cname := v1alpha1.LookupSpec{DNSName: host, RecordType: v1alpha1.RecordCNAME, Targets: []string{target}}
	owned := v1alpha1.LookupSpec{DNSName: host, RecordType: v1alpha1.RecordCNAME, Targets: []string{target}, Registry: registry}
	address := v1alpha1.LookupSpec{DNSName: host, RecordType: v1alpha1.RecordA, Targets: []string{"203.0.113.7"}}
	var crowd []string
	for i := range 200 {
		crowd = append(crowd, fmt.Sprintf("shop.example.com. A 198.51.100.%d", i))
	}
	cases := map[string]struct {
		reason  string
		spec    v1alpha1.LookupSpec
		records []string
		want    string // %s is the server.
		answers []string
	}{
		"Right":       {reason: "A host that leads to its target is Ready.", spec: cname, records: []string{right, ofTarget}, want: "True Available: ", answers: []string{target, "192.0.2.80"}},
		"Case":        {reason: "Names are the same in capitals, and with a dot at their end.", spec: v1alpha1.LookupSpec{DNSName: host, RecordType: v1alpha1.RecordCNAME, Targets: []string{"Gateway.Example.com."}}, records: []string{right, ofTarget}, want: "True Available: ", answers: []string{target, "192.0.2.80"}},
		"Further":     {reason: "A host may lead to its target in several steps.", spec: cname, records: []string{"shop.example.com. CNAME www.example.com.", "www.example.com. CNAME gateway.example.com.", ofTarget}, want: "True Available: ", answers: []string{"www.example.com", target, "192.0.2.80"}},
		"IPv6":        {reason: "A gateway may have addresses of IPv6 alone.", spec: cname, records: []string{right, "gateway.example.com. AAAA 2001:db8::80"}, want: "True Available: ", answers: []string{target}},
		"Alias":       {reason: "An alias has the addresses of the target, and no CNAME record.", spec: cname, records: []string{"shop.example.com. A 192.0.2.80", ofTarget, "gateway.example.com. A 192.0.2.81"}, want: "True Available: ", answers: []string{"192.0.2.80"}},
		"AliasIPv6":   {reason: "So has one of IPv6.", spec: cname, records: []string{"shop.example.com. AAAA 2001:db8::80", "gateway.example.com. AAAA 2001:db8::80"}, want: "True Available: ", answers: []string{"2001:db8::80"}},
		"NoAlias":     {reason: "An address that the target does not have leads elsewhere.", spec: cname, records: []string{"shop.example.com. A 198.51.100.9", ofTarget}, want: "False LeadsElsewhere: shop.example.com leads to 198.51.100.9, not to gateway.example.com", answers: []string{"198.51.100.9"}},
		"Unknown":     {reason: "A host that is not published yet is on its way.", spec: cname, records: []string{ofTarget}, want: "False Creating: shop.example.com does not resolve yet (NXDOMAIN from %s)"},
		"NoRecord":    {reason: "A name that exists may have no record of the type.", spec: address, records: []string{`shop.example.com. TXT "x"`}, want: "False Creating: shop.example.com does not resolve yet (no A record from %s)"},
		"TargetGone":  {reason: "What leads to a name that does not exist serves nobody.", spec: cname, records: []string{right}, want: "False Unavailable: shop.example.com leads to gateway.example.com, which does not resolve (NXDOMAIN from %s)", answers: []string{target}},
		"Wrong":       {reason: "A host that leads elsewhere says where.", spec: cname, records: []string{wrong, "old.example.net. A 198.51.100.9"}, want: "False LeadsElsewhere: shop.example.com leads to old.example.net, not to gateway.example.com", answers: []string{"old.example.net", "198.51.100.9"}},
		"Address":     {reason: "An A record has the addresses that it should.", spec: address, records: []string{"shop.example.com. A 203.0.113.7"}, want: "True Available: ", answers: []string{"203.0.113.7"}},
		"AddressElse": {reason: "And not another.", spec: address, records: []string{"shop.example.com. A 198.51.100.9"}, want: "False LeadsElsewhere: shop.example.com leads to 198.51.100.9, not to 203.0.113.7", answers: []string{"198.51.100.9"}},
		"AddressMore": {reason: "Nor one more, to which some of the visitors would go.", spec: address, records: []string{"shop.example.com. A 203.0.113.7", "shop.example.com. A 198.51.100.9"}, want: "False LeadsElsewhere: shop.example.com leads to 198.51.100.9, 203.0.113.7, not to 203.0.113.7", answers: []string{"198.51.100.9", "203.0.113.7"}},
		"AddressAAAA": {reason: "An AAAA record is one of IPv6, however it is written.", spec: v1alpha1.LookupSpec{DNSName: host, RecordType: v1alpha1.RecordAAAA, Targets: []string{"2001:DB8:0::7"}}, records: []string{"shop.example.com. AAAA 2001:db8::7", "shop.example.com. A 198.51.100.9"}, want: "True Available: ", answers: []string{"2001:db8::7"}},
		"Wildcard":    {reason: "A wildcard is asked for by a name below it.", spec: v1alpha1.LookupSpec{DNSName: "*.shop.example.com", RecordType: v1alpha1.RecordCNAME, Targets: []string{target}}, records: []string{"*.shop.example.com. CNAME gateway.example.com.", ofTarget}, want: "True Available: ", answers: []string{target, "192.0.2.80"}},
		"NoWildcard":  {reason: "A record of the domain is none of what is below it.", spec: v1alpha1.LookupSpec{DNSName: "*.shop.example.com", RecordType: v1alpha1.RecordCNAME, Targets: []string{target}}, records: []string{right, ofTarget}, want: "False Creating: *.shop.example.com does not resolve yet (NXDOMAIN from %s)"},
		"Ours":        {reason: "A record that our ExternalDNS owns is as it should be.", spec: owned, records: []string{right, ofTarget, mark("eu-1")}, want: "True Available: ", answers: []string{target, "192.0.2.80"}},
		"OursOld":     {reason: "Our ExternalDNS is about to change its own record.", spec: owned, records: []string{wrong, mark("eu-1")}, want: "False Creating: shop.example.com leads to old.example.net, and not yet to gateway.example.com", answers: []string{"old.example.net"}},
		"Theirs":      {reason: "A record that another ExternalDNS owns is never changed by ours.", spec: owned, records: []string{wrong, mark("other-cluster")}, want: "False RecordNotOwned: shop.example.com leads to old.example.net, not to gateway.example.com; its record belongs to ExternalDNS owner other-cluster", answers: []string{"old.example.net"}},
		"Nobodys":     {reason: "Nor is one that somebody made by hand.", spec: owned, records: []string{wrong}, want: "False RecordNotOwned: shop.example.com leads to old.example.net, not to gateway.example.com; no ExternalDNS says that its record is its own", answers: []string{"old.example.net"}},
		"TheirsOther": {reason: "The record of another may be of another type, and so is its mark.", spec: owned, records: []string{"shop.example.com. A 198.51.100.9", ofTarget, strings.Replace(mark("other-cluster"), "cname-", "a-", 1)}, want: "False RecordNotOwned: shop.example.com leads to 198.51.100.9, not to gateway.example.com; its record belongs to ExternalDNS owner other-cluster", answers: []string{"198.51.100.9"}},
		"OursAlias":   {reason: "An alias of ours has the mark of a CNAME record.", spec: owned, records: []string{"shop.example.com. A 192.0.2.80", ofTarget, mark("eu-1")}, want: "True Available: ", answers: []string{"192.0.2.80"}},
		"Crowd":       {reason: "A status holds no more than anybody reads.", spec: address, records: crowd, want: "False LeadsElsewhere: shop.example.com leads to " + strings.Join(firstOf(crowd), ", ") + ", not to 203.0.113.7", answers: firstOf(crowd)},
		"TheirsRight": {reason: "Another's record that leads where it should serves the users.", spec: owned, records: []string{right, ofTarget, mark("other-cluster")}, want: "True RecordNotOwned: shop.example.com leads where it should, but its record belongs to ExternalDNS owner other-cluster", answers: []string{target, "192.0.2.80"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := standin.Start(t, tc.records...)
			tc.spec.Server = s.Address()
			l := &v1alpha1.Lookup{ObjectMeta: metav1.ObjectMeta{Generation: 3}, Spec: tc.spec}
			(&Reconciler{resolver: resolverOf}).observe(t.Context(), l)
			if diff := cmp.Diff(sentence(tc.want, s), said(l, xpv2.TypeReady)); diff != "" {
				t.Errorf("\n%s\nReady: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.answers, l.Status.Answers); diff != "" {
				t.Errorf("\n%s\nanswers: -want, +got:\n%s", tc.reason, diff)
			}
			for _, c := range []xpv2.ConditionType{xpv2.TypeReady, xpv2.TypeSynced} {
				if got := l.Status.GetCondition(c).ObservedGeneration; got != 3 {
					t.Errorf("\n%s tells of which generation it says so, got %d", c, got)
				}
			}
		})
	}
}

// firstOf are the addresses of the first 20 records.
func firstOf(records []string) []string {
	var out []string
	for _, r := range records[:20] {
		out = append(out, strings.Fields(r)[2])
	}
	return out
}

func TestRegistryName(t *testing.T) {
	cases := map[string]struct {
		reason   string
		host     string
		registry v1alpha1.Registry
		want     string
	}{
		"Plain":       {reason: "The type stands before the name.", host: host, want: "cname-shop.example.com"},
		"Prefix":      {reason: "A prefix stands before the type.", host: host, registry: v1alpha1.Registry{TXTPrefix: "_Owner."}, want: "_owner.cname-shop.example.com"},
		"Suffix":      {reason: "A suffix stands behind the first label.", host: host, registry: v1alpha1.Registry{TXTSuffix: "-dns"}, want: "cname-shop-dns.example.com"},
		"Place":       {reason: "A prefix may say where the type stands.", host: host, registry: v1alpha1.Registry{TXTPrefix: "dns-%{record_type}."}, want: "dns-cname.shop.example.com"},
		"PlaceBehind": {reason: "So may a suffix.", host: host, registry: v1alpha1.Registry{TXTSuffix: "-%{record_type}-x"}, want: "shop-cname-x.example.com"},
		"Wildcard":    {reason: "A wildcard is a name as any other.", host: "*.shop.example.com", want: "cname-*.shop.example.com"},
		"Replacement": {reason: "Some servers take no asterisk there.", host: "*.shop.example.com", registry: v1alpha1.Registry{TXTWildcardReplacement: "any"}, want: "cname-any.shop.example.com"},
		"NoWildcard":  {reason: "What replaces an asterisk replaces no other.", host: host, registry: v1alpha1.Registry{TXTWildcardReplacement: "any"}, want: "cname-shop.example.com"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := registryName(tc.host, v1alpha1.RecordCNAME, tc.registry)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestOwnerOf(t *testing.T) {
	cases := map[string]struct {
		reason string
		texts  []string
		want   string
	}{
		"Quoted":    {reason: "Some providers keep the quotes.", texts: []string{`"heritage=external-dns,external-dns/owner=eu-1,external-dns/resource=crd/a/b"`}, want: "eu-1"},
		"Others":    {reason: "Other texts may stand beside it.", texts: []string{"v=spf1 -all", "heritage=external-dns,external-dns/owner=eu-1"}, want: "eu-1"},
		"Heritage":  {reason: "A text of another program names no ExternalDNS.", texts: []string{"heritage=other,external-dns/owner=eu-1"}},
		"Encrypted": {reason: "What cannot be read names none.", texts: []string{"h8xYp0S1wQ=="}},
		"None":      {reason: "Nor do no texts."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := ownerOf(tc.texts); got != tc.want {
				t.Errorf("\n%s\nwant %q, got %q", tc.reason, tc.want, got)
			}
		})
	}
}

// A scene is an API server with one Lookup, whose writes are counted.
type scene struct {
	client.Client
	*Reconciler

	writes *int
}

func newScene(t *testing.T, s *standin.Server, mods ...func(*v1alpha1.Lookup)) scene {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	l := &v1alpha1.Lookup{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: host, Generation: 1},
		Spec: v1alpha1.LookupSpec{
			DNSName: host, RecordType: v1alpha1.RecordCNAME, Targets: []string{target}, Server: s.Address(),
		},
	}
	for _, mod := range mods {
		mod(l)
	}
	writes := 0
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(l).WithStatusSubresource(l).WithInterceptorFuncs(counting(&writes)).Build()
	return scene{Client: c, Reconciler: &Reconciler{kube: c, poll: time.Minute, resolver: resolverOf}, writes: &writes}
}

// visit looks the host up once.
func (s scene) visit(t *testing.T) (reconcile.Result, *v1alpha1.Lookup) {
	t.Helper()
	key := client.ObjectKey{Namespace: "shop", Name: host}
	result, err := s.Reconcile(t.Context(), reconcile.Request{NamespacedName: key})
	if err != nil {
		t.Fatal(err)
	}
	l := &v1alpha1.Lookup{}
	if err := s.Get(t.Context(), key, l); err != nil {
		t.Fatal(err)
	}
	return result, l
}

// TestLife takes a host from before it is published to a server that falls ill, and back.
func TestLife(t *testing.T) {
	server := standin.Start(t, ofTarget)
	s := newScene(t, server)
	steps := []struct {
		reason string
		happen func()
		synced string
		ready  string
		soon   bool
		writes int
	}{
		{reason: "A host that is not published is asked for again soon.", happen: func() {}, synced: "True ReconcileSuccess: ", ready: "False Creating: shop.example.com does not resolve yet (NXDOMAIN from %s)", soon: true, writes: 1},
		{reason: "What is as it was is not written.", happen: func() {}, synced: "True ReconcileSuccess: ", ready: "False Creating: shop.example.com does not resolve yet (NXDOMAIN from %s)", soon: true, writes: 1},
		{reason: "Once it is, it is polled.", happen: func() { server.Set(t, right, ofTarget) }, synced: "True ReconcileSuccess: ", ready: "True Available: ", writes: 2},
		{reason: "A server that does not tell leaves nobody with a belief.", happen: func() { server.Refuse("SERVFAIL") }, synced: "False ReconcileError: DNS server %s answers SERVFAIL for shop.example.com", ready: "Unknown Unobserved: DNS server %s answers SERVFAIL for shop.example.com", soon: true, writes: 3},
		{reason: "It recovers without help.", happen: func() { server.Refuse("NOERROR") }, synced: "True ReconcileSuccess: ", ready: "True Available: ", writes: 4},
		{reason: "A record that is gone is seen.", happen: func() { server.Set(t, ofTarget) }, synced: "True ReconcileSuccess: ", ready: "False Creating: shop.example.com does not resolve yet (NXDOMAIN from %s)", soon: true, writes: 5},
	}
	for _, step := range steps {
		step.happen()
		result, l := s.visit(t)
		if diff := cmp.Diff([]string{sentence(step.synced, server), sentence(step.ready, server)}, []string{said(l, xpv2.TypeSynced), said(l, xpv2.TypeReady)}); diff != "" {
			t.Errorf("\n%s\n-want, +got:\n%s", step.reason, diff)
		}
		if soon := result.RequeueAfter == 0; soon != step.soon || !soon && (result.RequeueAfter < 54*time.Second || result.RequeueAfter > 66*time.Second) {
			t.Errorf("\n%s\ngot %+v", step.reason, result)
		}
		if *s.writes != step.writes {
			t.Errorf("\n%s\nwant %d writes, got %d", step.reason, step.writes, *s.writes)
		}
	}
}

func TestNotAsked(t *testing.T) {
	server := standin.Start(t, right, ofTarget)
	paused := newScene(t, server, func(l *v1alpha1.Lookup) {
		l.Annotations = map[string]string{meta.AnnotationKeyReconciliationPaused: "true"}
	})
	result, l := paused.visit(t)
	if got := said(l, xpv2.TypeSynced); got != "False ReconcilePaused: " || result != (reconcile.Result{}) || len(l.Status.Answers) > 0 {
		t.Errorf("\nA Lookup that is paused asks nobody, and says so.\ngot %s, %+v", got, result)
	}
	if result, err := paused.Reconcile(t.Context(), reconcile.Request{NamespacedName: client.ObjectKey{Namespace: "shop", Name: "gone"}}); err != nil || result != (reconcile.Result{}) {
		t.Errorf("\nOne that is gone is not asked for.\ngot %+v, %v", result, err)
	}
}

func TestNoResolver(t *testing.T) {
	s := newScene(t, standin.Start(t))
	s.resolver = func(*v1alpha1.Lookup) (resolver, error) {
		return nil, errors.New("cannot read the configuration of the resolver")
	}
	if _, l := s.visit(t); said(l, xpv2.TypeSynced) != "False ReconcileError: cannot read the configuration of the resolver" {
		t.Errorf("\nA provider without a resolver says so.\ngot %s", said(l, xpv2.TypeSynced))
	}
}
