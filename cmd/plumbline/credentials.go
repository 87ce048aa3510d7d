package main

import (
	"errors"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis"
	"github.com/plumbline-dev/plumbline/provider/survey"
)

// backendCredentials are the caller's own for Elasticsearch and Entra ID.
type backendCredentials struct {
	CABundle string `name:"ca-bundle" type:"path" placeholder:"FILE" help:"PEM certificates of the authorities that sign those of Elasticsearch and Microsoft Graph. Left out, those of the system."`

	ElasticsearchAPIKey   string `hidden:"" env:"ELASTICSEARCH_API_KEY"`
	ElasticsearchUsername string `hidden:"" env:"ELASTICSEARCH_USERNAME"`
	ElasticsearchPassword string `hidden:"" env:"ELASTICSEARCH_PASSWORD"`
	AzureClientID         string `hidden:"" env:"AZURE_CLIENT_ID"`
	AzureClientSecret     string `hidden:"" env:"AZURE_CLIENT_SECRET"`
}

func (c backendCredentials) credentials() (survey.Credentials, error) {
	out := survey.Credentials{
		ElasticsearchAPIKey: c.ElasticsearchAPIKey, ElasticsearchUsername: c.ElasticsearchUsername, ElasticsearchPassword: c.ElasticsearchPassword,
		AzureClientID: c.AzureClientID, AzureClientSecret: c.AzureClientSecret,
	}
	if c.CABundle == "" {
		return out, nil
	}
	var err error
	out.CABundle, err = os.ReadFile(c.CABundle)
	return out, err
}

// clientOf reads the kinds of the control plane as Go types.
func clientOf(config *rest.Config) (client.Client, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), apis.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	kube, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("cannot connect: %w", err)
	}
	return kube, nil
}
