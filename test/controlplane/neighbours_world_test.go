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
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/test/standins/kong"
)

// A world is a Kubernetes with its neighbours, and the gateway that Kong's
// controller configures.
type world struct {
	*ControlPlane

	gateway *kong.Server
}

const host = "checkout.example.com"

// startWorld starts Kubernetes and its neighbours, without Crossplane.
func startWorld(t *testing.T) *world {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if err := Built(root); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("the neighbours' tests did not run: %s", err)
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

// routeServed reads what the Gateway's controller says. All three are what makes a
// route Ready.
func (w *world) routeServed(ctx context.Context) error {
	u, err := w.get(ctx, "gateway.networking.k8s.io/v1", "HTTPRoute")
	if err != nil {
		return err
	}
	got := map[string]any{}
	parents, _, _ := unstructured.NestedSlice(u.Object, "status", "parents")
	for _, p := range parents {
		conditions, _, _ := unstructured.NestedSlice(p.(map[string]any), "conditions")
		for _, c := range conditions {
			condition, _ := c.(map[string]any)
			got[condition["type"].(string)] = condition["status"]
		}
	}
	return differs(map[string]any{"Accepted": "True", "ResolvedRefs": "True", "Programmed": "True"}, got)
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
			if sni.Name == host || strings.HasSuffix(sni.Name, "."+host) { // Not that of the Gateway's listener.
				certificates[sni.Name] = c.Cert
			}
		}
	}
	return hosts, certificates, err
}

func (w *world) gatewayServesHost(ctx context.Context) error {
	hosts, certificates, err := w.declared()
	if err != nil {
		return err
	}
	slices.Sort(hosts)
	if err := differs([]string{host, "checkout.internal.example.com"}, hosts); err != nil {
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

func differs[T any](want, got T) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return errors.Errorf("-want, +got:\n%s", diff)
	}
	return nil
}
