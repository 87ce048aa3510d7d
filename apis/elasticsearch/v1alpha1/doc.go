// Package v1alpha1 holds the managed resources that stand for what an Elasticsearch cluster holds:
// indices, lifecycle policies, roles, role mappings and API keys; and the configuration by which the
// provider reaches them.
// +kubebuilder:object:generate=true
// +groupName=elasticsearch.plumbline.dev
// +versionName=v1alpha1
package v1alpha1
