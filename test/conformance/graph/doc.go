// Package graph drives the stand-in for Microsoft Graph with Microsoft's own
// client library, over TLS and signed in with Microsoft's own library for that.
// What the library makes of the answers is what it would make of Microsoft
// Graph's; a shape that is not Microsoft's does not get through it.
//
// It is a module of its own, because the library takes minutes and gigabytes to
// compile, which nobody else should have to wait for.
package graph
