package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	corev1 "k8s.io/api/core/v1"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// document is what the demo writes; it has a field that the indices of examples/ know.
const document = `{"id":"demo"}`

// printDocuments uses each API key as the service does that it was delivered to: it
// writes a document into the first index that the key is for, and reads it back.
func printDocuments(ctx context.Context, out io.Writer, secrets []corev1.Secret, status platform.ServiceEnvironmentStatus) error {
	for _, s := range secrets {
		prefix := string(s.Data["index_prefix"])
		i := slices.IndexFunc(status.Resources, func(r platform.ResourceStatus) bool {
			return prefix != "" && r.Kind == "Index" && strings.HasPrefix(r.Name, prefix)
		})
		if i < 0 {
			continue
		}
		words, err := used(ctx, s, status.Resources[i].Name)
		if err != nil {
			return errors.Wrapf(err, "cannot use the API key of Secret %q", s.GetName())
		}
		_, _ = fmt.Fprintf(out, "  API key:     %s %s\n", s.GetName(), words)
	}
	return nil
}

// used says what became of a document.
func used(ctx context.Context, s corev1.Secret, index string) (string, error) {
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(s.Data["ca.crt"])
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	do := func(method, body string, answer any) (int, error) {
		address := strings.TrimSuffix(string(s.Data["endpoint"]), "/") + "/" + index + "/_doc/demo"
		r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
		if err != nil {
			return 0, err
		}
		r.Header.Set("Authorization", "ApiKey "+string(s.Data["api_key"]))
		r.Header.Set("Content-Type", "application/json")
		rsp, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			return 0, err
		}
		defer rsp.Body.Close() //nolint:errcheck // It is only read.
		return rsp.StatusCode, json.NewDecoder(rsp.Body).Decode(answer)
	}
	var answer struct {
		Source json.RawMessage `json:"_source"`
	}
	code, err := do(http.MethodPut, document, &answer)
	switch {
	case err != nil:
		return "", err
	case code == http.StatusForbidden:
		return fmt.Sprintf("may read %s, and is refused to write a document (%d)", index, code), nil
	case code != http.StatusCreated && code != http.StatusOK:
		return "", errors.Errorf("index %q refuses a document: %d", index, code)
	}
	if code, err = do(http.MethodGet, "", &answer); err != nil || code != http.StatusOK {
		return "", errors.Errorf("index %q returns no document: %d: %v", index, code, err)
	}
	return fmt.Sprintf("wrote a document into %s, which returns %s", index, answer.Source), nil
}
