package scale

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

// countCalls counts what Crossplane and the API server count of themselves.
func (w *world) countCalls(ctx context.Context, c *Counts) error {
	b, err := get(ctx, http.DefaultClient, w.plane.Metrics["crossplane"])
	if err != nil {
		return errors.Wrap(err, "cannot read metrics of Crossplane")
	}
	c.Calls = total(b, "function_run_function_request_total")
	c.Breakers = total(b, "circuit_breaker_opens_total")
	c.Passes = total(b, "controller_runtime_reconcile_total", `controller="composite/`)
	b, err = get(ctx, w.http, w.config.Host+"/metrics")
	if err != nil {
		return errors.Wrap(err, "cannot read metrics of the API server")
	}
	for _, operation := range []string{"create", "update", "delete"} {
		c.Stored += total(b, "etcd_requests_total", `operation="`+operation+`"`) -
			total(b, "etcd_requests_total", `operation="`+operation+`"`, `resource="events"`) -
			total(b, "etcd_requests_total", `operation="`+operation+`"`, `resource="leases"`)
	}
	return nil
}

// stored returns what etcd holds, in bytes, old versions included; 0 if nobody says.
func (w *world) stored(ctx context.Context) int {
	b, err := get(ctx, w.http, w.config.Host+"/metrics")
	if err != nil {
		return 0
	}
	return total(b, "apiserver_storage_size_bytes")
}

// total adds up the samples of a metric that have all the labels.
func total(metrics []byte, name string, labels ...string) int {
	n := 0.0
	lines := bufio.NewScanner(bytes.NewReader(metrics))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if rest, ok := strings.CutPrefix(line, name); !ok || !strings.HasPrefix(rest, "{") && !strings.HasPrefix(rest, " ") {
			continue
		}
		if !containsAll(line, labels) {
			continue
		}
		if value, err := strconv.ParseFloat(line[strings.LastIndex(line, " ")+1:], 64); err == nil {
			n += value
		}
	}
	return int(n)
}

func containsAll(line string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(line, p) {
			return false
		}
	}
	return true
}

// countRequests asks the stand-ins what they were asked.
func (w *world) countRequests(ctx context.Context, c *Counts) error {
	for backend, url := range w.backends {
		b, err := get(ctx, w.http, url+"/_standin/requests")
		if err != nil {
			return errors.Wrapf(err, "cannot ask the stand-in of %s", backend)
		}
		var record struct {
			Total    int `json:"total"`
			Mutating int `json:"mutating"`
		}
		if err := json.Unmarshal(b, &record); err != nil {
			return errors.Wrapf(err, "cannot read the record of %s", backend)
		}
		c.Requests[backend], c.Changes[backend] = record.Total, record.Mutating
	}
	return nil
}

// findBackends returns where the provider finds its backends, which are stand-ins.
func findBackends(ctx context.Context, k client.Client) (map[string]string, error) {
	es, graph := &elasticsearch.ClusterProviderConfig{}, &entra.ClusterProviderConfig{}
	err1 := k.Get(ctx, client.ObjectKey{Name: "default"}, es)
	err2 := k.Get(ctx, client.ObjectKey{Name: "default"}, graph)
	if err := errors.Join(err1, err2); err != nil {
		return nil, errors.Wrap(err, "cannot find the backends")
	}
	return map[string]string{"Elasticsearch": es.Spec.Endpoint, "Graph": graph.Spec.Endpoint}, nil
}

func get(ctx context.Context, c *http.Client, url string) ([]byte, error) {
	return ask(ctx, c, http.MethodGet, url, nil)
}

func ask(ctx context.Context, c *http.Client, method, url string, body []byte, edit ...func(*http.Request)) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	for _, e := range edit {
		e(req)
	}
	rsp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer rsp.Body.Close() //nolint:errcheck // It is read to its end.
	b, err := io.ReadAll(rsp.Body)
	if err == nil && rsp.StatusCode >= http.StatusBadRequest {
		return nil, errors.Errorf("%s %s answers %s: %s", method, url, rsp.Status, b)
	}
	return b, err
}
