// Package elasticsearch drives the stand-in for Elasticsearch with Elastic's own
// client libraries of versions 8 and 9, over TLS: each the library's typed client,
// which decodes answers into the structures that Elastic generates from its
// specification of the API. A shape that is not Elasticsearch's does not get
// through it.
//
// It is a module of its own, because the libraries take minutes and gigabytes to
// compile, which nobody else should have to wait for.
package elasticsearch
