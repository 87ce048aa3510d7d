package main

import (
	"context"
	"time"

	"github.com/crossplane/function-sdk-go"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"

	"github.com/plumbline-dev/plumbline/functions/expand"
)

// An echo decodes each request, as gRPC does before it calls, and returns an answer that
// is as large as ours.
type echo struct {
	fnv1.UnimplementedFunctionRunnerServiceServer

	answer *fnv1.RunFunctionResponse
}

func (e echo) RunFunction(context.Context, *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	return e.answer, nil
}

func serveEcho(address, scenario string) error {
	req, err := load(scenario, 0)
	if err != nil {
		return err
	}
	answer, _ := expand.Expand(req, time.Now())
	return serve(echo{answer: answer}, address)
}

func serve(f fnv1.FunctionRunnerServiceServer, address string) error {
	const largest = 16 << 20 // As of the function.
	return function.Serve(f, function.Listen("tcp", address), function.Insecure(true),
		function.MaxRecvMessageSize(largest), function.WithMetricsServer(""))
}
