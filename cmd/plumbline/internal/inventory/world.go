package inventory

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// A World is what was composed for all claims, as far as checks look at it.
type World struct {
	Quotas       map[string][]corev1.ResourceQuota // By namespace.
	Certificates map[string][]Certificate          // By namespace.
	Managed      map[string][]Managed              // By environment.
}

// A Certificate of cert-manager.
type Certificate struct {
	metav1.ObjectMeta `json:"metadata"`

	Status struct {
		RenewalTime *metav1.Time `json:"renewalTime"`
	} `json:"status"`
}

// A Managed resource of the provider.
type Managed struct {
	Kind              string `json:"kind"`
	metav1.ObjectMeta `json:"metadata"`

	Status struct {
		Drift []custody.Drift `json:"drift"`
	} `json:"status"`
}

// Title of the resource.
func (m Managed) Title() string { return m.Kind + " " + m.Name }

// managed are the kinds in whose status the provider writes down drift.
func managed() []string {
	return []string{
		"/apis/elasticsearch.plumbline.dev/v1alpha1/indices",
		"/apis/elasticsearch.plumbline.dev/v1alpha1/datastreams",
		"/apis/elasticsearch.plumbline.dev/v1alpha1/roles",
		"/apis/elasticsearch.plumbline.dev/v1alpha1/rolemappings",
		"/apis/entra.plumbline.dev/v1alpha1/groups",
	}
}

// World reads what was composed, by one request for each kind, however many claims
// there are.
func (p ControlPlane) World(ctx context.Context) (World, error) {
	w := World{Quotas: map[string][]corev1.ResourceQuota{}, Certificates: map[string][]Certificate{}, Managed: map[string][]Managed{}}
	quotas, err := list[corev1.ResourceQuota](ctx, p, "/api/v1/resourcequotas")
	if err != nil {
		return World{}, err
	}
	for _, q := range quotas {
		w.Quotas[q.Namespace] = append(w.Quotas[q.Namespace], q)
	}
	certificates, err := list[Certificate](ctx, p, "/apis/cert-manager.io/v1/certificates")
	if err != nil {
		return World{}, err
	}
	for _, c := range certificates {
		w.Certificates[c.Namespace] = append(w.Certificates[c.Namespace], c)
	}
	for _, path := range managed() {
		resources, err := list[Managed](ctx, p, path)
		if err != nil {
			return World{}, err
		}
		for _, m := range resources {
			environment := m.Labels["plumbline.dev/service"] + "-" + m.Labels["plumbline.dev/environment"]
			w.Managed[environment] = append(w.Managed[environment], m)
		}
	}
	return w, nil
}
