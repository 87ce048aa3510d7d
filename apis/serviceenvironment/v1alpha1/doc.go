// Package v1alpha1 holds the ServiceEnvironment claim that a developer commits,
// and the Blueprint by which a platform team answers what the claim leaves open.
// The types are the single source: the XRD's schema is generated from them.
// +kubebuilder:object:generate=true
// +groupName=plumbline.dev
// +versionName=v1alpha1
package v1alpha1
