package controlplane

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/test/standins/kong"
)

// environment is what the neighbours get to see of an environment. It has a host
// below its other host, which a tree of records could mix up.
const environment = `
apiVersion: v1
kind: Namespace
metadata: {name: checkout-prod}
---
apiVersion: v1
kind: Service
metadata: {namespace: checkout-prod, name: web}
spec: {ports: [{port: 8080}]}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {namespace: checkout-prod, name: checkout}
spec:
  secretName: checkout-tls
  dnsNames: [checkout.example.com, pay.checkout.example.com]
  privateKey: {algorithm: ECDSA, size: 256, rotationPolicy: Always}
  usages: [digital signature, key encipherment, server auth]
  issuerRef: {group: cert-manager.io, kind: ClusterIssuer, name: plumbline-ca}
---
apiVersion: externaldns.k8s.io/v1alpha1
kind: DNSEndpoint
metadata: {namespace: checkout-prod, name: checkout}
spec:
  endpoints:
  - {dnsName: checkout.example.com, recordType: CNAME, recordTTL: 300, targets: [gateway.example.com]}
  - {dnsName: pay.checkout.example.com, recordType: CNAME, recordTTL: 300, targets: [gateway.example.com]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {namespace: checkout-prod, name: checkout}
spec:
  ingressClassName: kong
  tls: [{hosts: [checkout.example.com, pay.checkout.example.com], secretName: checkout-tls}]
  rules:
  - host: checkout.example.com
    http:
      paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 8080}}}}]
`

const host = "checkout.example.com"

// A world is a Kubernetes with its neighbours, and the gateway that Kong's
// controller configures.
type world struct {
	*ControlPlane

	gateway *kong.Server
}

