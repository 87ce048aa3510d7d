package apis

import (
	"k8s.io/apimachinery/pkg/runtime"

	custody "github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	dns "github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	serviceenvironment "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// The XRD's schema comes from the same Go types as the deep copies.
//
//go:generate go tool -modfile=../test/tools/go.mod controller-gen object:headerFile=../test/tools/boilerplate.go.txt paths=./serviceenvironment/v1alpha1
//go:generate go run ./serviceenvironment/definition
//go:generate go run ./serviceenvironment/reference
//go:generate go run ./serviceenvironment/template

// AddToScheme adds every kind that the project publishes to a scheme.
func AddToScheme(s *runtime.Scheme) error {
	b := runtime.NewSchemeBuilder(
		custody.AddToScheme,
		dns.AddToScheme,
		elasticsearch.AddToScheme,
		entra.AddToScheme,
		serviceenvironment.AddToScheme,
	)
	return b.AddToScheme(s)
}
