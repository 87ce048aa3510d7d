package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// certificate writes a pair for 127.0.0.1 and returns a client that trusts it.
func certificate(t *testing.T, o *options) *http.Client {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	o.TLSCertFile, o.TLSKeyFile = filepath.Join(t.TempDir(), "tls.crt"), filepath.Join(t.TempDir(), "tls.key")
	for name, content := range map[string][]byte{
		o.TLSCertFile: chain, o.TLSKeyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}),
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(chain)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 5 * time.Second}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // Its address was all that was wanted.
	return l.Addr().String()
}

var quiet = slog.New(slog.DiscardHandler)

// eventually sends a request until somebody answers.
func eventually(t *testing.T, c *http.Client, r func() *http.Request) (int, string) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		var rsp *http.Response
		if rsp, err = c.Do(r()); err != nil {
			continue
		}
		defer rsp.Body.Close() //nolint:errcheck // It is read to its end.
		raw, err := io.ReadAll(rsp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return rsp.StatusCode, string(raw)
	}
	t.Fatalf("nobody answers: %v", err)
	return 0, ""
}

func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// A question is a request to one of the servers, and what is answered.
type question struct {
	reason string
	send   func() *http.Request
	status int
	holds  string
}

func questions(t *testing.T, o options) map[string]question {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"c"}, "client_secret": {"right"}, "scope": {"x/.default"}}
	return map[string]question{
		"Graph": {
			reason: "The application signs in with the secret, over TLS.",
			send: func() *http.Request {
				return request(t, http.MethodPost, "https://"+o.GraphAddress+"/t/oauth2/v2.0/token", form.Encode())
			},
			status: 200,
		},
		"Elasticsearch": {
			reason: "User plumbline signs in with the secret, over TLS.",
			send: func() *http.Request {
				r := request(t, http.MethodGet, "https://"+o.ElasticsearchAddress+"/", "")
				r.SetBasicAuth("plumbline", "right")
				return r
			},
			status: 200,
		},
		"ElasticsearchRefused": {
			reason: "With another secret, nobody signs in.",
			send: func() *http.Request {
				r := request(t, http.MethodGet, "https://"+o.ElasticsearchAddress+"/", "")
				r.SetBasicAuth("plumbline", "wrong")
				return r
			},
			status: 401,
		},
		"Kong": {
			reason: "Kong's Admin API takes no credentials.",
			send:   func() *http.Request { return request(t, http.MethodGet, "http://"+o.KongAddress+"/status", "") },
			status: 200,
		},
		"KongConfig": {
			reason: "What a stand-in offers to tests is reached past the faults.",
			send: func() *http.Request {
				return request(t, http.MethodGet, "http://"+o.KongAddress+"/_standin/config", "")
			},
			status: 404, holds: "no configuration has been accepted yet",
		},
		"Faults": {
			reason: "What was asked can be seen without signing in.",
			send: func() *http.Request {
				return request(t, http.MethodGet, "https://"+o.GraphAddress+"/_standin/requests", "")
			},
			status: 200, holds: `"total"`,
		},
	}
}

func TestRun(t *testing.T) {
	o := options{
		ElasticsearchAddress: freeAddress(t), GraphAddress: freeAddress(t), KongAddress: freeAddress(t),
		TenantID: "t", ClientID: "c", Secret: "right",
	}
	client := certificate(t, &o)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, quiet, o) }()

	for name, tc := range questions(t, o) {
		status, body := eventually(t, client, tc.send)
		if diff := cmp.Diff([]any{tc.status, true}, []any{status, strings.Contains(body, tc.holds)}); diff != "" {
			t.Errorf("\n%s\n%s: -want, +got:\n%s\n%s", tc.reason, name, diff, body)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("\nBeing told to stop is no failure.\nrun(...): %v", err)
	}
}

func TestRunFails(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // It never took a connection.
	cases := map[string]struct {
		reason string
		opts   options
		want   string
	}{
		"Nothing": {
			reason: "A program that serves nothing is a mistake.",
			want:   "nothing to serve: set --elasticsearch-address, --graph-address or --kong-address",
		},
		"NoTLS": {
			reason: "All that is missing is told at once.",
			opts:   options{GraphAddress: "127.0.0.1:0"},
			want: "no certificate: set --tls-cert-file and --tls-key-file\n" +
				"no secret: set the environment variable STANDINS_SECRET",
		},
		"Taken": {
			reason: "If one cannot be served, none is.",
			opts:   options{GraphAddress: "127.0.0.1:0", KongAddress: taken.Addr().String(), Secret: "s"},
			want:   `cannot serve "kong": listen tcp ` + taken.Addr().String() + ": bind: address already in use",
		},
		"NoCertificate": {
			reason: "If one fails later, all end.",
			opts:   options{GraphAddress: "127.0.0.1:0", KongAddress: "127.0.0.1:0", Secret: "s", TLSCertFile: "none.crt", TLSKeyFile: "none.key"},
			want:   `cannot serve "graph": open none.crt: no such file or directory`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if name == "Taken" {
				certificate(t, &tc.opts)
			}
			err := run(t.Context(), quiet, tc.opts)
			if err == nil || err.Error() != tc.want {
				t.Errorf("\n%s\nrun(...): -want, +got:\n%s", tc.reason, cmp.Diff(tc.want, errText(err)))
			}
		})
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
