package provider

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// TestMetrics holds the alerts and the dashboard to what the provider tells Prometheus.
func TestMetrics(t *testing.T) {
	d := startTenant(t, standin.Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It returns at once.
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	ns := newNamespace(t)
	startProvider(t, "--metrics-address="+address, "--leader-election", "--namespace="+ns)
	entraConfig(t, d, ns)
	g := newGroup(ns, withMembers("ana@example.com"))
	create(t, g)
	awaitReady(t, g)
	d.removeMember(t, g.Status.AtProvider.ObjectID, ids("ana@example.com")[0])
	awaitMembers(t, "Drift is put right.", d, g, ids("ana@example.com"))
	eventually(t, "Every metric of the provider that alerts and dashboard name is served.", func() error {
		rsp, err := http.Get("http://" + address + "/metrics") //nolint:noctx // It is a probe.
		if err != nil {
			return err
		}
		defer rsp.Body.Close() //nolint:errcheck // It is read.
		b, err := io.ReadAll(rsp.Body)
		if err != nil {
			return err
		}
		if strings.Contains(string(b), clientSecret) {
			t.Errorf("\nNo metric holds a secret.\n%s", b)
		}
		for _, label := range []string{
			`controller="managed/group.entra.plumbline.dev"`, `gvk="entra.plumbline.dev/v1alpha1, Kind=Group"`, `kind="Group",outcome="Restored"`,
			`leader_election_master_status{name="crossplane-leader-election-provider-plumbline"} 1`,
		} {
			if !strings.Contains(string(b), label) {
				return fmt.Errorf("the alerts select by %s", label)
			}
		}
		for _, name := range metricsOf(t) {
			if !strings.Contains(string(b), "\n"+name+"{") && !strings.Contains(string(b), "\n"+name+" ") {
				return fmt.Errorf("there is no %s", name)
			}
		}
		return nil
	})
	remove(t, g)
	awaitGone(t, g)
}

// metricsOf returns the names that alerts and dashboard use, but for those of
// Crossplane's core and of kube-state-metrics. Each has a selector; test/monitoring sees to that.
func metricsOf(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, file := range []string{"rules.yaml", "dashboard.json"} {
		b, err := os.ReadFile("../../package/monitoring/" + file) //nolint:gosec // The test chooses what it reads.
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`([a-z_]+)\{`).FindAllStringSubmatch(string(b), -1) {
			others := []string{"circuit_breaker_", "function_run_", "plumbline_environment_"}
			if !slices.ContainsFunc(others, func(prefix string) bool { return strings.HasPrefix(m[1], prefix) }) {
				names = append(names, m[1])
			}
		}
	}
	if len(names) == 0 {
		t.Fatal("alerts and dashboard name no metric")
	}
	return names
}
