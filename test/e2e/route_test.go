package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestRoute follows a route through Kong's controller, the certificate and DNS,
// before and after the developer deploys the Service behind it.
func TestRoute(t *testing.T) {
	const host, ns = "routed.dev.example.com", "routed-dev"
	c := commit(t, storyOf("routed"))
	becomesReady(t, c)
	says(t, c, `Service "web"`)

	t.Run("CertificateIsForTheHost", func(t *testing.T) {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: host + "-tls"}}
		if missing := get(t, secret); missing != "" {
			t.Fatal(missing)
		}
		pair, err := tls.X509KeyPair(secret.Data["tls.crt"], secret.Data["tls.key"])
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := leaf.VerifyHostname(host); err != nil {
			t.Errorf("the certificate is for the route's host: %v", err)
		}
	})

	t.Run("NameIsAnswered", func(t *testing.T) {
		eventually(t, host+" resolves", func() string {
			_, err := plane.Resolver().LookupHost(t.Context(), host+".") // Absolute: the machine's search list does not matter.
			return say(err)
		})
	})

	t.Run("ServiceMakesItServed", func(t *testing.T) {
		service := &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "web"},
			Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 8080}}},
		}
		if err := plane.Client().Create(t.Context(), service); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the Ingress gets an address", func() string {
			ingress := &networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: host}}
			if missing := get(t, ingress); missing != "" {
				return missing
			}
			if len(ingress.Status.LoadBalancer.Ingress) == 0 {
				return "it has none"
			}
			return ""
		})
		eventually(t, "Kong is configured", func() string {
			if !strings.Contains(kongConfig(t), host) {
				return "its configuration does not name the host"
			}
			return ""
		})
		eventually(t, "the claim no longer misses the Service", func() string {
			becomesReady(t, c)
			if s := status(t, c).Summary; strings.Contains(s, "web") {
				return s
			}
			return ""
		})
	})
	remove(t, c)
}

// kongConfig returns the configuration that Kong's gateway last got.
func kongConfig(t *testing.T) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, plane.KongURL()+"/_standin/config", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, body := send(t, req)
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
