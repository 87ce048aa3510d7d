package provider

import (
	"strings"
	"testing"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

func shards(n int32) func(*elasticsearch.Index) {
	return func(i *elasticsearch.Index) { i.Spec.ForProvider.NumberOfShards = &n }
}

// TestDoor checks what the API server lets in. No provider runs.
func TestDoor(t *testing.T) {
	ns := newNamespace(t)
	index := func(name string, mods ...func(*elasticsearch.Index)) *elasticsearch.Index {
		i := &elasticsearch.Index{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}}
		for _, mod := range mods {
			mod(i)
		}
		return i
	}
	changed := func(from client.Object, mod func()) func() error {
		return func() error {
			create(t, from)
			mod()
			return kube.Update(t.Context(), from)
		}
	}
	secretless := elasticsearch.ProviderConfigSpec{Endpoint: "https://es.example.com", Installation: "test"}
	a, b, c, d := index("a", shards(1)), index("b"), index("c"), index("d", shards(1))
	g := newGroup(ns)
	cases := map[string]struct {
		reason string
		do     func() error
		says   string // Part of the refusal; empty: it is let in.
	}{
		"ShardsChanged": {"The number of shards cannot change.", changed(a, func() { shards(2)(a) }), "numberOfShards cannot change"},
		"ShardsAdded":   {"The number of shards cannot be added later.", changed(b, func() { shards(2)(b) }), "numberOfShards can be neither added nor removed"},
		"Finalizer":     {"An Index without parameters can have a finalizer.", changed(c, func() { c.Finalizers = []string{"plumbline.dev/test"}; c.Labels = map[string]string{"a": "b"} }), ""},
		"Replicas":      {"What else there is can change.", changed(d, func() { r := int32(2); d.Spec.ForProvider.NumberOfReplicas = &r }), ""},
		"Mappings": {"A mapping keeps what it holds.", func() error {
			i := index("e")
			i.Spec.ForProvider.Mappings = &apiextensionsv1.JSON{Raw: []byte(`{"properties":{"a":{"type":"text"}}}`)}
			create(t, i)
			get(t, i)
			if got := string(i.Spec.ForProvider.Mappings.Raw); got != `{"properties":{"a":{"type":"text"}}}` {
				t.Errorf("mappings are %s", got)
			}
			return nil
		}, ""},
		"TwoLifecycles": {"A data stream has one lifecycle.", func() error {
			s := newStream(ns)
			s.Spec.ForProvider.LifecyclePolicyName = new("hot")
			return kube.Create(t.Context(), s)
		}, "set either lifecycle or lifecyclePolicyName"},
		"PolicyInSettings": {"A policy is named in one place.", func() error {
			s := newStream(ns)
			s.Spec.ForProvider.Settings["index.lifecycle.name"] = "hot"
			return kube.Create(t.Context(), s)
		}, "name the ILM policy in lifecyclePolicyName"},
		"Retention": {"A retention has a unit.", func() error {
			s := newStream(ns)
			s.Spec.ForProvider.Lifecycle.DataRetention = new("30")
			return kube.Create(t.Context(), s)
		}, "dataRetention"},
		"UniqueName": {"The unique name cannot change.", changed(g, func() { g.Spec.ForProvider.UniqueName = "other" }), "uniqueName cannot change"},
		"BothCredentials": {"A config has one way to sign in.", func() error {
			pc := &elasticsearch.ProviderConfig{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "both"}, Spec: secretless}
			user := "u"
			pc.Spec.Credentials = elasticsearch.Credentials{APIKeySecretRef: key(ns, "a"), Username: &user, PasswordSecretRef: key(ns, "b")}
			return kube.Create(t.Context(), pc)
		}, "set either apiKeySecretRef, or both username and passwordSecretRef"},
		"NoClientSecret": {"A client secret is asked for where it is used.", func() error {
			pc := &entra.ProviderConfig{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "none"}}
			pc.Spec = entra.ProviderConfigSpec{TenantID: tenantID, ClientID: clientID, Installation: "test", Credentials: entra.Credentials{Source: entra.SourceClientSecret}}
			return kube.Create(t.Context(), pc)
		}, "clientSecretRef is needed with source ClientSecret"},
		"PlainAuthority": {"A client secret is not sent in the clear.", func() error {
			pc := &entra.ProviderConfig{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "plain"}}
			pc.Spec = entra.ProviderConfigSpec{TenantID: tenantID, ClientID: clientID, Installation: "test", AuthorityHost: "http://example.com",
				Credentials: entra.Credentials{Source: entra.SourceWorkloadIdentity}}
			return kube.Create(t.Context(), pc)
		}, "authorityHost"},
		"KeyWithoutSecret": {"A key has a Secret: nobody else keeps it.", func() error {
			k := newAPIKey(ns)
			k.Spec.WriteConnectionSecretToReference = nil
			return kube.Create(t.Context(), k)
		}, "set writeConnectionSecretToRef"},
		"KeyWithoutDescriptor": {"A key that names no privileges would have all of its maker's.", func() error {
			k := newAPIKey(ns)
			k.Spec.ForProvider.RoleDescriptors = []elasticsearch.RoleDescriptor{}
			return kube.Create(t.Context(), k)
		}, "roleDescriptors"},
		"RotatedBefore": {"The next key is not made before the first.", func() error {
			k := newAPIKey(ns)
			k.Spec.ForProvider.RotateBefore = &metav1.Duration{Duration: 2 * time.Hour}
			return kube.Create(t.Context(), k)
		}, "rotateBefore must be shorter than validity"},
		"RotatedNever": {"A key that never ends is never replaced.", func() error {
			k := newAPIKey(ns)
			k.Spec.ForProvider.Validity = nil
			return kube.Create(t.Context(), k)
		}, "rotateBefore takes a validity"},
		"RolloverInCold": {"An action has its phase.", func() error {
			p, age := newPolicy(ns), elasticsearch.TimeValue("1d")
			p.Spec.ForProvider.Cold = &elasticsearch.LifecyclePhase{Actions: elasticsearch.LifecycleActions{Rollover: &elasticsearch.RolloverAction{MaxAge: &age}}}
			return kube.Create(t.Context(), p)
		}, "rollover belongs in phase hot"},
		"DeleteInHot": {"Data is deleted in the phase that says so.", func() error {
			p := newPolicy(ns)
			p.Spec.ForProvider.Hot = &elasticsearch.LifecyclePhase{Actions: elasticsearch.LifecycleActions{Delete: &elasticsearch.DeleteAction{}}}
			return kube.Create(t.Context(), p)
		}, "action delete belongs in phase delete"},
		"Age": {"An age has a unit of Elasticsearch's.", func() error {
			p, age := newPolicy(ns), elasticsearch.TimeValue("1w")
			p.Spec.ForProvider.Delete.MinAge = &age
			return kube.Create(t.Context(), p)
		}, "minAge"},
		"MappingEnabled": {"A mapping counts unless it says otherwise.", func() error {
			m := newMapping(ns)
			create(t, m)
			if on := m.Spec.ForProvider.Enabled; on == nil || !*on {
				t.Error("enabled is not true")
			}
			return nil
		}, ""},
		"Defaults": {"What is left out has the default that the docs name.", func() error {
			fresh := newGroup(ns, func(g *entra.Group) { g.Name, g.Spec.ProviderConfigReference = "defaults", nil })
			create(t, fresh)
			want := xpv2.ProviderConfigReference{Kind: "ClusterProviderConfig", Name: "default"}
			if *fresh.Spec.ProviderConfigReference != want || fresh.Spec.ForProvider.MembershipPolicy != entra.MembershipExclusive {
				t.Errorf("defaults are %+v", fresh.Spec)
			}
			return nil
		}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := tc.do()
			if tc.says == "" && err != nil {
				t.Errorf("\n%s\n%v", tc.reason, err)
			}
			if tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("\n%s\nwant %q, got %v", tc.reason, tc.says, err)
			}
		})
	}
	c.Finalizers = nil
	change(t, c, func(i *elasticsearch.Index) { i.Finalizers = nil })
}
