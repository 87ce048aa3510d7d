package expand

import (
	"strings"

	"google.golang.org/grpc/encoding"

	"github.com/plumbline-dev/plumbline/functions/internal/wire"
)

// Codec decodes of a request what this package reads. Whoever reads one more field of
// an observed object adds it here; a test tells when it is forgotten.
func Codec() encoding.CodecV2 { return wire.Codec(decoded()) }

func decoded() wire.Request {
	return wire.Request{
		Composite: wire.Object{Fields: ofComposite()},
		Composed:  wire.Object{Fields: ofComposed(), Keep: true},
		Required:  ofRequired,
		// Whether there is one is all that counts.
		Schema: wire.Except(map[string]*wire.Fields{"properties": wire.None}),
	}
}

func ofComposite() *wire.Fields {
	return wire.Only(map[string]*wire.Fields{
		"apiVersion": wire.All,
		"kind":       wire.All,
		"metadata":   wire.Only(map[string]*wire.Fields{"name": wire.All, "uid": wire.All, "labels": wire.All}),
		"spec":       wire.Except(map[string]*wire.Fields{"resourceRefs": wire.None}),
		"status":     wire.All,
	})
}

// ofComposed are what parts are judged by, and the few fields of what is desired that
// stay as they are while their source is silent. A refusal reads the rest: it desires
// objects as they were last applied.
func ofComposed() *wire.Fields {
	return wire.Only(map[string]*wire.Fields{
		"apiVersion": wire.All,
		"kind":       wire.All,
		"metadata": wire.Only(map[string]*wire.Fields{
			"name": wire.All, "generation": wire.All, "deletionTimestamp": wire.All, "annotations": wire.All,
		}),
		"spec": wire.Only(map[string]*wire.Fields{
			"hard":        wire.All,
			"handOver":    wire.All,
			"forProvider": wire.Only(map[string]*wire.Fields{"rules": wire.All}),
		}),
		"subjects": wire.All,
		"data":     wire.All,
		"status":   wire.All,
	})
}

// ofRequired is whatever the objects that were looked up may be compared with, but of
// those that are large and of which one thing matters.
func ofRequired(name string) wire.Object {
	switch {
	case name == requireBlueprint:
		return wire.Object{Fields: versionOnly(), Keep: true}
	case name == requireRole:
		return wire.Object{Fields: wire.Only(map[string]*wire.Fields{"rules": wire.All})}
	case strings.HasPrefix(name, requireKind):
		return wire.Object{Fields: wire.Only(map[string]*wire.Fields{"status": wire.Only(map[string]*wire.Fields{"conditions": wire.All})})}
	default:
		return wire.Object{Fields: wire.Except(map[string]*wire.Fields{"metadata": wire.Except(map[string]*wire.Fields{"managedFields": wire.None})})}
	}
}

// versionOnly tells one Blueprint from another.
func versionOnly() *wire.Fields {
	return wire.Only(map[string]*wire.Fields{"metadata": wire.Only(map[string]*wire.Fields{"uid": wire.All, "resourceVersion": wire.All})})
}
