package e2e

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMetricsOfCrossplane holds the alerts and the dashboard to what Crossplane tells
// Prometheus once it has called the function. Test/provider does so for the provider.
func TestMetricsOfCrossplane(t *testing.T) {
	c := commit(t, storyOf("metrics"))
	becomesReady(t, c)
	served := scraped(t, "crossplane")
	for _, file := range []string{"rules.yaml", "dashboard.json"} {
		b, err := os.ReadFile("../../package/monitoring/" + file) //nolint:gosec // The test chooses what it reads.
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`((?:circuit_breaker|function_run)_[a-z_]+)\{`).FindAllStringSubmatch(string(b), -1) {
			name := m[1]
			if name == "circuit_breaker_opens_total" { // It may not have opened; the same place counts events.
				name = "circuit_breaker_events_total"
			}
			if !strings.Contains(served, "\n"+name+"{") {
				t.Errorf("%s names %s, which Crossplane does not serve", file, name)
			}
		}
	}
	for _, label := range []string{`function_name="plumbline-function-service-environment"`, `result_severity="Normal"`, `grpc_code="OK"`, `controller="composite/`} {
		if !strings.Contains(served, label) {
			t.Errorf("the alerts select by %s, which Crossplane does not serve", label)
		}
	}
	remove(t, c)
}

// TestNothingRefused takes a claim through its life and looks at what the API server
// answered the provider, which has the rights that Crossplane gives it and no others.
func TestNothingRefused(t *testing.T) {
	before := refused(t)
	c := commit(t, storyOf("rights"))
	becomesReady(t, c)
	remove(t, c)
	if diff := cmp.Diff(before, refused(t)); diff != "" {
		t.Errorf("the API server refuses the provider nothing: -before, +after:\n%s", diff)
	}
}

// refused are the provider's counts of what the API server has refused it so far. One that
// was just restarted refuses all until it has read its roles.
func refused(t *testing.T) []string {
	t.Helper()
	served := scraped(t, "plumbline-provider-plumbline")
	if !strings.Contains(served, "\nrest_client_requests_total{") {
		t.Fatal("the provider counts no answers of the API server")
	}
	return regexp.MustCompile(`(?m)^rest_client_requests_total\{code="40[13]".*$`).FindAllString(served, -1)
}

// scraped is what a program tells Prometheus.
func scraped(t *testing.T, program string) string {
	t.Helper()
	rsp, err := http.Get(plane.Metrics()[program]) //nolint:noctx // It is a probe.
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close() //nolint:errcheck // It is read.
	served, err := io.ReadAll(rsp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(served)
}
