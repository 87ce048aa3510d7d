package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// TestBackendFails checks for each way to fail that nothing is written, that the
// Group says so once, in words, is not called Ready for long, and that it recovers.
func TestBackendFails(t *testing.T) {
	cases := map[string]struct {
		reason string
		fail   func(http.ResponseWriter, *http.Request) bool
		says   string
	}{
		"ServerError": {"A server error changes nothing.",
			func(w http.ResponseWriter, _ *http.Request) bool { return refuse(w, 500, "InternalServerError") },
			"observe failed: cannot get group"},
		"Unavailable": {"A service that is unavailable changes nothing.",
			func(w http.ResponseWriter, _ *http.Request) bool { return refuse(w, 503, "ServiceUnavailable") },
			"observe failed: cannot get group"},
		"Forbidden": {"A permission that is withdrawn changes nothing.",
			func(w http.ResponseWriter, _ *http.Request) bool {
				return refuse(w, 403, "Authorization_RequestDenied")
			},
			"observe failed: cannot get group"},
		"Unauthorized": {"A token that is not accepted changes nothing.",
			func(w http.ResponseWriter, _ *http.Request) bool { return refuse(w, 401, "InvalidAuthenticationToken") },
			"observe failed: cannot get group"},
		"Partial": {"An answer that breaks off is none.",
			func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Content-Length", "1000")
				_, _ = w.Write([]byte(`{"value":[`))
				return true
			},
			"observe failed: cannot get group"},
		"HTML": {"A page that a proxy serves with success says nothing of the group.",
			func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "text/html")
				_, _ = w.Write([]byte("<html>Sign in</html>"))
				return true
			},
			"observe failed: cannot get group"},
		"ProxyNotFound": {"A proxy that finds nothing does not mean that the group is gone.",
			func(w http.ResponseWriter, _ *http.Request) bool {
				http.Error(w, "<html>not found", http.StatusNotFound)
				return true
			},
			"observe failed: cannot get group"},
		"HangsUp": {"A connection that breaks changes nothing.",
			func(w http.ResponseWriter, _ *http.Request) bool { panic(http.ErrAbortHandler) },
			"observe failed: cannot get group"},
	}
	d := startTenant(t, standin.Options{})
	startProvider(t)
	ns := newNamespace(t)
	entraConfig(t, d, ns)
	g := newGroup(ns, withMembers("ana@example.com"))
	create(t, g)
	awaitReady(t, g)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, before := d.seen()
			d.meddle(func(w http.ResponseWriter, r *http.Request) bool {
				return strings.Contains(r.URL.Path, "/groups") && tc.fail(w, r)
			})
			awaitRefusal(t, g, tc.says)
			awaitDoubt(t, g)
			stays(t, "A failure that goes on is said once.", g, 2*time.Second)
			d.meddle(nil)
			awaitReady(t, g)
			if _, after := d.seen(); len(after) != len(before) {
				t.Errorf("\n%s\nwrites: %v", tc.reason, after[len(before):])
			}
		})
	}
	remove(t, g)
	awaitGone(t, g)
}

// awaitDoubt waits until a resource says in condition Ready that nobody can tell how its
// object is, why, and who acts.
func awaitDoubt(t *testing.T, mg resource.Managed) {
	t.Helper()
	eventually(t, "What cannot be looked at is not called Ready for long.", func() error {
		get(t, mg)
		c := mg.GetCondition(xpv2.TypeReady)
		if c.Status != corev1.ConditionUnknown || !strings.Contains(c.Message, mg.GetCondition(xpv2.TypeSynced).Message) || !strings.Contains(c.Message, "platform team") {
			return errorOf(c)
		}
		return nil
	})
}

// TestUnreachable points the provider to where the backend is not, and back.
func TestUnreachable(t *testing.T) {
	cases := map[string]struct {
		reason string
		point  func(*testing.T, *entra.ProviderConfig, *corev1.Secret)
	}{
		"Down": {"Nobody listens.", func(_ *testing.T, pc *entra.ProviderConfig, _ *corev1.Secret) {
			pc.Spec.Endpoint = "https://127.0.0.1:1"
		}},
		"DNS": {"There is no such host.", func(_ *testing.T, pc *entra.ProviderConfig, _ *corev1.Secret) {
			pc.Spec.Endpoint = "https://graph.invalid"
		}},
		"WrongCA": {"The certificate is of an authority that nobody told us to trust.", func(t *testing.T, _ *entra.ProviderConfig, s *corev1.Secret) {
			t.Helper()
			s.Data["ca.crt"] = authority(t)
		}},
	}
	d := startTenant(t, standin.Options{})
	startProvider(t)
	ns := newNamespace(t)
	pc := entraConfig(t, d, ns)
	g := newGroup(ns)
	create(t, g)
	awaitReady(t, g)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, before := d.seen()
			held := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "backend"}}
			change(t, held, func(s *corev1.Secret) { tc.point(t, &entra.ProviderConfig{}, s) })
			change(t, pc, func(pc *entra.ProviderConfig) { tc.point(t, pc, held.DeepCopy()) })
			awaitRefusal(t, g, "observe failed: cannot get group")
			awaitDoubt(t, g)
			stays(t, "What goes on is said once.", g, 2*time.Second)
			change(t, pc, func(pc *entra.ProviderConfig) { pc.Spec = entraSpec(d, ns) })
			change(t, held, func(s *corev1.Secret) { s.Data["ca.crt"] = d.ca() })
			awaitReady(t, g)
			if _, after := d.seen(); len(after) != len(before) {
				t.Errorf("\n%s\nwrites: %v", tc.reason, after[len(before):])
			}
		})
	}
	remove(t, g)
	awaitGone(t, g)
}

