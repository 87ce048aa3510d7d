package compose

import (
	"maps"

	xpmeta "github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// dataStreams are the Elasticsearch data streams, in the team's namespace.
func dataStreams(p environment.Plan, _ World) []Part {
	var parts []Part
	for _, s := range p.Streams {
		parts = append(parts, Part{
			Name:       "stream-" + s.Key,
			Capability: status.Search,
			Title:      s.Name,
			Needs:      []string{PartNamespace},
			Resource: &elasticsearch.DataStream{
				TypeMeta: typeMeta(elasticsearch.GroupVersion.String(), "DataStream"),
				ObjectMeta: metav1.ObjectMeta{
					Name:        s.Resource,
					Namespace:   p.Home,
					Labels:      maps.Clone(p.Labels),
					Annotations: map[string]string{xpmeta.AnnotationKeyExternalName: s.Name},
				},
				Spec: elasticsearch.DataStreamSpec{
					ManagedResourceSpec: managedSpec(s.ProviderConfig, s.Policy, s.Grace),
					Terms:               terms(p, s.Resource, s.Grace),
					Deletion:            deletionTerms(s.Policy, s.Grace),
					ForProvider: elasticsearch.DataStreamParameters{
						NumberOfShards:   s.Shards,
						NumberOfReplicas: s.Replicas,
						Settings:         s.Settings,
						Mappings:         mappingsOf(s.Mappings),
						Lifecycle:        &elasticsearch.DataStreamLifecycle{DataRetention: &s.Retention},
					},
				},
			},
			Health: ManagedHealth,
			Settle: settleManaged,
		})
	}
	return parts
}
