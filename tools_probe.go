//go:build tools

// Package tools keeps the dependencies that code to come will import.
package tools

import (
	_ "github.com/Azure/azure-sdk-for-go/sdk/azcore/arm/policy"
	_ "github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	_ "github.com/alecthomas/kong"
	_ "github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	_ "github.com/crossplane/crossplane-runtime/v2/pkg/xpkg"
	_ "github.com/crossplane/crossplane/apis/v2/core/v2"
	_ "github.com/crossplane/function-sdk-go"
	_ "github.com/elastic/elastic-transport-go/v8/elastictransport"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/google/go-containerregistry/pkg/registry"
	_ "github.com/prometheus/client_golang/prometheus"
	_ "github.com/spf13/afero"
	_ "golang.org/x/crypto/x509roots/fallback"
	_ "google.golang.org/grpc"
	_ "google.golang.org/grpc/health"
	_ "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	_ "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	_ "k8s.io/apiserver/pkg/apis/cel"
	_ "k8s.io/client-go/dynamic"
	_ "sigs.k8s.io/controller-runtime"
	_ "sigs.k8s.io/yaml"
)
