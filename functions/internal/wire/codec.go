package wire

import (
	"runtime"
	"sync"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // The codec that does the rest.
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// codecName is that of the codec in whose place ours is registered.
const codecName = "proto"

// A codec decodes as many requests at once as there are processors: more would only
// hold more memory. gRPC's buffers come in few sizes, and the next one above that of a
// request or an answer is a MiB, which each call at work would hold.
type codec struct {
	encoding.CodecV2

	of      Request
	turns   chan struct{}
	buffers *sync.Pool // Of pointers to bytes.
}

// Codec decodes requests as they are listed, and everything else as gRPC does. It
// takes effect by encoding.RegisterCodecV2.
func Codec(of Request) encoding.CodecV2 {
	return codec{
		CodecV2: encoding.GetCodecV2(codecName),
		of:      of,
		turns:   make(chan struct{}, runtime.GOMAXPROCS(0)),
		buffers: &sync.Pool{New: func() any { return new([]byte) }},
	}
}

func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	req, ok := v.(*fnv1.RunFunctionRequest)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	c.turns <- struct{}{}
	defer func() { <-c.turns }()
	message := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer message.Free()
	buffer := c.buffers.Get().(*[]byte) //nolint:forcetypeassert // Nothing else is in it.
	defer c.buffers.Put(buffer)
	*buffer = c.of.cut((*buffer)[:0], message.ReadOnlyData())
	return proto.Unmarshal(*buffer, req)
}

// Marshal takes as much memory for an answer as it has bytes.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	rsp, ok := v.(*fnv1.RunFunctionResponse)
	if !ok {
		return c.CodecV2.Marshal(v)
	}
	b, err := proto.Marshal(rsp)
	return mem.BufferSlice{mem.SliceBuffer(b)}, err
}
