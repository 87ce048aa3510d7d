package controlplane

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	corev1 "k8s.io/api/core/v1"
)

// certificateLifetime outlasts any demo. Control planes are never upgraded in
// place, so nothing renews these certificates.
const certificateLifetime = 30 * 24 * time.Hour

// An authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte // The authority's own certificate.
}

// A keyPair is a certificate and its private key, both PEM.
type keyPair struct{ cert, key []byte }

func newAuthority(name string) (*authority, error) {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	a := &authority{}
	pair, err := a.sign(template)
	if err != nil {
		return nil, err
	}
	return parseAuthority(pair)
}

// parseAuthority returns the authority that a certificate and its key stand for.
func parseAuthority(p keyPair) (*authority, error) {
	cert, err := x509.ParseCertificate(pemBytes(p.cert))
	if err != nil {
		return nil, errors.Wrap(err, "cannot parse certificate of authority")
	}
	key, err := parseKey(pemBytes(p.key))
	if err != nil {
		return nil, errors.Wrap(err, "cannot parse key of authority")
	}
	return &authority{cert: cert, key: key, pem: p.cert}, nil
}

func parseKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the key cannot sign")
	}
	return signer, nil
}

// client returns a certificate by which a user of some groups signs in.
func (a *authority) client(user string, groups ...string) (keyPair, error) {
	return a.sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: user, Organization: groups},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

// server returns a certificate for a server on loopback. It also serves as a
// client certificate, for servers such as etcd that dial themselves.
func (a *authority) server(name string) (keyPair, error) {
	return a.sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{"localhost", name},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	})
}

// sign completes a certificate with a new key. An authority without a
// certificate signs for itself.
func (a *authority) sign(template *x509.Certificate) (keyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return keyPair{}, errors.Wrap(err, "cannot generate key")
	}
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return keyPair{}, errors.Wrap(err, "cannot choose serial number")
	}
	template.NotBefore = time.Now().Add(-time.Minute)
	template.NotAfter = time.Now().Add(certificateLifetime)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return keyPair{}, errors.Wrap(err, "cannot sign certificate")
	}
	return encodePair(cert, key)
}

func encodePair(cert []byte, key crypto.Signer) (keyPair, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return keyPair{}, errors.Wrap(err, "cannot encode key")
	}
	return keyPair{
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
	}, nil
}

func pemBytes(b []byte) []byte {
	block, _ := pem.Decode(b)
	if block == nil {
		return nil
	}
	return block.Bytes
}

// WriteServerCertificate writes a certificate for a server on loopback into a folder,
// signed by the authority in a Secret, and that authority beside it.
func WriteServerCertificate(dir, name string, ca *corev1.Secret) error {
	a, err := parseAuthority(keyPair{cert: ca.Data[corev1.TLSCertKey], key: ca.Data[corev1.TLSPrivateKeyKey]})
	if err != nil {
		return err
	}
	pair, err := a.server(name)
	if err != nil {
		return err
	}
	return writeTLS(dir, pair, a.pem)
}

// writeTLS writes a pair and the authority to trust into a folder, under the
// names of a kubernetes.io/tls Secret, as Crossplane's programs read them.
func writeTLS(dir string, p keyPair, ca []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return errors.Wrapf(err, "cannot make folder %q", dir)
	}
	for name, b := range map[string][]byte{"tls.crt": p.cert, "tls.key": p.key, "ca.crt": ca} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return errors.Wrapf(err, "cannot write %s", name)
		}
	}
	return nil
}
