package main

import (
	"fmt"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
)

// A connection finds the control plane, as kubectl does.
type connection struct {
	Context    string `help:"Context of the kubeconfig."`
	Kubeconfig string `type:"path" help:"Kubeconfig to use. Left out, it is found as kubectl finds it."`
}

// Requests that the server throttles better than this program does.
const (
	queriesPerSecond = 50
	burst            = 100
)

func (c connection) controlPlane() (inventory.ControlPlane, error) {
	config, err := c.config()
	if err != nil {
		return inventory.ControlPlane{}, err
	}
	return inventory.Connect(config)
}

func (c connection) config() (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = c.Kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: c.Context}).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("cannot find a control plane: %w", err)
	}
	config.QPS, config.Burst = queriesPerSecond, burst
	return config, nil
}
