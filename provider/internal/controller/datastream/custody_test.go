package datastream

import (
	"net/http"
	"strings"
	"testing"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	memory "github.com/plumbline-dev/plumbline/provider/internal/controller/world"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
	"github.com/plumbline-dev/plumbline/test/engine"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// A plane is a control plane with a cluster, and a client of the cluster for tests.
// unswept is the kind with nothing remembered.
func unswept(kube client.Client) kind.Kind[*v1alpha1.DataStream] {
	return of(connect.NewElasticsearch(kube, observe.Sweeps{}))
}

type plane struct {
	*memory.World[*v1alpha1.DataStream]

	backend *memory.Backend
	cluster *elasticsearch.Client
	t       *testing.T
}

func newPlane(t *testing.T, b *memory.Backend, installation string) plane {
	t.Helper()
	cluster, err := elasticsearch.New(elasticsearch.Config{Endpoint: b.URL, CABundle: b.CA(), Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	secret := func(key string) *xpv2.SecretKeySelector {
		return &xpv2.SecretKeySelector{SecretReference: xpv2.SecretReference{Namespace: "system", Name: "es"}, Key: key}
	}
	w := memory.New(t, b, unswept,
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "system", Name: "es"}, Data: map[string][]byte{"ca": b.CA(), "p": []byte("p")}},
		&v1alpha1.ClusterProviderConfig{ObjectMeta: metav1.ObjectMeta{Name: "default"}, Spec: v1alpha1.ProviderConfigSpec{
			Endpoint: b.URL, Installation: installation, CABundleSecretRef: secret("ca"),
			Credentials: v1alpha1.Credentials{Username: new("u"), PasswordSecretRef: secret("p")},
		}})
	return plane{w, b, cluster, t}
}

func startCluster(t *testing.T) *memory.Backend {
	t.Helper()
	return memory.Serve(t, engine.New(t, standin.Options{Username: "u", Password: "p"}))
}

// managedStream returns a DataStream as it is applied.
func managedStream(t *testing.T) *v1alpha1.DataStream {
	t.Helper()
	cr := newWorld(t).cr
	cr.SetGroupVersionKind(v1alpha1.DataStreamGroupVersionKind)
	cr.Spec.ManagementPolicies = xpv2.ManagementPolicies{xpv2.ManagementActionAll}
	cr.Spec.ProviderConfigReference = &xpv2.ProviderConfigReference{Kind: "ClusterProviderConfig", Name: "default"}
	return cr
}

// append puts a document into the stream.
func (p plane) append() {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.backend.URL+"/"+name+"/_doc", strings.NewReader(`{"@timestamp":"2026-01-01T00:00:00Z"}`))
	if err != nil {
		p.t.Fatal(err)
	}
	r.SetBasicAuth("u", "p")
	r.Header.Set("Content-Type", "application/json")
	rsp, err := p.backend.Client().Do(r)
	if err != nil || rsp.StatusCode != http.StatusCreated {
		p.t.Fatalf("cannot append: %v, %v", rsp, err)
	}
	_ = rsp.Body.Close()
}

func synced(cr *v1alpha1.DataStream) string { return cr.GetCondition(xpv2.TypeSynced).Message }

// TestCustody takes a stream through drift, the loss of the control plane, a second
// one, and a deletion that would lose documents.
func TestCustody(t *testing.T) {
	b := startCluster(t)
	p, cr := newPlane(t, b, "local"), managedStream(t)
	p.Make(cr)
	p.append()

	if err := p.cluster.PutSettings(t.Context(), name, map[string]string{"refresh_interval": "5s"}); err != nil {
		t.Fatal(err)
	}
	p.Settle(cr)
	want := []custody.Drift{{Field: "settings.refresh_interval", Found: "5s", Desired: "30s", Outcome: custody.DriftRestored}}
	got := cr.DeepCopy().Status.Drift
	for i := range got {
		got[i].At = metav1.Time{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\nWhat others changed is put right and told.\ndrift: -want, +got:\n%s", diff)
	}
	p.Change(cr, func(cr *v1alpha1.DataStream) { cr.Spec.ForProvider.Lifecycle.DataRetention = new("60d") })
	if len(cr.Status.Drift) != 1 || cr.Status.AtProvider.Lifecycle.EffectiveRetention != "60d" {
		t.Errorf("\nAn edit is no drift.\n%v, %+v", cr.Status.Drift, cr.Status.AtProvider.Lifecycle)
	}

	b.Forget(memory.Death{})
	p, again := newPlane(t, b, "local"), managedStream(t)
	again.Spec.ForProvider.Lifecycle.DataRetention = new("60d")
	p.Make(again)
	second, theirs := newPlane(t, b, "second"), managedStream(t)
	second.Make(theirs)
	if says := synced(theirs); len(b.Writes()) != 0 || !strings.Contains(says, `OwnedElsewhere: data stream "checkout-prod.events" belongs to "local/payments/checkout-prod.events"`) {
		t.Errorf("\nThe same manifests find the same stream, another control plane is refused, and none writes.\n%s, writes: %v", says, b.Writes())
	}

	if !p.Remove(again) || !strings.HasPrefix(synced(again), `DataLoss: "checkout-prod.events" holds 1 documents`) {
		t.Errorf("\nDocuments are not deleted unasked.\n%s", synced(again))
	}
	if p.Change(again, func(cr *v1alpha1.DataStream) { cr.Spec.Deletion = &custody.DeletionTerms{Data: custody.DataDelete} }) {
		t.Errorf("\nThe commit that was asked for lets them go.\n%s", synced(again))
	}
	if _, err := p.cluster.DataStream(t.Context(), name); !elasticsearch.IsNotFound(err) {
		t.Errorf("\nThe stream is gone.\n%v", err)
	}
}

// TestDeaths kills the provider at every request that makes a stream, and that
// deletes it.
func TestDeaths(t *testing.T) {
	memory.Deaths(t, func(t *testing.T, at memory.Death) int {
		t.Helper()
		b := startCluster(t)
		p, cr := newPlane(t, b, "local"), managedStream(t)
		b.Forget(at)
		p.Make(cr)
		if cr.GetCondition(xpv2.TypeReady).Status != corev1.ConditionTrue || synced(cr) != "" || cr.Status.AtProvider.Generation != 1 || len(cr.Status.Drift) > 0 {
			t.Errorf("\nIn the end there is one stream, of one index.\n%+v, %s", cr.Status, synced(cr))
		}
		return b.Calls()
	})
	memory.Deaths(t, func(t *testing.T, at memory.Death) int {
		t.Helper()
		b := startCluster(t)
		p, cr := newPlane(t, b, "local"), managedStream(t)
		p.Make(cr)
		b.Forget(at)
		gone := !p.Remove(cr)
		_, stream := p.cluster.DataStream(t.Context(), name)
		_, template := p.cluster.Template(t.Context(), name)
		if !gone || !elasticsearch.IsNotFound(stream) || !elasticsearch.IsTemplateNotFound(template) {
			t.Errorf("\nNothing is left behind.\n%t, %v, %v", gone, stream, template)
		}
		calls := b.Calls()
		return calls - 2 // The test's own.
	})
}
