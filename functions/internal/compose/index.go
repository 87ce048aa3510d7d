package compose

import (
	"encoding/json"
	"maps"
	"time"

	xpmeta "github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
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
			Needs:      []string{PartNamespace},
			Resource: &elasticsearch.Index{
				TypeMeta: typeMeta(elasticsearch.GroupVersion.String(), "Index"),
				ObjectMeta: metav1.ObjectMeta{
					Name:        i.Resource,
					Namespace:   p.Home,
					Labels:      maps.Clone(p.Labels),
					Annotations: map[string]string{xpmeta.AnnotationKeyExternalName: i.Name},
				},
				Spec: elasticsearch.IndexSpec{
					ManagedResourceSpec: managedSpec(i.ProviderConfig, i.Policy, i.Grace),
					Terms:               terms(p, i.Resource, i.Grace),
					Deletion:            deletionTerms(i.Policy, i.Grace),
					ForProvider: elasticsearch.IndexParameters{
						NumberOfShards:   i.Shards,
						NumberOfReplicas: i.Replicas,
						Settings:         i.Settings,
						Mappings:         mappingsOf(i.Mappings),
						Aliases:          aliasesOf(i.Aliases),
					},
				},
			},
			Health: ManagedHealth,
			Settle: settleManaged,
		})
	}
	return parts
}

// deletionTerms say that data goes with an environment whose claim wants it so.
// Everywhere else the provider keeps what holds any.
func deletionTerms(policy v1alpha1.DeletionPolicy, grace time.Duration) *custody.DeletionTerms {
	if keeps(policy, grace) {
		return nil
	}
	return &custody.DeletionTerms{Data: custody.DataDelete}
}

func aliasesOf(from []environment.Alias) map[string]elasticsearch.Alias {
	if len(from) == 0 {
		return nil
	}
	aliases := map[string]elasticsearch.Alias{}
	for _, a := range from {
		aliases[a.Name] = elasticsearch.Alias{IsWriteIndex: a.IsWriteIndex}
	}
	return aliases
}

// mappingsOf writes a mapping with its keys in order, so that it is always the same.
func mappingsOf(from map[string]any) *apiextensionsv1.JSON {
	raw, err := json.Marshal(from)
	if err != nil { // What JSON decoded, JSON encodes.
		return nil
	}
	return &apiextensionsv1.JSON{Raw: raw}
}
