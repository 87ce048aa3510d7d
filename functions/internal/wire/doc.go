// Package wire decodes of a request what the function reads, and no more.
//
// Crossplane hands over every observed object whole, with the record of its field
// managers, and to decode that is most of what a call costs: each value is three
// objects in memory. So a request is cut before it is decoded, by a list of what is
// read. An object of which the rest is wanted now and then keeps it as it came, still
// encoded: Whole decodes it.
//
// A cut request means the same as the whole one, for whoever reads only what is
// listed. What this package does not understand it does not cut, so that protobuf's own
// decoder judges it.
package wire
