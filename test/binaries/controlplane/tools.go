//go:build tools

// Package tools names the programs of the local control plane, so that go.mod
// pins them and all they need. They are built by their import paths.
package tools

import (
	_ "github.com/crossplane/crossplane/v2/cmd/crossplane"
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
