package elasticsearch

import (
	"context"
	"errors"
	"strings"
	"testing"

	client "github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/typedapi/types"
	"github.com/elastic/go-elasticsearch/v8/typedapi/types/enums/level"
)

// connect8 returns the calls of version 8 of the library.
func connect8(t *testing.T, c connection) library {
	t.Helper()
	credentials := client.WithBasicAuth(c.username, c.password)
	if c.apiKey != "" {
		credentials = client.WithAPIKey(c.apiKey)
	}
	es, err := client.NewTyped(client.WithAddresses(c.address), client.WithCACert(c.authorities), credentials)
	if err != nil {
		t.Fatal(err)
	}
	return library{
		"Info":   func(ctx context.Context, _, _ string) (any, error) { return es.Info().Do(ctx) },
		"Exists": func(ctx context.Context, index, _ string) (any, error) { return es.Indices.Exists(index).Do(ctx) },
		"Create": func(ctx context.Context, index, body string) (any, error) {
			return es.Indices.Create(index).Raw(strings.NewReader(body)).Do(ctx)
		},
		"Get": func(ctx context.Context, index, _ string) (any, error) { return es.Indices.Get(index).Do(ctx) },
		"GetSettings": func(ctx context.Context, index, _ string) (any, error) {
			return es.Indices.GetSettings().Index(index).Do(ctx)
		},
		"PutSettings": func(ctx context.Context, index, body string) (any, error) {
			return es.Indices.PutSettings().Indices(index).Raw(strings.NewReader(body)).Do(ctx)
		},
		"GetMapping": func(ctx context.Context, index, _ string) (any, error) {
			return es.Indices.GetMapping().Index(index).Do(ctx)
		},
		"PutMapping": func(ctx context.Context, index, body string) (any, error) {
			return es.Indices.PutMapping(index).Raw(strings.NewReader(body)).Do(ctx)
		},
		"Health": func(ctx context.Context, index, _ string) (any, error) {
			return es.Cluster.Health().Index(index).Level(level.Indices).Timeout("1s").Do(ctx)
		},
		"Index": func(ctx context.Context, index, body string) (any, error) {
			return es.Index(index).Raw(strings.NewReader(body)).Do(ctx)
		},
		"PutAlias": func(ctx context.Context, index, body string) (any, error) {
			return es.Indices.PutAlias(index, "current").Raw(strings.NewReader(body)).Do(ctx)
		},
		"UpdateAliases": func(ctx context.Context, _, body string) (any, error) {
			return es.Indices.UpdateAliases().Raw(strings.NewReader(body)).Do(ctx)
		},
		"GetAlias": func(ctx context.Context, name, _ string) (any, error) {
			return es.Indices.GetAlias().Name(name).Do(ctx)
		},
		"PutTemplate": func(ctx context.Context, name, body string) (any, error) {
			return es.Indices.PutIndexTemplate(name).Raw(strings.NewReader(body)).Do(ctx)
		},
		"GetTemplate": func(ctx context.Context, name, _ string) (any, error) {
			return es.Indices.GetIndexTemplate().Name(name).Do(ctx)
		},
		"DeleteTemplate": func(ctx context.Context, name, _ string) (any, error) {
			return es.Indices.DeleteIndexTemplate(name).Do(ctx)
		},
		"CreateStream": func(ctx context.Context, name, _ string) (any, error) {
			return es.Indices.CreateDataStream(name).Do(ctx)
		},
		"GetStream": func(ctx context.Context, name, _ string) (any, error) {
			return es.Indices.GetDataStream().Name(name).Do(ctx)
		},
		"DeleteStream": func(ctx context.Context, name, _ string) (any, error) {
			return es.Indices.DeleteDataStream(name).Do(ctx)
		},
		"PutLifecycle": func(ctx context.Context, name, body string) (any, error) {
			return es.Indices.PutDataLifecycle(name).Raw(strings.NewReader(body)).Do(ctx)
		},
		"GetLifecycle": func(ctx context.Context, name, _ string) (any, error) {
			return es.Indices.GetDataLifecycle(name).Do(ctx)
		},
		"Rollover": func(ctx context.Context, name, _ string) (any, error) { return es.Indices.Rollover(name).Do(ctx) },
		"Count":    func(ctx context.Context, index, _ string) (any, error) { return es.Count().Index(index).Do(ctx) },
		"Delete":   func(ctx context.Context, index, _ string) (any, error) { return es.Indices.Delete(index).Do(ctx) },
		"Refresh": func(ctx context.Context, index, _ string) (any, error) {
			return es.Indices.Refresh().Index(index).Do(ctx)
		},
		"Stats": func(ctx context.Context, index, _ string) (any, error) {
			return es.Indices.Stats().Index(index).Metric("docs").Do(ctx)
		},
		"PutRole": func(ctx context.Context, name, body string) (any, error) {
			return es.Security.PutRole(name).Raw(strings.NewReader(body)).Do(ctx)
		},
		"GetRole": func(ctx context.Context, name, _ string) (any, error) {
			return es.Security.GetRole().Name(name).Do(ctx)
		},
		"DeleteRole": func(ctx context.Context, name, _ string) (any, error) { return es.Security.DeleteRole(name).Do(ctx) },
		"PutRoleMapping": func(ctx context.Context, name, body string) (any, error) {
			return es.Security.PutRoleMapping(name).Raw(strings.NewReader(body)).Do(ctx)
		},
		"GetRoleMapping": func(ctx context.Context, name, _ string) (any, error) {
			return es.Security.GetRoleMapping().Name(name).Do(ctx)
		},
		"CreateAPIKey": func(ctx context.Context, _, body string) (any, error) {
			return es.Security.CreateApiKey().Raw(strings.NewReader(body)).Do(ctx)
		},
		"QueryAPIKeys": func(ctx context.Context, _, body string) (any, error) {
			return es.Security.QueryApiKeys().Raw(strings.NewReader(body)).Do(ctx)
		},
		"AllHealth": func(ctx context.Context, _, _ string) (any, error) {
			return es.Cluster.Health().Level(level.Indices).Do(ctx)
		},
		"GetMany": func(ctx context.Context, index, _ string) (any, error) {
			return es.Indices.Get(index).IgnoreUnavailable(true).FlatSettings(true).Do(ctx)
		},
		"UpdateAPIKey": func(ctx context.Context, id, body string) (any, error) {
			return es.Security.UpdateApiKey(id).Raw(strings.NewReader(body)).Do(ctx)
		},
		"InvalidateAPIKey": func(ctx context.Context, _, body string) (any, error) {
			return es.Security.InvalidateApiKey().Raw(strings.NewReader(body)).Do(ctx)
		},
		"PutPolicy": func(ctx context.Context, name, body string) (any, error) {
			return es.Ilm.PutLifecycle(name).Raw(strings.NewReader(body)).Do(ctx)
		},
		"GetPolicy": func(ctx context.Context, name, _ string) (any, error) {
			return es.Ilm.GetLifecycle().Policy(name).Do(ctx)
		},
		"DeletePolicy": func(ctx context.Context, name, _ string) (any, error) { return es.Ilm.DeleteLifecycle(name).Do(ctx) },
		"Authenticate": func(ctx context.Context, _, _ string) (any, error) { return es.Security.Authenticate().Do(ctx) },
	}
}

// failure8 returns what version 8 of the library made of an error's answer.
func failure8(err error) (failure, bool) {
	var e *types.ElasticsearchError
	if !errors.As(err, &e) {
		return failure{}, false
	}
	f := failure{Status: e.Status, Type: e.ErrorCause.Type, Causes: len(e.ErrorCause.RootCause)}
	if e.ErrorCause.Reason != nil {
		f.Reason = *e.ErrorCause.Reason
	}
	return f, true
}
