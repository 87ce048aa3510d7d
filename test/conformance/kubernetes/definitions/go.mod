// The definitions of kinds that examples have and that neither we nor the neighbours of
// the control plane define. Files of these modules are read and nothing is built of
// them, so "go mod tidy" would leave nothing of it.
module github.com/plumbline-dev/plumbline/test/conformance/kubernetes/definitions

go 1.26.0

require (
	github.com/argoproj/argo-cd/v3 v3.5.0
	github.com/bitnami-labs/sealed-secrets v0.36.0
	github.com/external-secrets/external-secrets v1.3.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
	istio.io/api v1.31.1
)
