// Package controlplane runs a whole Crossplane control plane as child processes
// on loopback: etcd, kube-apiserver, kube-controller-manager, Crossplane and its
// RBAC manager, a package registry, the backends' stand-ins, the neighbours
// that Plumbline's resources depend on, and the shipped function and provider.
//
// Everything is the real program, speaks TLS, and runs under an identity of its
// own with the roles that its own manifests give it. What is missing is the
// kubelet: no Pod runs here. The parts that a kubelet would start are started by
// this package, which plays the External package runtime of Crossplane.
//
// [Start] works through the stages listed in controlplane.go; each leaves the
// control plane in a state that the next one builds on. Control planes share
// nothing but the programs they run, so several can run side by side.
package controlplane
