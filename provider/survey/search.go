package survey

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
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
	if !q.Credentials.search() {
		return searchFound{}, nil
	}
	conn, err := connectSearch(ctx, kube, q.Credentials, config)
	if err != nil {
		return searchFound{}, err
	}
	pattern := q.Indices
	if pattern == "" {
		pattern = n.indexPrefix + "*"
	}
	indices, err := conn.Client.Indices(ctx, pattern)
	if err != nil {
		return searchFound{}, fmt.Errorf("cannot list indices %q: %w", pattern, err)
	}
	return searchFound{looked: true, installation: conn.Installation, endpoint: conn.Endpoint, indices: indices}, nil
}

// search says whether there are any for Elasticsearch.
func (c Credentials) search() bool {
	return c.ElasticsearchAPIKey != "" || c.ElasticsearchPassword != ""
}

// connectSearch reaches Elasticsearch where a ClusterProviderConfig says.
func connectSearch(ctx context.Context, kube client.Reader, c Credentials, config string) (connect.Connection[*elasticsearch.Client], error) {
	pc := &v1alpha1.ClusterProviderConfig{}
	if err := kube.Get(ctx, client.ObjectKey{Name: config}, pc); err != nil {
		return connect.Connection[*elasticsearch.Client]{}, fmt.Errorf("cannot get ClusterProviderConfig %q of Elasticsearch: %w", config, err)
	}
	es, err := elasticsearch.New(elasticsearch.Config{
		Endpoint: pc.Spec.Endpoint, CABundle: c.CABundle,
		APIKey: c.ElasticsearchAPIKey, Username: c.ElasticsearchUsername, Password: c.ElasticsearchPassword,
	})
	if err != nil {
		return connect.Connection[*elasticsearch.Client]{}, fmt.Errorf("cannot connect to Elasticsearch: %w", err)
	}
	return connect.Connection[*elasticsearch.Client]{Client: es, Installation: pc.Spec.Installation, Endpoint: pc.Spec.Endpoint}, nil
}