// authority returns the certificate of one that signed nothing.
func authority(t *testing.T) []byte {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, about, about, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// TestThrottled checks that a wait that the backend asks for is kept.
func TestThrottled(t *testing.T) {
	d := startTenant(t, standin.Options{})
	startProvider(t)
	ns := newNamespace(t)
	entraConfig(t, d, ns)
	g := newGroup(ns)
	create(t, g)
	awaitReady(t, g)

	var asked atomic.Int32
	d.meddle(func(w http.ResponseWriter, _ *http.Request) bool {
		asked.Add(1)
		w.Header().Set("Retry-After", "5")
		return refuse(w, 429, "TooManyRequests")
	})
	awaitRefusal(t, g, `observe failed: cannot get group "plumbline.`+ns+`": Throttled: Microsoft Graph asks the application to wait (TooManyRequests)`)
	before := asked.Load()
	stays(t, "Waiting is said once.", g, 3*time.Second)
	if again := asked.Load() - before; again > 0 {
		t.Errorf("\nA backend that asks for 5 seconds is left alone for that long.\nrequests within 3 seconds: %d", again)
	}
	d.meddle(nil)
	awaitReady(t, g)
	remove(t, g)
	awaitGone(t, g)
}

// TestBadCredentials corrects a secret that is refused.
func TestBadCredentials(t *testing.T) {
	d := startTenant(t, standin.Options{})
	startProvider(t)
	ns := newNamespace(t)
	held := secret(t, ns, d.backend, "wrong")
	pc := &entra.ProviderConfig{}
	pc.Namespace, pc.Name, pc.Spec = ns, "default", entraSpec(d, ns)
	create(t, pc)
	g := newGroup(ns)
	create(t, g)
	awaitRefusal(t, g, "observe failed: cannot get group")
	want := `observe failed: cannot get group "plumbline.` + ns + `": cannot sign in to the tenant: the credentials are refused (invalid_client, AADSTS7000215)`
	if diff := cmp.Diff(want, g.GetCondition(xpv2.TypeSynced).Message); diff != "" {
		t.Errorf("\nThe message names the refusal, and neither secret nor trace id.\n-want, +got:\n%s", diff)
	}
	awaitDoubt(t, g)
	stays(t, "The refusal is said once.", g, 2*time.Second)
	change(t, held, func(s *corev1.Secret) { s.Data["secret"] = []byte(clientSecret) })
	awaitReady(t, g)
	remove(t, g)
	awaitGone(t, g)
}

// TestPause checks that nothing happens to a paused Group, and then everything.
func TestPause(t *testing.T) {
	d := startTenant(t, standin.Options{})
	startProvider(t)
	ns := newNamespace(t)
	entraConfig(t, d, ns)
	g := newGroup(ns, withMembers("ana@example.com"))
	create(t, g)
	awaitReady(t, g)
	change(t, g, func(g *entra.Group) { g.Annotations["crossplane.io/paused"] = "true" })
	eventually(t, "The Group says that it is paused.", func() error {
		get(t, g)
		if c := g.GetCondition(xpv2.TypeSynced); c.Reason != xpv2.ReasonReconcilePaused {
			return errorOf(c)
		}
		return nil
	})
	id := g.Status.AtProvider.ObjectID
	d.removeMember(t, id, ids("ana@example.com")[0])
	asked := d.asked(id)
	stays(t, "A paused Group is not written to.", g, 3*time.Second)
	if again := d.asked(id); again != asked {
		t.Errorf("\nThe backend hears nothing of a paused Group.\nrequests: %d", again-asked)
	}
	change(t, g, func(g *entra.Group) { delete(g.Annotations, "crossplane.io/paused") })
	awaitMembers(t, "Drift is put right after the pause.", d, g, ids("ana@example.com"))
	remove(t, g)
	awaitGone(t, g)
}
