// Package v1alpha1 holds the resource by which the provider looks up what the DNS says of
// a host. It writes nothing there.
// +kubebuilder:object:generate=true
// +groupName=dns.plumbline.dev
// +versionName=v1alpha1
package v1alpha1
