package controlplane

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
)

// A Record of the name server, as CoreDNS and ExternalDNS keep it in etcd.
type Record struct {
	Host string `json:"host,omitempty"` // An address, or the name that a name leads to.
	Text string `json:"text,omitempty"`
}

// PutRecord gives a name a record behind ExternalDNS' back, as a hand or the ExternalDNS
// of another cluster does.
func (c *ControlPlane) PutRecord(ctx context.Context, name string, r Record) error {
	value, err := json.Marshal(r)
	if err != nil {
		return errors.Wrap(err, "cannot write record")
	}
	return errors.Wrapf(c.records.ask(ctx, "put", map[string][]byte{"key": recordKey(name), "value": value}), "cannot put the record of %s", name)
}

// DeleteRecord takes back what PutRecord gave.
func (c *ControlPlane) DeleteRecord(ctx context.Context, name string) error {
	return errors.Wrapf(c.records.ask(ctx, "deleterange", map[string][]byte{"key": recordKey(name)}), "cannot delete the record of %s", name)
}

// recordKey is where CoreDNS looks for a name.
func recordKey(name string) []byte {
	labels := strings.Split(name, ".")
	slices.Reverse(labels)
	return []byte("/skydns/" + strings.Join(labels, "/"))
}

// ask asks etcd through its JSON gateway, which spares a client of its own.
func (s recordStore) ask(ctx context.Context, what string, request map[string][]byte) error {
	pair, err := tls.LoadX509KeyPair(s.certs+"/tls.crt", s.certs+"/tls.key")
	if err != nil {
		return err
	}
	ca, err := os.ReadFile(s.certs + "/ca.crt")
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v3/kv/"+what, bytes.NewReader(body))
	if err != nil {
		return err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	rsp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return err
	}
	defer rsp.Body.Close() //nolint:errcheck // It is read.
	answer, err := io.ReadAll(rsp.Body)
	if rsp.StatusCode != http.StatusOK {
		return errors.Errorf("etcd answers %s: %s", rsp.Status, answer)
	}
	return err
}
