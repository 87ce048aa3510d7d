package controlplane

import (
	"bytes"
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
)

// environment is what the neighbours get to see of an environment. It has a host
// below its other host, which a tree of records could mix up.
const environment = `
apiVersion: v1
kind: Namespace
metadata: {name: checkout-prod, labels: {app.kubernetes.io/managed-by: plumbline}}
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
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  namespace: checkout-prod
  name: checkout
  annotations: {konghq.com/protocols: https, konghq.com/plugins: rate-limit-100}
spec:
  parentRefs: [{namespace: kong, name: internal, sectionName: https}]
  hostnames: [checkout.internal.example.com]
  rules:
  - matches: [{path: {type: PathPrefix, value: /api}}]
    filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /v2}}}]
    backendRefs: [{name: web, port: 8080}]
    timeouts: {request: 30s, backendRequest: 30s}
`

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
			"Route":       {"Kong's controller says that the HTTPRoute is served", w.routeServed},
			"Gateway":     {"the gateway has the host's route and the certificate that was issued", w.gatewayServesHost},
		})
	})
	t.Run("CertificateRenewed", w.certificateRenewed)
	t.Run("CertificateOfOthers", w.certificateOfOthers)
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
