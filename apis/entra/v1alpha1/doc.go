// Package v1alpha1 holds the managed resources that stand for groups of Entra ID, and the
// configuration by which the provider reaches them.
// +kubebuilder:object:generate=true
// +groupName=entra.plumbline.dev
// +versionName=v1alpha1
package v1alpha1
