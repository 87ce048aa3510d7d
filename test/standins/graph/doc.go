// Package graph stands in for the part of Microsoft Graph, and of the sign-in
// service before it, that managing groups in an Entra ID tenant takes. It keeps
// state and refuses what Microsoft Graph refuses.
//
// It serves the token service of one tenant and, in v1.0 and beta, users,
// service principals, directory objects, groups with their members and owners,
// the deleted items, delta queries of users, service principals and groups, and batches.
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
//   - It throttles applications by the resource units of identity and access, all of a
//     tenant alike, if Options.ResourceUnits is set; writes have no limit of their own.
//     It forgets nothing after 30 days.
//   - Delta queries show changes at once, whatever the lag, tell of a property that changed
//     by all that are selected, and of changes to others too. They take $select and
//     $deltatoken, tell at most 200 objects in a page, and never tell one twice.
//   - Of users it changes whether they may sign in.
//   - Batches take no dependsOn.
//   - Reading its own writes lags by Options.Lag and Options.RelationLag, always by
//     the same time; Microsoft Graph's lag varies and shows changed properties late.
//   - Whether a deleted group keeps its unique name is not documented; see
//     Options.DeletedKeepUniqueName.
//   - Where Microsoft documents no words for an error, the words are its own; codes
//     and statuses are documented ones.
package graph
