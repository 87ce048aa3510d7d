// Package v1alpha1 holds the managed resources that stand for indices of Elasticsearch, and the
// configuration by which the provider reaches them.
// +kubebuilder:object:generate=true
// +groupName=elasticsearch.plumbline.dev
// +versionName=v1alpha1
package v1alpha1
