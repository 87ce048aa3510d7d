package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	kiota "github.com/microsoft/kiota-http-go"
	msgraph "github.com/microsoftgraph/msgraph-sdk-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go-core/authentication"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/models/odataerrors"

	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

const (
	tenant = "11111111-1111-4111-8111-111111111111"
	app    = "22222222-2222-4222-8222-222222222222"
	secret = "right"
	absent = "00000000-0000-4000-8000-000000000001"
)

// start serves a stand-in over TLS and returns a client that signs in to it.
func start(t *testing.T, o standin.Options) *msgraph.GraphServiceClient {
	t.Helper()
	return connect(t, serve(t, o), secret)
}

func serve(t *testing.T, o standin.Options) *httptest.Server {
	t.Helper()
	server := httptest.NewTLSServer(standin.New(options(o)))
	t.Cleanup(server.Close)
	return server
}

// options returns options that let the tests' application sign in.
func options(o standin.Options) standin.Options {
	o.TenantID, o.ClientID, o.ClientSecret = tenant, app, secret
	return o
}

// A world is a client and the group that a case starts with.
type world struct {
	*msgraph.GraphServiceClient

	ctx   context.Context
	group string
}

func connect(t *testing.T, server *httptest.Server, secret string) *msgraph.GraphServiceClient {
	t.Helper()
	auth, err := authentication.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(
		signIn(t, server, secret), []string{"https://graph.microsoft.com/.default"}, []string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	defaults := msgraph.GetDefaultClientOptions()
	// The library's middlewares stay: they compress what is sent, and retry.
	client := &http.Client{Transport: kiota.NewCustomTransportWithParentTransport(
		server.Client().Transport, core.GetDefaultMiddlewaresWithOptions(&defaults)...)}
	adapter, err := msgraph.NewGraphRequestAdapterWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(auth, nil, nil, client)
	if err != nil {
		t.Fatal(err)
	}
	adapter.SetBaseUrl(server.URL + "/v1.0")
	return msgraph.NewGraphServiceClient(adapter)
}

func signIn(t *testing.T, server *httptest.Server, secret string) azcore.TokenCredential {
	t.Helper()
	credential, err := azidentity.NewClientSecretCredential(tenant, app, secret, &azidentity.ClientSecretCredentialOptions{
		DisableInstanceDiscovery: true,
		ClientOptions: policy.ClientOptions{
			Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: server.URL + "/"},
			Transport: server.Client(),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return credential
}

// security returns what creates a security group.
func security(name string) models.Groupable {
	g := models.NewGroup()
	g.SetDisplayName(&name)
	g.SetMailNickname(&name)
	g.SetMailEnabled(ptr(false))
	g.SetSecurityEnabled(ptr(true))
	return g
}

func create(t *testing.T, c *msgraph.GraphServiceClient, name string) string {
	t.Helper()
	g, err := c.Groups().Post(t.Context(), security(name), nil)
	if err != nil {
		t.Fatal(told(err))
	}
	return *g.GetId()
}

func reference(id string) *models.ReferenceCreate {
	r := models.NewReferenceCreate()
	r.SetOdataId(ptr("https://graph.microsoft.com/v1.0/directoryObjects/" + id))
	return r
}

func ptr[T any](v T) *T { return &v }

// told returns status, code and message of an error as the library understood
// them, or the empty string.
func told(err error) string {
	var e *odataerrors.ODataError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e) && e.GetErrorEscaped() != nil:
		return fmt.Sprintf("%d %s: %s", e.GetStatusCode(), *e.GetErrorEscaped().GetCode(), *e.GetErrorEscaped().GetMessage())
	}
	return err.Error()
}
