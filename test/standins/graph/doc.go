// Package graph stands in for the part of Microsoft Graph, and of the sign-in
// service before it, that managing groups in an Entra ID tenant takes. It keeps
// state and refuses what Microsoft Graph refuses.
//
// It serves the token service of one tenant and, in v1.0 and beta, users,
// service principals, directory objects, groups with their members and owners,
// the deleted items, and batches.
//
// What it does not do:
//   - It knows groups as security groups and Microsoft 365 groups only. It refuses
//     dynamic membership and licences, and knows no administrative units. Of the
//     properties of a group it knows those in schema.go.
//   - Of OData it knows $filter with eq, startswith, and, or; $select; $top; $count
//     of lists; $expand of members and owners. It refuses $orderby, $search and
//     casts of lists to a type. It does not refuse an advanced query that comes
//     without its header, but answers without the count.
//   - It has no signed-in users: only applications sign in. Signatures of client
//     assertions are not checked, their claims are.
//   - It does not throttle, and forgets nothing after 30 days. A rule of the package
//     faults makes it answer 429.
//   - Batches take no dependsOn.
//   - Reading its own writes lags by Options.Lag and Options.RelationLag, always by
//     the same time; Microsoft Graph's lag varies and shows changed properties late.
//   - Whether a deleted group keeps its unique name is not documented; see
//     Options.DeletedKeepUniqueName.
//   - Where Microsoft documents no words for an error, the words are its own; codes
//     and statuses are documented ones.
package graph
