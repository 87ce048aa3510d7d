package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// printNeighbours prints what the programs around the control plane did for a claim:
// what the DNS server answers for its hosts, who signed their certificates, and what an
// index returns to whoever has the claim's API key.
func printNeighbours(ctx context.Context, out io.Writer, k client.Client, p place, f facts, c *claim.Unstructured) error {
	status := statusOf(c)
	if status.Endpoints == nil {
		return nil
	}
	if !slices.Contains(f.Without, controlplane.DNS) {
		if err := printAddresses(ctx, out, p, status.Endpoints.URLs); err != nil {
			return err
		}
	}
	secrets := &corev1.SecretList{}
	if err := k.List(ctx, secrets, client.InNamespace(status.Namespace)); err != nil {
		return errors.Wrap(err, "cannot list secrets")
	}
	if err := printCertificates(out, secrets.Items); err != nil {
		return err
	}
	return printDocuments(ctx, out, secrets.Items, status)
}

func printAddresses(ctx context.Context, out io.Writer, p place, urls []string) error {
	resolver, err := resolverOf(p)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, address := range urls {
		u, err := url.Parse(address)
		if err != nil || seen[u.Hostname()] {
			continue
		}
		seen[u.Hostname()] = true
		answer := "no answer"
		if addresses, err := resolver.LookupHost(ctx, u.Hostname()); err == nil {
			answer = strings.Join(slices.Compact(addresses), ", ")
		}
		_, _ = fmt.Fprintf(out, "  DNS answers: %s is %s\n", u.Hostname(), answer)
	}
	return nil
}

func printCertificates(out io.Writer, secrets []corev1.Secret) error {
	for _, s := range secrets {
		if s.Type != corev1.SecretTypeTLS {
			continue
		}
		words, err := certificateOf(s)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "  Certificate: %s\n", words)
	}
	return nil
}

// certificateOf says for whom a certificate is, who signed it, and whether that
// authority's own certificate proves it.
func certificateOf(s corev1.Secret) (string, error) {
	block, _ := pem.Decode(s.Data[corev1.TLSCertKey])
	if block == nil {
		return fmt.Sprintf("%s is not issued yet", s.GetName()), nil
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", errors.Wrapf(err, "cannot read certificate of Secret %q", s.GetName())
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.Data["ca.crt"])
	proof := "proved by its CA"
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots}); err != nil {
		proof = "NOT proved: " + err.Error()
	}
	return fmt.Sprintf("%s, signed by %s until %s, %s", strings.Join(leaf.DNSNames, ", "), leaf.Issuer.CommonName, leaf.NotAfter.Format(time.DateOnly), proof), nil
}

// resolverOf asks the control plane's own DNS server, and no other.
func resolverOf(p place) (*net.Resolver, error) {
	address, err := dnsAddress(p)
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}, err
}

// dnsAddress is where the control plane's own DNS server answers.
func dnsAddress(p place) (string, error) {
	address, err := os.ReadFile(filepath.Join(p.dir(), "dns-address"))
	return strings.TrimSpace(string(address)), errors.Wrap(err, "cannot find the DNS server")
}
