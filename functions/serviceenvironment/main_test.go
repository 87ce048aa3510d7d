package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/structpb"
	"sigs.k8s.io/yaml"
)

// asProgram makes the test binary the program, so that the test runs the very main
// that is shipped.
const asProgram = "PLUMBLINE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestProgram calls the program as Crossplane does: over gRPC, with a certificate of
// the CA that the program was given.
func TestProgram(t *testing.T) {
	dir := t.TempDir()
	ca := newAuthority(t, dir)
	ca.issue(t, filepath.Join(dir, "tls"), x509.ExtKeyUsageServerAuth)
	ca.issue(t, filepath.Join(dir, "client"), x509.ExtKeyUsageClientAuth)
	address := start(t, dir)

	secured := dial(t, address, credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12, RootCAs: ca.pool(t), Certificates: []tls.Certificate{pair(t, filepath.Join(dir, "client"))}}))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	rsp, err := fnv1.NewFunctionRunnerServiceClient(secured).RunFunction(ctx, claim(t), grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	if rsp.GetDesired().GetResources()["namespace"] == nil {
		t.Errorf("the program expands a claim, got %v", rsp)
	}
	h, err := healthgrpc.NewHealthClient(secured).Check(ctx, &healthgrpc.HealthCheckRequest{})
	if err != nil || h.GetStatus() != healthgrpc.HealthCheckResponse_SERVING {
		t.Errorf("the program says that it serves, got %v: %v", h, err)
	}

	for name, c := range map[string]credentials.TransportCredentials{
		"plain text":          insecure.NewCredentials(),
		"without certificate": credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12, RootCAs: ca.pool(t)}),
	} {
		if _, err := fnv1.NewFunctionRunnerServiceClient(dial(t, address, c)).RunFunction(ctx, claim(t)); err == nil {
			t.Errorf("a caller %s is turned away", name)
		}
	}
}

func TestNoCredentials(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "--address", "127.0.0.1:0", "--metrics-address", "") //nolint:gosec // The test chooses what it runs and reads.
	cmd.Env = append(os.Environ(), asProgram+"=1")
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Errorf("the program does not serve without mTLS unless it is told to: %s", out)
	}
}

// start runs the program until the test ends, and returns its address.
func start(t *testing.T, certs string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It returns at once.
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "--address", address, "--tls-certs-dir", certs, "--metrics-address", "", "--debug") //nolint:gosec,noctx // The test chooses what it runs, and ends it.
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return address
}

func dial(t *testing.T, address string, c credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(c))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func claim(t *testing.T) *fnv1.RunFunctionRequest {
	t.Helper()
	xr, err := structpb.NewStruct(map[string]any{
		"apiVersion": "plumbline.dev/v1alpha1",
		"kind":       "XServiceEnvironment",
		"metadata":   map[string]any{"name": "checkout-dev-x7k2p"},
		"spec":       map[string]any{"service": "checkout", "environment": "dev"},
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../examples/blueprint.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config := map[string]any{}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	blueprint, err := structpb.NewStruct(config)
	if err != nil {
		t.Fatal(err)
	}
	return &fnv1.RunFunctionRequest{
		Observed:          &fnv1.State{Composite: &fnv1.Resource{Resource: xr}},
		RequiredResources: map[string]*fnv1.Resources{"namespace": {}, "blueprint": {Items: []*fnv1.Resource{{Resource: blueprint}}}},
	}
}

// An authority signs certificates for this test, as Crossplane does for functions.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, dir string) authority {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "ca.crt"), "CERTIFICATE", der)
	return authority{certificate: certificate, key: key}
}

// issue writes <file>.crt and <file>.key.
func (a authority) issue(t *testing.T, file string, usage x509.ExtKeyUsage) {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file+".crt", "CERTIFICATE", der)
	write(t, file+".key", "PRIVATE KEY", private)
}

func (a authority) pool(t *testing.T) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func write(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func pair(t *testing.T, file string) tls.Certificate {
	t.Helper()
	c, err := tls.LoadX509KeyPair(file+".crt", file+".key")
	if err != nil {
		t.Fatal(err)
	}
	return c
}
