package controlplane

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// certificateRenewed asks for a renewal as cert-manager's own command line does, and
// holds that both the certificate and its key are others afterwards.
func (w *world) certificateRenewed(t *testing.T) {
	before, err := w.leaf(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := w.get(t.Context(), "cert-manager.io/v1", "Certificate")
	if err != nil {
		t.Fatal(err)
	}
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	conditions = append(conditions, map[string]any{
		"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "A person asked for it",
		"lastTransitionTime": time.Now().UTC().Format(time.RFC3339), "observedGeneration": u.GetGeneration(),
	})
	if err := unstructured.SetNestedSlice(u.Object, conditions, "status", "conditions"); err != nil {
		t.Fatal(err)
	}
	if err := w.client.Status().Update(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	w.await(t, time.Now(), map[string]expectation{"Renewed": {"a renewal gives another certificate, with another key", func(ctx context.Context) error {
		after, err := w.leaf(ctx)
		if err != nil {
			return err
		}
		key, ok := before.PublicKey.(*ecdsa.PublicKey)
		if !ok || after.SerialNumber.Cmp(before.SerialNumber) == 0 || key.Equal(after.PublicKey) {
			return errors.Errorf("certificate %s is still that of before, or its key is", after.SerialNumber)
		}
		return w.certificateIssued(ctx)
	}}})
}

// certificateOfOthers puts a certificate that another authority signed where that of the
// host is, and holds that it does not stay.
func (w *world) certificateOfOthers(t *testing.T) {
	stranger, err := newAuthority("stranger")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := stranger.server(host)
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.served(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.Data[corev1.TLSCertKey], s.Data[corev1.TLSPrivateKeyKey] = pair.cert, pair.key
	if err := w.client.Update(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := w.certificateIssued(t.Context()); err == nil {
		t.Fatal("what a stranger signed is not proved by our authority")
	}
	w.await(t, time.Now(), map[string]expectation{"Replaced": {"a certificate of another issuer is replaced by one of the right one", w.certificateIssued}})
}

func (w *world) served(ctx context.Context) (*corev1.Secret, error) {
	s := &corev1.Secret{}
	return s, w.client.Get(ctx, client.ObjectKey{Namespace: "checkout-prod", Name: "checkout-tls"}, s)
}

func (w *world) leaf(ctx context.Context) (*x509.Certificate, error) {
	s, err := w.served(ctx)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(pemBytes(s.Data[corev1.TLSCertKey]))
}
