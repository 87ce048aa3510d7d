// Package engine starts a real node of Elasticsearch, or of OpenSearch, from the
// artifacts that Maven Central has, and gives tests what they drive in its place: the
// stand-in. A test that takes what New returns runs unchanged against either, so that
// what the stand-in says is held to what the real thing says.
//
// Its command, cmd/engine, starts a node and runs `go test` with it.
//
// What is real, and what is not there:
//   - Elasticsearch 8.18.8: its server with indices, settings, mappings, aliases,
//     composable templates, cluster health and documents, media types and errors.
//     Later versions miss parts on Central. Central has none of the modules but that
//     for HTTP: so there is no GET /, there are no data streams, and nothing of X-Pack:
//     no lifecycle policies, no security. It takes any credentials.
//   - OpenSearch 2.19.4, which left Elasticsearch at version 7.10: the same, and data
//     streams. It knows no data stream lifecycle. What New returns translates between the
//     media types, and adds the header by which Elasticsearch names itself: the
//     provider refuses OpenSearch, and this way it never learns.
//   - What a node lacks, a test that needs it names to New, and is skipped by that name.
package engine
