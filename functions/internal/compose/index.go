package compose

import (
	"maps"

	xpmeta "github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// indices are the Elasticsearch indices, in the team's namespace.
func indices(p environment.Plan, _ World) []Part {
	var parts []Part
	for _, i := range p.Indices {
		parts = append(parts, Part{
			Name:       "index-" + i.Key,
			Capability: status.Search,
			Title:      i.Name,
			Resource: &elasticsearch.Index{
				TypeMeta: typeMeta(elasticsearch.GroupVersion.String(), "Index"),
				ObjectMeta: metav1.ObjectMeta{
					Name:        i.Resource,
					Namespace:   p.Home,
					Labels:      maps.Clone(p.Labels),
					Annotations: map[string]string{xpmeta.AnnotationKeyExternalName: i.Name},
				},
				Spec: elasticsearch.IndexSpec{
					ManagedResourceSpec: managedSpec(i.ProviderConfig, i.Policy),
					Deletion:            deletionTerms(i.Policy),
					ForProvider: elasticsearch.IndexParameters{
						NumberOfShards:   i.Shards,
						NumberOfReplicas: i.Replicas,
					},
				},
			},
			Health: managedHealth,
			Settle: settleManaged,
		})
	}
	return parts
}

// deletionTerms say that data goes with an environment whose claim wants it so.
// Everywhere else the provider keeps an index that holds any.
func deletionTerms(policy v1alpha1.DeletionPolicy) *custody.DeletionTerms {
	if policy != v1alpha1.DeletionDelete {
		return nil
	}
	return &custody.DeletionTerms{Data: custody.DataDelete}
}
