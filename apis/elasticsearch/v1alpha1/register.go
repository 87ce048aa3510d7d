package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion of the kinds in this package.
var GroupVersion = schema.GroupVersion{Group: "elasticsearch.plumbline.dev", Version: "v1alpha1"}

// Group version kinds of the types in this package.
var (
	IndexGroupVersionKind                   = GroupVersion.WithKind("Index")
	DataStreamGroupVersionKind              = GroupVersion.WithKind("DataStream")
	RoleGroupVersionKind                    = GroupVersion.WithKind("Role")
	RoleMappingGroupVersionKind             = GroupVersion.WithKind("RoleMapping")
	LifecyclePolicyGroupVersionKind         = GroupVersion.WithKind("LifecyclePolicy")
	APIKeyGroupVersionKind                  = GroupVersion.WithKind("APIKey")
	ProviderConfigGroupVersionKind          = GroupVersion.WithKind("ProviderConfig")
	ClusterProviderConfigGroupVersionKind   = GroupVersion.WithKind("ClusterProviderConfig")
	ProviderConfigUsageGroupVersionKind     = GroupVersion.WithKind("ProviderConfigUsage")
	ProviderConfigUsageListGroupVersionKind = GroupVersion.WithKind("ProviderConfigUsageList")
)

// AddToScheme adds the kinds of this package to a scheme.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion,
		&Index{}, &IndexList{},
		&DataStream{}, &DataStreamList{},
		&Role{}, &RoleList{},
		&RoleMapping{}, &RoleMappingList{},
		&LifecyclePolicy{}, &LifecyclePolicyList{},
		&APIKey{}, &APIKeyList{},
		&ProviderConfig{}, &ProviderConfigList{},
		&ClusterProviderConfig{}, &ClusterProviderConfigList{},
		&ProviderConfigUsage{}, &ProviderConfigUsageList{},
	)
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
