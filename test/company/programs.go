package company

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// startEngine follows the folders that the README of examples/gitops names.
func (c *Company) startEngine(ctx context.Context) error {
	return c.Plane.Run(ctx, controlplane.Program{
		Name: "gitops", Path: engine(c.Root),
		Args: []string{
			"--kubeconfig", c.Plane.Kubeconfig(), "--repository", c.Git.Bare,
			"--work", filepath.Join(c.Dir, "engine"), "platform", "teams/*/*",
		},
	})
}

// startFeed serves the catalog with the rights that examples/backstage gives it, and no
// others.
func (c *Company) startFeed(ctx context.Context) error {
	if err := c.Plane.ApplyFiles(ctx, filepath.Join(c.Root, "examples", "backstage", "reader.yaml")); err != nil {
		return err
	}
	if err := c.writeKubeconfig(ctx); err != nil {
		return err
	}
	host, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	c.Feed = "http://" + host
	return c.Plane.Run(ctx, controlplane.Program{
		Name: "feed", Path: c.Program(),
		Args: []string{
			"catalog", "serve", "--listen", host, "--kubeconfig", c.Kubeconfig(),
			"--config", filepath.Join(c.Root, "examples", "backstage", "catalog.yaml"),
		},
		Ready: answers(c.Feed + "/healthz"),
	})
}

// writeKubeconfig writes that of the service account of examples/backstage.
func (c *Company) writeKubeconfig(ctx context.Context) error {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "plumbline-system", Name: "plumbline-catalog"}}
	request := &authenticationv1.TokenRequest{}
	if err := c.Plane.Client().SubResource("token").Create(ctx, account, request); err != nil {
		return fmt.Errorf("cannot get a token: %w", err)
	}
	admin := c.Plane.Config()
	config := clientcmdapi.NewConfig()
	config.Clusters["plane"] = &clientcmdapi.Cluster{Server: admin.Host, CertificateAuthorityData: admin.CAData, CertificateAuthority: admin.CAFile}
	config.AuthInfos["reader"] = &clientcmdapi.AuthInfo{Token: request.Status.Token}
	config.Contexts["reader"] = &clientcmdapi.Context{Cluster: "plane", AuthInfo: "reader", Namespace: "default"}
	config.CurrentContext = "reader"
	return clientcmd.WriteToFile(*config, c.Kubeconfig())
}

// startBackstage starts the backend, and waits until it has read the templates.
func (c *Company) startBackstage(ctx context.Context) error {
	if err := c.adoptTemplates(); err != nil {
		return err
	}
	backend, err := c.RunBackend(ctx, "backstage", home(c.Root), filepath.Join(c.Root, "test", "backstage", "backend"),
		"TEST_GIT_REMOTE="+c.Remote, "TEST_GIT_HOST="+c.git.host, "TEST_FEED_HOST="+strings.TrimPrefix(c.Feed, "http://"),
		"TEST_TEMPLATES="+c.Templates())
	if err != nil {
		return err
	}
	c.Backstage = backend
	// It says that it is ready before it has read what it was configured with.
	return c.Plane.Await(ctx, func(ctx context.Context) error {
		for _, name := range []string{"service-environment", "service-environment-edit", "service-environment-remove"} {
			if _, err := c.Backstage.Entity(ctx, "template:default/"+name); err != nil {
				return err
			}
		}
		return nil
	})
}

// RunBackend starts a backend of Backstage: that which is installed in a folder, as the
// index.js and app-config.yaml of another say.
func (c *Company) RunBackend(ctx context.Context, name, installed, folder string, env ...string) (Backstage, error) {
	host, err := freeAddress(ctx)
	if err != nil {
		return Backstage{}, err
	}
	b := Backstage{URL: "http://" + host, Token: rand.Text()}
	return b, c.Plane.Run(ctx, controlplane.Program{
		Name: name, Path: "node", Dir: installed,
		Args: []string{filepath.Join(folder, "index.js"), "--config", filepath.Join(folder, "app-config.yaml")},
		Env: append(env, "NODE_PATH="+filepath.Join(installed, "node_modules"), "NODE_ENV=production",
			"TEST_BACKSTAGE_URL="+b.URL, "TEST_BACKSTAGE_LISTEN="+host, "TEST_TOKEN="+b.Token),
		Ready: answers(b.URL + "/.backstage/health/v1/readiness"),
	})
}

// answers is a program's readiness: a URL answers.
func answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		a, err := Fetch(ctx, http.MethodGet, url, nil, nil)
		if err == nil && a.Code >= http.StatusBadRequest {
			err = errors.New(http.StatusText(a.Code))
		}
		return err
	}
}
