package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// settle is how long after the last claim is Ready writes are still counted, so
// that what follows on readiness is not left out.
const settle = 5 * time.Second

// measurements is the namespace of the claims that are measured.
const measurements = "measurements"

// measured is the claim that is measured: one of each capability.
const measured = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: NAME-dev, namespace: ` + measurements + `}
spec:
  service: NAME
  environment: dev
  tags: {costCenter: "4711", dataClass: internal}
  access: {members: [ana@example.com, bo@example.com]}
  search: {indices: [{name: orders}]}
  routes: [{host: NAME.dev.example.com, service: web, port: 8080}]
`

// measure commits claims one after the other and prints what each cost.
func measure(ctx context.Context, p place, n int) error {
	f, err := readFacts(p)
	if err != nil {
		return err
	}
	k, err := connect(p)
	if err != nil {
		return err
	}
	before, err := counters(ctx, f)
	if err != nil {
		return err
	}
	took, err := commitAll(ctx, k, n)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settle):
	}
	after, err := counters(ctx, f)
	if err != nil {
		return err
	}
	slices.Sort(took)
	fmt.Printf("%d claims, one after the other\n", n)
	fmt.Printf("  commit to Ready        median %.2f s, slowest %.2f s\n", took[len(took)/2].Seconds(), took[len(took)-1].Seconds())
	for _, name := range slices.Sorted(maps.Keys(after)) {
		fmt.Printf("  %-52s %6.1f a claim\n", name, (after[name]-before[name])/float64(n))
	}
	return printMemory(f)
}

func commitAll(ctx context.Context, k client.Client, n int) ([]time.Duration, error) {
	took := make([]time.Duration, 0, n)
	for range n {
		c := claim.New()
		name := "m" + strconv.FormatInt(time.Now().UnixNano(), 36)
		if err := yaml.Unmarshal([]byte(strings.ReplaceAll(measured, "NAME", name)), &c.Object); err != nil {
			return nil, errors.Wrap(err, "cannot parse claim")
		}
		began := time.Now()
		if err := commit(ctx, k, c); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// Counters that Crossplane's metrics hold.
const (
	functionCalls  = "function calls"
	breakersOpened = "circuit breakers opened"
)

// counters returns how often each thing has happened so far.
func counters(ctx context.Context, f facts) (map[string]float64, error) {
	out := map[string]float64{functionCalls: 0, breakersOpened: 0}
	if err := countWrites(f.AuditLog, out); err != nil {
		return nil, err
	}
	return out, countCalls(ctx, f.Metrics["crossplane"], out)
}

// countWrites counts the writes in an audit log by who wrote.
func countWrites(file string, out map[string]float64) error {
	log, err := os.Open(file) //nolint:gosec // The control plane's own log.
	if err != nil {
		return errors.Wrap(err, "cannot open audit log")
	}
	defer log.Close() //nolint:errcheck // It is only read.
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct {
			User struct {
				Username string `json:"username"`
			} `json:"user"`
			ObjectRef struct {
				Resource string `json:"resource"`
			} `json:"objectRef"`
		}
		if json.Unmarshal(lines.Bytes(), &event) != nil || event.ObjectRef.Resource == "leases" {
			continue // A line still being written, or a leader that says it lives.
		}
		who := event.User.Username
		out["API writes by "+who[strings.LastIndex(who, ":")+1:]]++
		out["API writes by all"]++
	}
	return errors.Wrap(lines.Err(), "cannot read audit log")
}

// countCalls counts Crossplane's calls of the function and the circuit breakers
// that opened.
func countCalls(ctx context.Context, url string, out map[string]float64) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return errors.Wrap(err, "cannot make request")
	}
	rsp, err := http.DefaultClient.Do(req)
	if err != nil {
		return errors.Wrap(err, "cannot read metrics of Crossplane")
	}
	defer rsp.Body.Close() //nolint:errcheck // It is read to its end.
	lines := bufio.NewScanner(rsp.Body)
	for lines.Scan() {
		for prefix, name := range map[string]string{
			"function_run_function_request_total": functionCalls,
			"circuit_breaker_opens_total":         breakersOpened,
		} {
			if !strings.HasPrefix(lines.Text(), prefix) {
				continue
			}
			value, err := strconv.ParseFloat(lines.Text()[strings.LastIndex(lines.Text(), " ")+1:], 64)
			if err == nil {
				out[name] += value
			}
		}
	}
	return errors.Wrap(lines.Err(), "cannot read metrics")
}

// printMemory prints the resident memory of each program, from /proc.
func printMemory(f facts) error {
	fmt.Println("resident memory now, and at its peak")
	for _, name := range slices.Sorted(maps.Keys(f.PIDs)) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.PIDs[name]))
		if err != nil {
			return errors.Wrapf(err, "cannot read memory of %s", name)
		}
		fields := map[string]string{}
		for line := range strings.Lines(string(b)) {
			key, value, _ := strings.Cut(line, ":")
			fields[key] = strings.TrimSpace(value)
		}
		fmt.Printf("  %-42s %12s %12s\n", name, fields["VmRSS"], fields["VmHWM"])
	}
	return nil
}
