// Module externaldns builds ExternalDNS. No package of ours imports it, so `go
// mod tidy` would empty this file: its program is built by its path.
module github.com/plumbline-dev/plumbline/test/binaries/externaldns

go 1.26.1

require sigs.k8s.io/external-dns v0.21.0
