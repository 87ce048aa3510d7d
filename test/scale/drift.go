package scale

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
)

// A Heal is how long it took until what somebody changed was as it has to be.
type Heal struct {
	What string        `json:"what"`
	Took time.Duration `json:"took"`
}

// heals is how many environments are looked at for each change.
const heals = 3

// A mutation changes something of an environment behind its back, and returns how to
// see that it is as before.
type mutation struct {
	what    string
	example string // Environments like it are changed. Those of production are protected.
	change  func(w *world, ctx context.Context, namespace string) (healed func() bool, err error)
}

func mutations() []mutation {
	return []mutation{
		{"ResourceQuota", "production", (*world).editQuota},
		{"RoleBinding", "minimal", (*world).deleteBinding},
		{"index in Elasticsearch", "production", (*world).editIndex},
	}
}

// drift changes what environments have, and waits until it is as before.
func (r *run) drift(ctx context.Context) error {
	r.Results.Heals = nil
	for _, m := range mutations() {
		number := 0
		for range heals {
			for !r.mix.like(number, m.example) {
				number++
			}
			if number >= r.Claims {
				break // A small crowd holds fewer.
			}
			c, err := r.mix.Claim(number)
			if err != nil {
				return err
			}
			number++
			if err := r.heal(ctx, m, c.Spec.Service+"-"+c.Spec.Environment); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) heal(ctx context.Context, m mutation, namespace string) error {
	healed, err := m.change(r.w, ctx, namespace)
	if err != nil {
		return errors.Wrapf(err, "cannot change %s of %s", m.what, namespace)
	}
	began := time.Now()
	if err := every(ctx, look/2, healed); err != nil {
		return errors.Wrapf(err, "%s of %s was not restored", m.what, namespace)
	}
	r.Results.Heals = append(r.Results.Heals, Heal{m.what, time.Since(began)})
	r.say("%s of %s: restored after %v", m.what, namespace, time.Since(began).Round(time.Millisecond))
	return nil
}

// editQuota raises the pods of a quota.
func (w *world) editQuota(ctx context.Context, namespace string) (func() bool, error) {
	quotas := &corev1.ResourceQuotaList{}
	if err := w.k.List(ctx, quotas, client.InNamespace(namespace)); err != nil || len(quotas.Items) == 0 {
		return nil, errors.Errorf("there is no quota: %v", err)
	}
	q := &quotas.Items[0]
	want := q.Spec.Hard[corev1.ResourcePods]
	q.Spec.Hard[corev1.ResourcePods] = resource.MustParse("12345")
	return func() bool {
		err := w.k.Get(ctx, client.ObjectKeyFromObject(q), q)
		return err == nil && want.Equal(q.Spec.Hard[corev1.ResourcePods])
	}, w.k.Update(ctx, q)
}

// deleteBinding deletes a RoleBinding.
func (w *world) deleteBinding(ctx context.Context, namespace string) (func() bool, error) {
	bindings := &rbacv1.RoleBindingList{}
	if err := w.k.List(ctx, bindings, client.InNamespace(namespace)); err != nil || len(bindings.Items) == 0 {
		return nil, errors.Errorf("there is no binding: %v", err)
	}
	b := &bindings.Items[0]
	gone := b.GetUID()
	return func() bool {
		err := w.k.Get(ctx, client.ObjectKeyFromObject(b), b)
		return err == nil && b.GetUID() != gone
	}, w.k.Delete(ctx, b)
}

// editIndex changes a setting of the index in the backend, as the user that the
// provider signs in as.
func (w *world) editIndex(ctx context.Context, namespace string) (func() bool, error) {
	es := &elasticsearch.ClusterProviderConfig{}
	if err := w.k.Get(ctx, client.ObjectKey{Name: "default"}, es); err != nil {
		return nil, errors.Wrap(err, "cannot read how to reach Elasticsearch")
	}
	ref := es.Spec.Credentials.PasswordSecretRef
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ref.Namespace, Name: ref.Name}}
	if err := w.k.Get(ctx, client.ObjectKeyFromObject(secret), secret); err != nil {
		return nil, errors.Wrap(err, "cannot read how to sign in to Elasticsearch")
	}
	signIn := func(req *http.Request) { req.SetBasicAuth(*es.Spec.Credentials.Username, string(secret.Data[ref.Key])) }
	url := fmt.Sprintf("%s/%s.orders/_settings", w.backends["Elasticsearch"], namespace)
	interval := func() (string, error) {
		b, err := ask(ctx, w.http, http.MethodGet, url, nil, signIn)
		if err != nil {
			return "", err
		}
		var settings map[string]struct {
			Settings struct {
				Index struct {
					RefreshInterval string `json:"refresh_interval"`
				} `json:"index"`
			} `json:"settings"`
		}
		err = json.Unmarshal(b, &settings)
		return settings[namespace+".orders"].Settings.Index.RefreshInterval, err
	}
	want, err := interval()
	if err != nil {
		return nil, err
	}
	_, err = ask(ctx, w.http, http.MethodPut, url, []byte(`{"index":{"refresh_interval":"77s"}}`), signIn)
	return func() bool {
		got, err := interval()
		return err == nil && got == want
	}, err
}
