package wire

import (
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // The codec that does the rest.
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// codecName is that of the codec in whose place ours is registered.
const codecName = "proto"

type codec struct {
	encoding.CodecV2

	of Request
}

// Codec decodes requests as they are listed, and everything else as gRPC does. It
// takes effect by encoding.RegisterCodecV2.
func Codec(of Request) encoding.CodecV2 {
	return codec{CodecV2: encoding.GetCodecV2(codecName), of: of}
}

func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	req, ok := v.(*fnv1.RunFunctionRequest)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	pool := mem.DefaultBufferPool()
	message := data.MaterializeToBuffer(pool)
	defer message.Free()
	buffer := pool.Get(2 * message.Len()) // What is kept is there twice, in part.
	defer pool.Put(buffer)
	return proto.Unmarshal(c.of.cut((*buffer)[:0], message.ReadOnlyData()), req)
}
