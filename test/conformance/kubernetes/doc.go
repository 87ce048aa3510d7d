// Package kubernetes holds what claims become to what the API server takes: built-in
// kinds are decoded strictly and validated by Kubernetes' own code, all others by the
// definitions of their kinds, which are ours, cert-manager's, ExternalDNS', Kong's and
// the Gateway API's, from the modules that the control plane runs. Those of kinds that
// the examples of extras have come from modules that the folder definitions pins; the
// test names what comes from nowhere.
//
// It is a module of its own, because Kubernetes itself is no library: it needs all its
// parts at one version, which the product's go.mod should not have to follow.
package kubernetes
