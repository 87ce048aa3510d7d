// Package elasticsearch is a stand-in for an Elasticsearch cluster, as far as its
// indices go: it keeps state, answers in Elasticsearch's shapes, and refuses what
// Elasticsearch refuses, with the error types that clients decide by.
//
// It does not search, analyse or refresh; it knows no aliases, templates, data
// streams, lifecycle policies or security objects; it checks no value of a setting
// and no parameter of a mapping but its type; it does not derive mappings from
// documents; every shard is allocated at once, and replicas never are, as on a
// cluster of one node. Closing an index, and reading with include_defaults, are
// answered as unsupported, so that nobody takes silence for an answer.
package elasticsearch
