package expand

import (
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
)

// BenchmarkStages measures each stage of a call that Crossplane really made: run it
// with -benchmem, and compare two runs with benchstat.
func BenchmarkStages(b *testing.B) {
	for _, name := range captures() {
		message := marshal(b, captured(b, name))
		req := decodeWith(b, Codec(), message)
		in, err := read(req)
		if err != nil {
			b.Fatal(err)
		}
		in.claim.Today = environment.DayOf(noon)
		blueprint, errs, err := parseBlueprint(in.blueprint)
		if err != nil || len(errs) > 0 {
			b.Fatal(err, errs)
		}
		spec, errs := environment.Parse(in.claim, blueprint)
		if len(errs) > 0 {
			b.Fatal(errs)
		}
		plan := environment.Resolve(spec)
		a, err := in.answer(plan)
		if err != nil {
			b.Fatal(err)
		}
		rsp, err := write(req, in, a)
		if err != nil {
			b.Fatal(err)
		}
		for stage, run := range map[string]func(){
			"decode":    func() { decodeWith(b, Codec(), message) },
			"read":      func() { _, _ = read(req) },
			"blueprint": func() { _, _, _ = parseBlueprint(in.blueprint) },
			"parse":     func() { _, _ = environment.Parse(in.claim, blueprint) },
			"resolve":   func() { environment.Resolve(spec) },
			"parts":     func() { compose.Parts(plan, compose.World{Observed: in.observed, Connections: in.secrets}) },
			"compose":   func() { _, _ = in.answer(plan) },
			"status":    func() { _, _, _ = statusOf(a, in.observed), a.report.Conditions(), requirements(in, a) },
			"write":     func() { _, _ = write(req, in, a) },
			"encode":    func() { encode(b, rsp) },
		} {
			b.Run(name+"/"+stage, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					run()
				}
			})
		}
	}
}

// BenchmarkCall measures whole calls, from request to answer as they are on the wire.
func BenchmarkCall(b *testing.B) {
	for _, name := range captures() {
		message, f := marshal(b, captured(b, name)), NewFunction(clock)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call(b, f, Codec(), message)
			}
		})
	}
}

func call(tb testing.TB, f Function, c encoding.CodecV2, message []byte) {
	tb.Helper()
	rsp, err := f.RunFunction(tb.Context(), decodeWith(tb, c, message))
	if err != nil {
		tb.Fatal(err)
	}
	encode(tb, rsp)
}

func decodeWith(tb testing.TB, c encoding.CodecV2, message []byte) *fnv1.RunFunctionRequest {
	tb.Helper()
	req := &fnv1.RunFunctionRequest{}
	if err := c.Unmarshal(mem.BufferSlice{mem.SliceBuffer(message)}, req); err != nil {
		tb.Fatal(err)
	}
	return req
}

func encode(tb testing.TB, m proto.Message) {
	tb.Helper()
	data, err := Codec().Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	data.Free()
}

func marshal(tb testing.TB, m proto.Message) []byte {
	tb.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
