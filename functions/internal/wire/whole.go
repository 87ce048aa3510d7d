package wire

import (
	"fmt"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// Whole returns the object of a resource with all of its fields. Of a resource that was
// never cut it is the one that is there.
func Whole(r *fnv1.Resource) (*structpb.Struct, error) {
	whole := &structpb.Struct{}
	rest := []byte(r.ProtoReflect().GetUnknown())
	kept := false
	for len(rest) > 0 {
		number, _, n := protowire.ConsumeField(rest)
		if n < 0 {
			return nil, fmt.Errorf("cannot decode object: %w", protowire.ParseError(n))
		}
		if number == resourceKept {
			_, _, tag := protowire.ConsumeTag(rest)
			content, _ := protowire.ConsumeBytes(rest[tag:])
			if err := (proto.UnmarshalOptions{Merge: true}).Unmarshal(content, whole); err != nil {
				return nil, fmt.Errorf("cannot decode object: %w", err)
			}
			kept = true
		}
		rest = rest[n:]
	}
	if !kept {
		return r.GetResource(), nil
	}
	return whole, nil
}

// Size of what is kept of a resource, which does not depend on the order in which it was
// encoded. It is 0 where nothing is kept.
func Size(r *fnv1.Resource) int { return len(r.ProtoReflect().GetUnknown()) }
