package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion of the kinds in this package.
var GroupVersion = schema.GroupVersion{Group: "plumbline.dev", Version: "v1alpha1"}

// Group version kinds of this package. Crossplane serves the composite, which
// has the schema of the claim and machinery of its own, so it has no Go type.
var (
	ServiceEnvironmentGroupVersionKind  = GroupVersion.WithKind("ServiceEnvironment")
	XServiceEnvironmentGroupVersionKind = GroupVersion.WithKind("XServiceEnvironment")
	BlueprintGroupVersionKind           = GroupVersion.WithKind("Blueprint")
)

// AddToScheme adds the claim to a scheme. A Blueprint is no object of its own:
// it is the data of an EnvironmentConfig.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion, &ServiceEnvironment{}, &ServiceEnvironmentList{})
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
