package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		answered(t, host)
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

// internal is a claim of the zone that has a Gateway.
const internal = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: priced-dev, namespace: payments}
spec:
  service: priced
  environment: dev
  tags: {costCenter: "4711", dataClass: internal}
  routes:
  - {host: HOST, zone: internal, path: /prices, service: web, port: 8080, rewrite: {prefix: /v2}, plugins: [rate-limit], timeouts: {request: 30s}}
  - {host: HOST, zone: internal, path: /healthz, pathType: Exact, service: web, port: 8080}
`

// TestInternalRoute follows routes of a zone with a Gateway to Kong's configuration.
func TestInternalRoute(t *testing.T) {
	const host, ns = "priced.dev.internal.example.com", "priced-dev"
	c := commit(t, strings.ReplaceAll(internal, "HOST", host))
	becomesReady(t, c)
	says(t, c, `Service "web"`)
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "web"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 8080}}},
	}
	if err := plane.Client().Create(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"/healthz by [https] (308) within 60000ms through []",
		"/prices by [https] (308) within 30000ms through [rate-limiting request-transformer]",
	}
	eventually(t, "Kong serves each path as the claim says", func() string { return cmp.Diff(want, kongRoutes(t, host)) })
	eventually(t, "the claim no longer misses the Service", func() string {
		becomesReady(t, c)
		if s := status(t, c).Summary; strings.Contains(s, "web") {
			return s
		}
		return ""
	})
	if missing := get(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: host + "-tls"}}); missing == "" {
		t.Error("a host of a Gateway has no certificate of its own")
	}
	remove(t, c)
}

// handled is a claim whose routes are handled in many ways, below a wildcard.
const handled = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: handled-dev, namespace: payments}
spec:
  service: handled
  environment: dev
  tags: {costCenter: "4711", dataClass: internal}
  routes:
  - {host: "*.handled-dev.preview.example.com", service: web, port: 8080}
  - {host: HOST, service: web, port: 8080}
  - {host: HOST, path: /exact, pathType: Exact, service: web, port: 8080}
  - {host: HOST, path: "/v[0-9]+", pathType: RegularExpression, service: web, port: 8080}
  - {host: HOST, path: /api, service: web, port: 8080, rewrite: {prefix: /}, plugins: [rate-limit, cors]}
`

// TestHandledRoutes follows routes of a zone with an ingress to Kong's configuration.
func TestHandledRoutes(t *testing.T) {
	const host, ns = "a.handled-dev.preview.example.com", "handled-dev"
	c := commit(t, strings.ReplaceAll(handled, "HOST", host))
	becomesReady(t, c)
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "web"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 8080}}},
	}
	if err := plane.Client().Create(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"/ by [https] (308) within 60000ms through []",
		"/api by [https] (308) within 60000ms through [cors rate-limiting]",
		"/exact by [https] (308) within 60000ms through []",
		"/v[0-9]+ by [https] (308) within 60000ms through []",
	}
	eventually(t, "Kong serves each path as the claim says", func() string { return cmp.Diff(want, kongRoutes(t, host)) })
	eventually(t, "Kong serves the wildcard", func() string {
		return cmp.Diff([]string{"/ by [https] (308) within 60000ms through []"}, kongRoutes(t, "*.handled-dev.preview.example.com"))
	})
	if _, held := leasesByHost(t)["handled-dev.preview.example.com"]; !held {
		t.Error("a domain with wildcards is held as a whole")
	}
	remove(t, c)
}

// kongRoutes says what Kong does with each path of a host: by which protocols and
// with which answer to others, how long its Service may take, and the plugins on the
// way. Its controller writes one prefix as two paths, which are told once.
func kongRoutes(t *testing.T, host string) []string {
	t.Helper()
	type plugin struct {
		Name  string `json:"name"`
		Route string `json:"route"`
	}
	var config struct {
		Services []struct {
			ReadTimeout int `json:"read_timeout"`
			Routes      []struct {
				Name      string   `json:"name"`
				Hosts     []string `json:"hosts"`
				Paths     []string `json:"paths"`
				Protocols []string `json:"protocols"`
				Redirect  int      `json:"https_redirect_status_code"`
				Plugins   []plugin `json:"plugins"`
			} `json:"routes"`
		} `json:"services"`
		Plugins []plugin `json:"plugins"`
	}
	if err := json.Unmarshal([]byte(kongConfig(t)), &config); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range config.Services {
		for _, r := range s.Routes {
			if !slices.Contains(r.Hosts, host) {
				continue
			}
			plugins := []string{}
			for _, p := range r.Plugins {
				plugins = append(plugins, p.Name)
			}
			for _, p := range config.Plugins {
				if p.Route == r.Name {
					plugins = append(plugins, p.Name)
				}
			}
			slices.Sort(plugins)
			for _, p := range r.Paths {
				path := "/" + strings.Trim(strings.TrimSuffix(p, "(/.*)"), "~$/")
				out = append(out, fmt.Sprintf("%s by %v (%d) within %dms through %v", path, r.Protocols, r.Redirect, s.ReadTimeout, plugins))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
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
