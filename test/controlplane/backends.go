package controlplane

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

const (
	// systemNamespace holds the credentials; package/rbac creates it.
	systemNamespace = "plumbline-system"
	// installation names this control plane in the owner markers.
	installation = "local"

	tenantID = "11111111-1111-4111-8111-111111111111"
	clientID = "22222222-2222-4222-8222-222222222222"
)

// standIns are the addresses and credentials of the backends' stand-ins.
type standIns struct {
	elasticsearch string
	graph         string
	kong          string
	secret        string // Password and client secret, chosen anew each time.
}

// startStandIns starts the stand-ins for Elasticsearch, Microsoft Graph and
// Kong's Admin API. What they do not do stands at the top of each.
func (c *ControlPlane) startStandIns(ctx context.Context) error {
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	pair, err := c.ca.server("standins")
	if err != nil {
		return err
	}
	if err := writeTLS(c.path("certs", "standins"), pair, c.ca.pem); err != nil {
		return err
	}
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return errors.Wrap(err, "cannot choose a password")
	}
	address := func(i int) string { return fmt.Sprintf("127.0.0.1:%d", ports[i]) }
	c.standIns = standIns{
		elasticsearch: "https://" + address(0),
		graph:         "https://" + address(1),
		kong:          "http://" + address(2),
		secret:        hex.EncodeToString(secret),
	}
	throttle := fmt.Sprintf("--throttle=%t", c.opts.Throttled)
	return c.supervisor.start(ctx, Program{
		Name: "standins", Path: c.bin("standins"),
		Env: []string{"STANDINS_SECRET=" + c.standIns.secret},
		Args: []string{
			"--elasticsearch-address=" + address(0), "--graph-address=" + address(1), "--kong-address=" + address(2),
			"--tls-cert-file=" + c.path("certs", "standins", "tls.crt"), "--tls-key-file=" + c.path("certs", "standins", "tls.key"),
			"--tenant-id=" + tenantID, "--client-id=" + clientID, throttle,
		},
		Ready: accepts(address(1)),
	})
}

// ElasticsearchURL is where the stand-in for Elasticsearch answers.
func (c *ControlPlane) ElasticsearchURL() string { return c.standIns.elasticsearch }

// GraphURL is where the stand-in for Microsoft Graph answers.
func (c *ControlPlane) GraphURL() string { return c.standIns.graph }

// KongURL is where the stand-in for Kong's Admin API answers.
func (c *ControlPlane) KongURL() string { return c.standIns.kong }

// BackendSecret is the password of Elasticsearch's user and the client secret of
// the Entra ID application.
func (c *ControlPlane) BackendSecret() string { return c.standIns.secret }

// TenantID and ClientID are those that the provider signs in with.
func (c *ControlPlane) TenantID() string { return tenantID }

// ClientID of the application that the provider signs in as.
func (c *ControlPlane) ClientID() string { return clientID }

// CA returns the certificate of the authority that signs the servers'
// certificates, as PEM.
func (c *ControlPlane) CA() []byte { return c.ca.pem }

// configure tells the provider how to reach the backends, and applies the
// Blueprint, as a platform team does once.
func (c *ControlPlane) configure(ctx context.Context) error {
	if err := c.apply(ctx, c.backendSecret(), c.elasticsearchConfig(), c.entraConfig()); err != nil {
		return err
	}
	return c.ApplyFiles(ctx, c.opts.Root+"/examples/blueprint.yaml")
}

func (c *ControlPlane) backendSecret() client.Object {
	return &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: systemNamespace, Name: "backends"},
		Data:       map[string][]byte{"secret": []byte(c.standIns.secret), "ca.crt": c.ca.pem},
	}
}

func secretKey(key string) *xpv2.SecretKeySelector {
	return &xpv2.SecretKeySelector{
		SecretReference: xpv2.SecretReference{Namespace: systemNamespace, Name: "backends"}, Key: key,
	}
}

func (c *ControlPlane) elasticsearchConfig() client.Object {
	user := "plumbline"
	return &elasticsearch.ClusterProviderConfig{
		TypeMeta:   metav1.TypeMeta{APIVersion: elasticsearch.GroupVersion.String(), Kind: "ClusterProviderConfig"},
		ObjectMeta: metav1.ObjectMeta{Name: "default"},
		Spec: elasticsearch.ProviderConfigSpec{
			Endpoint:          c.standIns.elasticsearch,
			Installation:      installation,
			CABundleSecretRef: secretKey("ca.crt"),
			Credentials:       elasticsearch.Credentials{Username: &user, PasswordSecretRef: secretKey("secret")},
		},
	}
}

func (c *ControlPlane) entraConfig() client.Object {
	return &entra.ClusterProviderConfig{
		TypeMeta:   metav1.TypeMeta{APIVersion: entra.GroupVersion.String(), Kind: "ClusterProviderConfig"},
		ObjectMeta: metav1.ObjectMeta{Name: "default"},
		Spec: entra.ProviderConfigSpec{
			TenantID: tenantID, ClientID: clientID,
			Endpoint: c.standIns.graph, AuthorityHost: c.standIns.graph,
			Installation:      installation,
			CABundleSecretRef: secretKey("ca.crt"),
			Credentials:       entra.Credentials{Source: entra.SourceClientSecret, ClientSecretRef: secretKey("secret")},
		},
	}
}
