package apikey

import (
	"bytes"
	"context"
	"encoding/base64"
	"maps"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/document"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// A desired key is what can change of one.
type desired struct {
	descriptors map[string]any
	metadata    map[string]any
}

// desire returns what is desired of the keys of a resource.
func (e *external) desire(cr *v1alpha1.APIKey) (desired, error) {
	metadata, err := document.Metadata("spec.forProvider.metadata", cr.Spec.ForProvider.Metadata)
	if err != nil {
		return desired{}, err
	}
	metadata[owner.Key] = string(owner.Of(e.installation, cr))
	descriptors := map[string]any{}
	for _, d := range cr.Spec.ForProvider.RoleDescriptors {
		descriptors[d.Name] = document.Privileges(d.Privileges)
	}
	return desired{descriptors: descriptors, metadata: metadata}, nil
}

// both lays what there is beside what is desired. A descriptor that nobody asked
// for would grant more, so it is desired to be none.
func (d desired) both(k elasticsearch.APIKey) (got, want map[string]any) {
	descriptors := maps.Clone(d.descriptors)
	for name := range k.RoleDescriptors {
		if _, asked := descriptors[name]; !asked {
			descriptors[name] = nil
		}
	}
	return map[string]any{"role_descriptors": k.RoleDescriptors, "metadata": k.Metadata},
		map[string]any{"role_descriptors": descriptors, "metadata": d.metadata}
}

func (d desired) differs(k elasticsearch.APIKey) bool { return len(d.differences(k)) > 0 }

// differences holds no secret: Elasticsearch does not tell that of a key.
func (d desired) differences(k elasticsearch.APIKey) []custody.Difference {
	return document.Compare(d.both(k))
}

func (d desired) fingerprint(k elasticsearch.APIKey) string { return document.Fingerprint(d.both(k)) }

// details are what the Secret holds besides the key.
func (e *external) details() managed.ConnectionDetails {
	details := managed.ConnectionDetails{v1alpha1.APIKeySecretEndpoint: []byte(e.endpoint)}
	if len(e.caBundle) > 0 {
		details[v1alpha1.APIKeySecretCA] = e.caBundle
	}
	return details
}

// told is what is told of a key that the Secret holds: all that is in the Secret if it
// lacks nothing. The reconciler would write less each time that it looks.
func (e *external) told(secret map[string][]byte) managed.ConnectionDetails {
	details := e.details()
	for name, value := range details {
		if !bytes.Equal(secret[name], value) {
			return details
		}
	}
	return secret
}

// held returns what the Secret of a resource holds, nothing if there is none.
func (e *external) held(ctx context.Context, cr *v1alpha1.APIKey) (map[string][]byte, error) {
	ref := cr.GetWriteConnectionSecretToReference()
	if ref == nil {
		return nil, errors.New("spec.writeConnectionSecretToRef is not set")
	}
	found := &corev1.Secret{}
	err := e.secrets.Get(ctx, types.NamespacedName{Namespace: cr.GetNamespace(), Name: ref.Name}, found)
	if client.IgnoreNotFound(err) != nil {
		return nil, errors.Wrapf(err, "cannot get Secret %q", ref.Name)
	}
	return found.Data, nil
}

// idOf returns the id of the key in a Secret, or none if what it holds is no key.
func idOf(data map[string][]byte) string {
	plain, err := base64.StdEncoding.DecodeString(string(data[v1alpha1.APIKeySecretKey]))
	id, secret, _ := strings.Cut(string(plain), ":")
	if err != nil || secret == "" || id != string(data[v1alpha1.APIKeySecretID]) {
		return ""
	}
	return id
}
