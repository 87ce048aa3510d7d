// Package elasticsearch stands in for the part of an Elasticsearch cluster that
// managing indices, and who may use them, takes. It keeps state, answers in
// Elasticsearch's shapes, and refuses what Elasticsearch refuses, with the error
// types that clients decide by.
//
// It serves indices with their settings, mappings, aliases and health; composable
// index templates; data streams with their backing indices, rollover and lifecycle;
// documents as far as is needed to tell an index with data from one without; roles,
// role mappings and API keys; and lifecycle policies. GET /_standin/state shows all of
// it, without credentials.
//
// What it does not do:
//   - It knows no ingest pipelines, nodes or snapshots. A setting that names one is
//     kept and not followed.
//   - It carries out no lifecycle policy: it keeps them, and knows what names one.
//     Which phase takes which action it checks; their values it does not.
//   - It knows neither legacy nor component templates, and simulates none. It gives data
//     streams no aliases, no failure store and no downsampling. Time does not pass in a
//     data stream: it rolls over when it is told to, at once and without conditions,
//     and its lifecycle is kept and deletes nothing.
//   - An API key that was invalidated or has expired is kept for ever. A key's owner
//     is as it was when the key was made, even after an update of the key.
//   - Of statistics it knows the number of documents.
//   - It searches nothing and analyses nothing: a count refuses a query, and that an
//     analyzer exists is not checked. Documents have no versions to compare and no routing.
//   - Counts and statistics show what a search would. An index that nobody searches
//     refreshes all the same, and a write that waits for a refresh has one at once.
//   - A document's source is kept whole or not at all, whatever includes, excludes and
//     mode of _source say.
//   - It knows the settings in setting.go and the types and parameters of fields in
//     fieldtype.go. Others it refuses as unknown, where a cluster with more plugins
//     would not. It checks values of settings one by one, never against each other.
//   - Runtime fields are kept, not compiled. Dynamic templates are kept, not followed
//     when a document brings a field; neither are formats of dates in texts.
//   - Its nodes are a number, one by default. They hold shards and the copies that they
//     have room for at once. PUT /_standin/lost takes all shards of indices off them,
//     which makes those red; writes to them are refused at once, where a cluster waits a
//     minute. A rule of the package faults makes the cluster slow, throttling, or gone,
//     and its clock sets it wrong. The disk is never full; set
//     index.blocks.read_only_allow_delete to see what happens when it is.
//   - It takes all requests, unless Options.Pool bounds those that read and write
//     documents, security's included. Of pools there is one; a cluster has one each for
//     search, get and write, on every node. There are no circuit breakers.
//   - Privileges are checked against the name that a request uses, be it of an alias
//     or an index. Security at the level of documents and fields, privileges of
//     applications, remote clusters and run_as are kept and not followed. Users come
//     from Options alone, and no realm maps roles to them.
//   - It takes filter_path and answers everything.
//   - Queries for API keys are of the types match_all, term, terms, and bool with filter
//     or must, over the fields id, name, username and invalidated. They are not sorted.
//   - A batch of changes to several indices is for all or none.
//   - Where an answer's words are not documented, the words are its own; types and
//     statuses of errors are documented ones. What it has no answer for it says, with
//     status 501.
package elasticsearch