// TestNeighbours takes what Plumbline composes for its neighbours through the
// real programs, and asks the world for the outcome: none of the conditions that
// they report would prove it.
func TestNeighbours(t *testing.T) {
	w := startWorld(t)
	objects, err := decodeYAML([]byte(environment))
	if err != nil {
		t.Fatal(err)
	}
	applied := time.Now()
	if err := w.apply(t.Context(), objects...); err != nil {
		t.Fatal(err)
	}
	t.Run("Created", func(t *testing.T) {
		w.await(t, applied, map[string]expectation{
			"Certificate": {"cert-manager issues a certificate that the host's visitors can verify", w.certificateIssued},
			"Current":     {"ExternalDNS has seen the newest generation of the DNSEndpoint", w.endpointCurrent},
			"Record":      {"the host leads to the gateway, for whoever asks the name server", w.hostLeadsToGateway},
			"Address":     {"Kong's controller says where the Ingress is reached", w.ingressHasAddress},
			"Gateway":     {"the gateway has the host's route and the certificate that was issued", w.gatewayServesHost},
		})
	})
	t.Run("LeastPrivilege", w.leastPrivilege)

	deleted := time.Now()
	for _, o := range objects[2:] {
		if err := w.client.Delete(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("Deleted", func(t *testing.T) {
		w.await(t, deleted, map[string]expectation{
			"Record":  {"a host without DNSEndpoint is unknown to the name server", w.hostUnknown},
			"Gateway": {"the gateway forgets the routes of a deleted Ingress", w.gatewayForgetsHost},
		})
	})
	t.Run("MayDoWhatTheyDo", w.nothingForbidden)
}

// startWorld starts Kubernetes and its neighbours, without Crossplane.
func startWorld(t *testing.T) *world {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{
		"etcd", "kube-apiserver", "kube-controller-manager", "cert-manager", "coredns", "external-dns", "kong-ingress-controller",
	} {
		if _, err := os.Stat(filepath.Join(binDir(root), program)); err != nil {
			t.Skipf("the neighbours' tests did not run: program %s is not built; run: make build", program)
		}
	}
	w := &world{gateway: kong.New()}
	admin := httptest.NewServer(w.gateway)
	t.Cleanup(admin.Close)
	w.ControlPlane, err = start(t.Context(), Options{Root: root, Dir: t.TempDir()}, []stage{
		{"start Kubernetes", (*ControlPlane).startKubernetes},
		{"connect", (*ControlPlane).connect},
		{"know the gateway", func(c *ControlPlane, _ context.Context) error { c.standIns.kong = admin.URL; return nil }},
		{"start neighbours", (*ControlPlane).startNeighbours},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return w
}

// An expectation is something that comes true some time after a change.
type expectation struct {
	reason string
	met    func(context.Context) error
}

// await waits for expectations at the same time, and logs when each came true.
func (w *world) await(t *testing.T, since time.Time, all map[string]expectation) {
	t.Helper()
	var wg sync.WaitGroup
	defer wg.Wait()
	for name, e := range all {
		wg.Go(func() {
			if err := w.supervisor.poll(t.Context(), e.met); err != nil {
				t.Errorf("%s: %s: %v", name, e.reason, err)
				return
			}
			t.Logf("%s: %s, after %.1fs", name, e.reason, time.Since(since).Seconds())
		})
	}
}

func (w *world) get(ctx context.Context, apiVersion, kind string) (*unstructured.Unstructured, error) {
	u := &unstructured.Unstructured{}
	u.SetAPIVersion(apiVersion)
	u.SetKind(kind)
	return u, w.client.Get(ctx, client.ObjectKey{Namespace: "checkout-prod", Name: "checkout"}, u)
}

func (w *world) certificateIssued(ctx context.Context) error {
	u, err := w.get(ctx, "cert-manager.io/v1", "Certificate")
	if err != nil {
		return err
	}
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	ready := false
	for _, condition := range conditions {
		m, _ := condition.(map[string]any)
		ready = ready || m["type"] == "Ready" && m["status"] == "True"
	}
	if !ready {
		return errors.Errorf("the Certificate is not Ready: %v", conditions)
	}
	s := &corev1.Secret{}
	if err := w.client.Get(ctx, client.ObjectKey{Namespace: "checkout-prod", Name: "checkout-tls"}, s); err != nil {
		return err
	}
	ca := &corev1.Secret{}
	if err := w.client.Get(ctx, client.ObjectKey{Namespace: "cert-manager", Name: "plumbline-ca"}, ca); err != nil {
		return err
	}
	leaf, err := x509.ParseCertificate(pemBytes(s.Data[corev1.TLSCertKey]))
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.Data[corev1.TLSCertKey])
	_, err = leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots})
	return err
}

func (w *world) endpointCurrent(ctx context.Context) error {
	u, err := w.get(ctx, "externaldns.k8s.io/v1alpha1", "DNSEndpoint")
	if err != nil {
		return err
	}
	observed, _, _ := unstructured.NestedInt64(u.Object, "status", "observedGeneration")
	return differs(u.GetGeneration(), observed)
}

func (w *world) hostLeadsToGateway(ctx context.Context) error {
	for _, name := range []string{host, "pay." + host} {
		name += "." // Absolute: no search list of this machine matters.
		cname, err := w.Resolver().LookupCNAME(ctx, name)
		if err != nil {
			return err
		}
		addresses, err := w.Resolver().LookupHost(ctx, name)
		if err != nil {
			return err
		}
		// CoreDNS answers for a name with the records below it as well, which lead
		// to the same gateway.
		answers := append([]string{cname}, slices.Compact(addresses)...)
		if err := differs([]string{"gateway.example.com.", gatewayAddress}, answers); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) hostUnknown(ctx context.Context) error {
	for _, name := range []string{host, "pay." + host} {
		addresses, err := w.Resolver().LookupHost(ctx, name+".")
		var answer *net.DNSError
		if !errors.As(err, &answer) || !answer.IsNotFound {
			return errors.Errorf("%s is not unknown, but %v, %v", name, addresses, err)
		}
	}
	return nil
}

func (w *world) ingressHasAddress(ctx context.Context) error {
	i := &networkingv1.Ingress{}
	if err := w.client.Get(ctx, client.ObjectKey{Namespace: "checkout-prod", Name: "checkout"}, i); err != nil {
		return err
	}
	return differs([]networkingv1.IngressLoadBalancerIngress{{IP: gatewayAddress}}, i.Status.LoadBalancer.Ingress)
}

// A declaration is what matters here of a configuration of Kong.
type declaration struct {
	Services []struct {
		Routes []struct {
			Hosts     []string `json:"hosts"`
			Protocols []string `json:"protocols"`
		} `json:"routes"`
	} `json:"services"`
	Certificates []struct {
		Cert string `json:"cert"`
		SNIs []struct {
			Name string `json:"name"`
		} `json:"snis"`
	} `json:"certificates"`
}

func (w *world) declared() (hosts []string, certificates map[string]string, err error) {
	var d declaration
	if raw := w.gateway.Config(); raw != nil {
		err = json.Unmarshal(raw, &d)
	}
	for _, s := range d.Services {
		for _, r := range s.Routes {
			hosts = append(hosts, r.Hosts...)
		}
	}
	certificates = map[string]string{}
	for _, c := range d.Certificates {
		for _, sni := range c.SNIs {
			certificates[sni.Name] = c.Cert
		}
	}
	return hosts, certificates, err
}

func (w *world) gatewayServesHost(ctx context.Context) error {
	hosts, certificates, err := w.declared()
	if err != nil {
		return err
	}
	if err := differs([]string{host}, hosts); err != nil {
		return err
	}
	s := &corev1.Secret{}
	if err := w.client.Get(ctx, client.ObjectKey{Namespace: "checkout-prod", Name: "checkout-tls"}, s); err != nil {
		return err
	}
	issued := string(bytes.TrimSpace(s.Data[corev1.TLSCertKey]))
	return differs(map[string]string{host: issued, "pay." + host: issued}, certificates)
}

func (w *world) gatewayForgetsHost(context.Context) error {
	hosts, certificates, err := w.declared()
	if err != nil {
		return err
	}
	if len(hosts)+len(certificates) > 0 {
		return errors.Errorf("the gateway still serves %v, with certificates for %d hosts", hosts, len(certificates))
	}
	return nil
}

func (w *world) leastPrivilege(t *testing.T) {
	cases := map[string]struct {
		reason string
		user   string
		may    authorizationv1.ResourceAttributes
		want   bool
	}{
		"IssuesCertificates": {
			reason: "cert-manager writes the Secrets of certificates in every namespace",
			user:   "cert-manager:cert-manager",
			may:    authorizationv1.ResourceAttributes{Verb: "create", Resource: "secrets", Namespace: "checkout-prod"},
			want:   true,
		},
		"OrdersNoCertificates": {
			reason: "cert-manager issues Certificates; that it makes some for Ingresses is switched off here",
			user:   "cert-manager:cert-manager",
			may:    authorizationv1.ResourceAttributes{Verb: "create", Group: "cert-manager.io", Resource: "certificates", Namespace: "checkout-prod"},
		},
		"ReadsNoSecretsForRecords": {
			reason: "ExternalDNS reads DNSEndpoints and nothing else",
			user:   "external-dns:external-dns",
			may:    authorizationv1.ResourceAttributes{Verb: "get", Resource: "secrets", Namespace: "checkout-prod"},
		},
		"MakesNoRecords": {
			reason: "ExternalDNS publishes what others ask for",
			user:   "external-dns:external-dns",
			may:    authorizationv1.ResourceAttributes{Verb: "update", Group: "externaldns.k8s.io", Resource: "dnsendpoints", Namespace: "checkout-prod"},
		},
		"ChangesNoRoutes": {
			reason: "Kong's controller reports on an Ingress, and never changes what it asks for",
			user:   "kong:kong",
			may:    authorizationv1.ResourceAttributes{Verb: "update", Group: "networking.k8s.io", Resource: "ingresses", Namespace: "checkout-prod"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
				User: "system:serviceaccount:" + tc.user, ResourceAttributes: &tc.may,
			}}
			if err := w.client.Create(t.Context(), review); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, review.Status.Allowed); diff != "" {
				t.Errorf("%s: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// nothingForbidden looks for what the API server refused a neighbour: most go on
// without, so that nothing but their log tells of a role that lacks a right.
func (w *world) nothingForbidden(t *testing.T) {
	for name := range w.PIDs() {
		log, err := os.ReadFile(w.Log(name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(log) {
			if bytes.Contains(bytes.ToLower(line), []byte("forbidden")) {
				t.Errorf("%s may do what it does, but its log says: %s", name, line)
			}
		}
	}
}

func differs[T any](want, got T) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return errors.Errorf("-want, +got:\n%s", diff)
	}
	return nil
}
