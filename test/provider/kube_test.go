package provider

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

// newNamespace makes a namespace for one test.
func newNamespace(t *testing.T) string {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	create(t, ns)
	return ns.Name
}

// create creates an object; what is managed is deleted when the test ends, while
// the provider still runs.
func create(t *testing.T, o client.Object) {
	t.Helper()
	if err := kube.Create(t.Context(), o); err != nil {
		t.Fatalf("cannot create %T %q: %v", o, o.GetName(), err)
	}
}

// get reads an object anew.
func get(t *testing.T, o client.Object) {
	t.Helper()
	if err := kube.Get(t.Context(), client.ObjectKeyFromObject(o), o); err != nil {
		t.Fatalf("cannot get %T %q: %v", o, o.GetName(), err)
	}
}

// change changes an object that controllers change as well.
func change[T client.Object](t *testing.T, o T, mod func(T)) {
	t.Helper()
	eventually(t, "A change is accepted.", func() error {
		get(t, o)
		mod(o)
		return kube.Update(t.Context(), o)
	})
}

func remove(t *testing.T, o client.Object) {
	t.Helper()
	if err := kube.Delete(t.Context(), o); client.IgnoreNotFound(err) != nil {
		t.Fatalf("cannot delete %T %q: %v", o, o.GetName(), err)
	}
}

// awaitGone waits until an object does not exist any more.
func awaitGone(t *testing.T, o client.Object) {
	t.Helper()
	eventually(t, fmt.Sprintf("%T %q goes.", o, o.GetName()), func() error {
		err := kube.Get(t.Context(), client.ObjectKeyFromObject(o), o)
		if kerrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(errors.New("it is still there"), err)
	})
}

// awaitReady waits until a resource is ready and synced in its present form.
func awaitReady(t *testing.T, mg resource.Managed) {
	t.Helper()
	eventually(t, fmt.Sprintf("%q becomes ready.", mg.GetName()), func() error {
		get(t, mg)
		for _, kind := range []xpv2.ConditionType{xpv2.TypeReady, xpv2.TypeSynced} {
			c := mg.GetCondition(kind)
			if c.Status != corev1.ConditionTrue || c.ObservedGeneration < mg.GetGeneration() && kind == xpv2.TypeSynced {
				return fmt.Errorf("%s is %s of generation %d of %d: %s: %s", kind, c.Status, c.ObservedGeneration, mg.GetGeneration(), c.Reason, c.Message)
			}
		}
		return nil
	})
}

// awaitRefusal waits until condition Synced is False and its message has an
// opening.
func awaitRefusal(t *testing.T, mg resource.Managed, opening string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%q says %q.", mg.GetName(), opening), func() error {
		get(t, mg)
		if c := mg.GetCondition(xpv2.TypeSynced); c.Status != corev1.ConditionFalse || !strings.HasPrefix(c.Message, opening) {
			return fmt.Errorf("it says %s: %s: %s", c.Status, c.Reason, c.Message)
		}
		return nil
	})
}

// stays fails the test if an object is written to within a while in which it is
// reconciled several times.
func stays(t *testing.T, reason string, o client.Object, while time.Duration) {
	t.Helper()
	get(t, o)
	version := o.GetResourceVersion()
	for end := time.Now().Add(while); time.Now().Before(end); time.Sleep(100 * time.Millisecond) { //nolint:forbidigo // That nothing happens has no event to wait for.
		if get(t, o); o.GetResourceVersion() != version {
			t.Fatalf("\n%s\n%T %q changed: %+v", reason, o, o.GetName(), o)
		}
	}
}

// secret makes the Secret that a config refers to.
func secret(t *testing.T, namespace string, b *backend, value string) *corev1.Secret {
	t.Helper()
	s := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "backend"},
		Data:       map[string][]byte{"secret": []byte(value), "ca.crt": b.ca()},
	}
	create(t, s)
	return s
}

func key(namespace, name string) *xpv2.SecretKeySelector {
	return &xpv2.SecretKeySelector{SecretReference: xpv2.SecretReference{Namespace: namespace, Name: "backend"}, Key: name}
}

func entraSpec(d *tenant, secretNamespace string) entra.ProviderConfigSpec {
	return entra.ProviderConfigSpec{
		TenantID: tenantID, ClientID: clientID, Installation: "test",
		Endpoint: d.URL, AuthorityHost: d.URL, CABundleSecretRef: key(secretNamespace, "ca.crt"),
		Credentials: entra.Credentials{Source: entra.SourceClientSecret, ClientSecretRef: key(secretNamespace, "secret")},
	}
}

// entraConfig makes a ProviderConfig of a namespace.
func entraConfig(t *testing.T, d *tenant, namespace string) *entra.ProviderConfig {
	t.Helper()
	secret(t, namespace, d.backend, clientSecret)
	pc := &entra.ProviderConfig{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "default"}, Spec: entraSpec(d, namespace)}
	create(t, pc)
	return pc
}

// newGroup returns a Group that uses the ProviderConfig of its namespace.
func newGroup(namespace string, mods ...func(*entra.Group)) *entra.Group {
	g := &entra.Group{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "checkout-prod"}}
	g.Spec.ProviderConfigReference = &xpv2.ProviderConfigReference{Kind: "ProviderConfig", Name: "default"}
	g.Spec.ForProvider = entra.GroupParameters{UniqueName: "plumbline." + namespace, DisplayName: namespace + " checkout-prod"}
	for _, mod := range mods {
		mod(g)
	}
	return g
}

func withMembers(names ...string) func(*entra.Group) {
	return func(g *entra.Group) { g.Spec.ForProvider.Members = names }
}
