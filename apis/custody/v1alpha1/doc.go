// Package v1alpha1 holds the kind that remembers what outlived its managed resource.
// +kubebuilder:object:generate=true
// +groupName=custody.plumbline.dev
// +versionName=v1alpha1
package v1alpha1
