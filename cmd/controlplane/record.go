package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/proto"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// maxRequest is that of the function.
const maxRequest = 16 << 20

// A recorder stands between Crossplane and the function, and hands on what each says.
type recorder struct {
	fnv1.UnimplementedFunctionRunnerServiceServer
	function fnv1.FunctionRunnerServiceClient
	calls    *recording
}

func (r recorder) RunFunction(ctx context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	rsp, err := r.function.RunFunction(ctx, req)
	if err == nil {
		r.calls.add(call{req: proto.CloneOf(req), rsp: rsp})
	}
	return rsp, err
}

// record has Crossplane call a recorder in the place of the function, until it is
// stopped.
func record(ctx context.Context, k client.Client, p place, calls *recording) (stop func() error, err error) {
	served, err1 := certificates(p, "plumbline-function-service-environment")
	calling, err2 := certificates(p, "crossplane")
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	served.ClientAuth, served.ClientCAs = tls.RequireAndVerifyClientCert, served.RootCAs
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Wrap(err, "cannot listen")
	}
	before, err := moveFunction(ctx, k, listener.Addr().String())
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(before, grpc.WithTransportCredentials(credentials.NewTLS(calling)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxRequest)))
	if err != nil {
		return nil, errors.Wrap(err, "cannot reach the function")
	}
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(served)), grpc.MaxRecvMsgSize(maxRequest))
	fnv1.RegisterFunctionRunnerServiceServer(server, recorder{function: fnv1.NewFunctionRunnerServiceClient(conn), calls: calls})
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	return func() error {
		_, err := moveFunction(context.WithoutCancel(ctx), k, before)
		server.GracefulStop()
		return errors.Join(err, <-ended, conn.Close())
	}, nil
}

// moveFunction tells Crossplane where the function listens, and returns where it did
// before.
func moveFunction(ctx context.Context, k client.Client, endpoint string) (before string, err error) {
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion("pkg.crossplane.io/v1")
	list.SetKind("FunctionRevisionList")
	if err := k.List(ctx, list); err != nil {
		return "", errors.Wrap(err, "cannot list FunctionRevisions")
	}
	if len(list.Items) != 1 {
		return "", errors.Errorf("there must be one FunctionRevision, got %d", len(list.Items))
	}
	revision := &list.Items[0]
	before, _, _ = unstructured.NestedString(revision.Object, "status", "endpoint")
	patch := client.MergeFrom(revision.DeepCopy())
	if err := unstructured.SetNestedField(revision.Object, endpoint, "status", "endpoint"); err != nil {
		return "", errors.Wrap(err, "cannot set endpoint")
	}
	return before, errors.Wrap(k.Status().Patch(ctx, revision, patch), "cannot move the function")
}

// certificates are those of a program of the control plane, and whom it trusts.
func certificates(p place, program string) (*tls.Config, error) {
	dir := filepath.Join(p.dir(), "certs", program)
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"))
	if err != nil {
		return nil, errors.Wrapf(err, "cannot read certificate of %s", program)
	}
	pem, err := os.ReadFile(filepath.Join(dir, "ca.crt")) //nolint:gosec // A file of the control plane.
	if err != nil {
		return nil, errors.Wrapf(err, "cannot read authority of %s", program)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem)
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, RootCAs: trusted}, nil
}
