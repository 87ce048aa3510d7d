package connect

import (
	"context"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

// Elasticsearch connects to clusters of Elasticsearch.
type Elasticsearch = Connector[v1alpha1.ProviderConfigSpec, *elasticsearch.Client]

// NewElasticsearch returns a Connector to clusters of Elasticsearch.
func NewElasticsearch(kube client.Client, sweeps observe.Sweeps) *Elasticsearch {
	return newConnector(kube, &v1alpha1.ProviderConfigUsage{}, source[v1alpha1.ProviderConfigSpec, *elasticsearch.Client]{
		spec: elasticsearchSpec,
		open: func(kind string, s v1alpha1.ProviderConfigSpec, secret secrets) (Connection[*elasticsearch.Client], error) {
			return openElasticsearch(kind, s, sweeps, secret)
		},
	})
}

func elasticsearchSpec(ctx context.Context, c client.Client, kind string, name types.NamespacedName) (v1alpha1.ProviderConfigSpec, error) {
	if kind == namespacedKind {
		pc := &v1alpha1.ProviderConfig{}
		err := c.Get(ctx, name, pc)
		return pc.Spec, err
	}
	pc := &v1alpha1.ClusterProviderConfig{}
	err := c.Get(ctx, name, pc)
	return pc.Spec, err
}

func openElasticsearch(_ string, s v1alpha1.ProviderConfigSpec, sweeps observe.Sweeps, secret secrets) (Connection[*elasticsearch.Client], error) {
	none := Connection[*elasticsearch.Client]{}
	ca, err := secret(s.CABundleSecretRef)
	if err != nil {
		return none, err
	}
	apiKey, err := secret(s.Credentials.APIKeySecretRef)
	if err != nil {
		return none, err
	}
	password, err := secret(s.Credentials.PasswordSecretRef)
	if err != nil {
		return none, err
	}
	config := elasticsearch.Config{
		Endpoint: s.Endpoint, CABundle: ca,
		APIKey: trimmed(apiKey), Password: trimmed(password), Sweeps: sweeps,
	}
	if s.Credentials.Username != nil {
		config.Username = *s.Credentials.Username
	}
	c, err := elasticsearch.New(config)
	if err != nil {
		return none, err
	}
	return Connection[*elasticsearch.Client]{
		Client: c, Installation: s.Installation, Endpoint: strings.TrimSuffix(s.Endpoint, "/"), CABundle: ca,
	}, nil
}

// trimmed removes the newline that editors and echo leave at the end of a Secret.
func trimmed(secret []byte) string { return strings.TrimRight(string(secret), "\r\n") }
