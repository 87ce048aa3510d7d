package connect

import (
	"strings"
	"testing"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

func secret(namespace, value string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "es"}, Data: map[string][]byte{"key": []byte(value)}}
}

func spec(namespace string) elasticsearch.ProviderConfigSpec {
	return elasticsearch.ProviderConfigSpec{
		Endpoint: "https://es.example.com/", Installation: "local",
		Credentials: elasticsearch.Credentials{APIKeySecretRef: &xpv2.SecretKeySelector{
			SecretReference: xpv2.SecretReference{Namespace: namespace, Name: "es"}, Key: "key"}},
	}
}

func namespaced(secretNamespace string) client.Object {
	return &elasticsearch.ProviderConfig{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "default"}, Spec: spec(secretNamespace)}
}

func cluster(secretNamespace string) client.Object {
	return &elasticsearch.ClusterProviderConfig{ObjectMeta: metav1.ObjectMeta{Name: "default"}, Spec: spec(secretNamespace)}
}

func index(kind string, deleted bool) *elasticsearch.Index {
	cr := &elasticsearch.Index{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "x", UID: "uid"}}
	cr.SetGroupVersionKind(elasticsearch.IndexGroupVersionKind)
	cr.Spec.ProviderConfigReference = &xpv2.ProviderConfigReference{Kind: kind, Name: "default"}
	if deleted {
		cr.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
	}
	return cr
}

func kube(t *testing.T, objects ...client.Object) client.Client {
	t.Helper()
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, elasticsearch.AddToScheme, entra.AddToScheme} {
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	return fake.NewClientBuilder().WithScheme(s).WithObjects(objects...).Build()
}

func TestConnect(t *testing.T) {
	cases := map[string]struct {
		reason  string
		objects []client.Object
		cr      *elasticsearch.Index
		err     string
		usages  int
	}{
		"Namespaced": {
			reason:  "A ProviderConfig of the resource's namespace serves it, and its use is recorded.",
			objects: []client.Object{namespaced("payments"), secret("payments", "k")}, cr: index("ProviderConfig", false), usages: 1,
		},
		"Cluster": {
			reason:  "A ClusterProviderConfig serves any namespace, with Secrets of any.",
			objects: []client.Object{cluster("system"), secret("system", "k")}, cr: index("ClusterProviderConfig", false), usages: 1,
		},
		"ForeignSecret": {
			reason:  "A ProviderConfig cannot be used to read another namespace's Secrets.",
			objects: []client.Object{namespaced("system"), secret("system", "k")}, cr: index("ProviderConfig", false), usages: 1,
			err: `cannot use ProviderConfig "default": a ProviderConfig reads Secrets of its own namespace only: Secret "es" is to be in namespace "payments", not "system"`,
		},
		"NoConfig": {
			reason: "A config that is missing is named.",
			cr:     index("ClusterProviderConfig", false), usages: 1,
			err: `cannot get ClusterProviderConfig "default": clusterproviderconfigs.elasticsearch.plumbline.dev "default" not found`,
		},
		"NoSecret": {
			reason:  "A Secret that is missing is named.",
			objects: []client.Object{namespaced("payments")}, cr: index("ProviderConfig", false), usages: 1,
			err: `cannot use ProviderConfig "default": cannot get Secret "es" in namespace "payments": secrets "es" not found`,
		},
		"NoKey": {
			reason:  "A Secret without the key is named, and the key.",
			objects: []client.Object{namespaced("payments"), secret("payments", "")}, cr: index("ProviderConfig", false), usages: 1,
			err: `cannot use ProviderConfig "default": Secret "es" in namespace "payments" has no key "key"`,
		},
		"UnknownKind": {
			reason: "A kind of config that does not exist is named.",
			cr:     index("Config", false), usages: 1,
			err: `spec.providerConfigRef.kind "Config" is unknown: want ProviderConfig or ClusterProviderConfig`,
		},
		"Deleted": {
			reason:  "A resource that is being deleted records no use: its namespace may be going, where nothing can be created.",
			objects: []client.Object{namespaced("payments"), secret("payments", "k")}, cr: index("ProviderConfig", true),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			k := kube(t, tc.objects...)
			conn, err := NewElasticsearch(k, observe.Sweeps{}).Connect(t.Context(), tc.cr)
			got := ""
			if err != nil {
				got = err.Error()
			} else if conn.Installation != "local" || conn.Endpoint != "https://es.example.com" {
				t.Errorf("\n%s\nConnect(...): %+v", tc.reason, conn)
			}
			if diff := cmp.Diff(tc.err, got); diff != "" {
				t.Errorf("\n%s\nConnect(...): -want, +got:\n%s", tc.reason, diff)
			}
			usages := &elasticsearch.ProviderConfigUsageList{}
			if err := k.List(t.Context(), usages); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.usages, len(usages.Items)); diff != "" {
				t.Errorf("\n%s\nusages: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestWorkloadIdentityIsNotLent checks that a ProviderConfig, which a team may
// write, cannot make the provider send its own token to a host of their choice.
func TestWorkloadIdentityIsNotLent(t *testing.T) {
	pc := &entra.ProviderConfig{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "default"}}
	pc.Spec = entra.ProviderConfigSpec{TenantID: "t", ClientID: "c", Installation: "local", Endpoint: "https://evil.example.com",
		AuthorityHost: "https://evil.example.com", Credentials: entra.Credentials{Source: entra.SourceWorkloadIdentity}}
	cr := &entra.Group{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "x", UID: "uid"}}
	cr.SetGroupVersionKind(entra.GroupGroupVersionKind)
	cr.Spec.ProviderConfigReference = &xpv2.ProviderConfigReference{Kind: "ProviderConfig", Name: "default"}

	_, err := NewEntra(kube(t, pc), observe.Sweeps{}).Connect(t.Context(), cr)
	if err == nil || !strings.Contains(err.Error(), "only a ClusterProviderConfig may use source WorkloadIdentity") {
		t.Errorf("\nConnect(...): want a refusal, got %v", err)
	}
}

// TestConnectionsAreShared follows one config through the changes that matter.
func TestConnectionsAreShared(t *testing.T) {
	ctx, now := t.Context(), time.Unix(0, 0)
	held := secret("payments", "k")
	k := kube(t, namespaced("payments"), held)
	c := NewElasticsearch(k, observe.Sweeps{})
	c.opened.now = func() time.Time { return now }
	connect := func(deleted bool) any {
		t.Helper()
		conn, err := c.Connect(ctx, index("ProviderConfig", deleted))
		if err != nil {
			t.Fatal(err)
		}
		return conn.Client
	}
	first := connect(false)
	if connect(false) != first {
		t.Error("\nResources of one config share its client, and with it tokens and connections.")
	}
	now = now.Add(freshFor + time.Second)
	if connect(false) != first {
		t.Error("\nLooking at a Secret that did not change replaces nothing.")
	}
	held.Data["key"] = []byte("rotated")
	if err := k.Update(ctx, held); err != nil {
		t.Fatal(err)
	}
	now = now.Add(freshFor + time.Second)
	second := connect(false)
	if second == first {
		t.Error("\nA Secret that changed makes a new client.")
	}
	if err := k.Delete(ctx, held); err != nil {
		t.Fatal(err)
	}
	now = now.Add(freshFor + time.Second)
	if connect(true) != second {
		t.Error("\nA resource that is being deleted uses the last connection when its Secret went first.")
	}
	if _, err := c.Connect(ctx, index("ProviderConfig", false)); err == nil {
		t.Error("\nAny other resource does not.")
	}
}
