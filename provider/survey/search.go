package survey

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
)

// searchFound is what Elasticsearch holds.
type searchFound struct {
	looked       bool
	installation string
	endpoint     string
	indices      map[string]elasticsearch.Index
}

// lookAtSearch reads indices where the provider has them, with the caller's
// credentials.
func lookAtSearch(ctx context.Context, kube client.Reader, q Question, config string, n names) (searchFound, error) {
	c := q.Credentials
	if c.ElasticsearchAPIKey == "" && c.ElasticsearchPassword == "" {
		return searchFound{}, nil
	}
	pc := &v1alpha1.ClusterProviderConfig{}
	if err := kube.Get(ctx, client.ObjectKey{Name: config}, pc); err != nil {
		return searchFound{}, fmt.Errorf("cannot get ClusterProviderConfig %q of Elasticsearch: %w", config, err)
	}
	es, err := elasticsearch.New(elasticsearch.Config{
		Endpoint: pc.Spec.Endpoint, CABundle: c.CABundle,
		APIKey: c.ElasticsearchAPIKey, Username: c.ElasticsearchUsername, Password: c.ElasticsearchPassword,
	})
	if err != nil {
		return searchFound{}, fmt.Errorf("cannot connect to Elasticsearch: %w", err)
	}
	pattern := q.Indices
	if pattern == "" {
		pattern = n.indexPrefix + "*"
	}
	indices, err := es.Indices(ctx, pattern)
	if err != nil {
		return searchFound{}, fmt.Errorf("cannot list indices %q: %w", pattern, err)
	}
	return searchFound{looked: true, installation: pc.Spec.Installation, endpoint: pc.Spec.Endpoint, indices: indices}, nil
}
