package monitoring

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"sigs.k8s.io/yaml"
)

const folder = "../../package/monitoring/"

// rules returns the rules, as Prometheus' own reader takes them.
func rules(t *testing.T) []rulefmt.Rule {
	t.Helper()
	b, err := os.ReadFile(folder + "rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var object struct {
		Spec map[string]any `json:"spec"`
	}
	if err := yaml.Unmarshal(b, &object); err != nil {
		t.Fatal(err)
	}
	if b, err = yaml.Marshal(object.Spec); err != nil {
		t.Fatal(err)
	}
	groups, errs := rulefmt.Parse(b, false, model.LegacyValidation)
	if len(errs) > 0 {
		t.Fatalf("\nPrometheus takes the rules.\n%v", errs)
	}
	return groups.Groups[0].Rules
}

// TestRunbooks checks that who is woken by an alert is told what to do.
func TestRunbooks(t *testing.T) {
	for _, r := range rules(t) {
		if r.Alert == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" || len(r.Annotations["runbook"]) < 40 {
			t.Errorf("\nAn alert has a severity, a summary and a runbook.\n%+v", r)
		}
	}
}

// TestSelectors checks that every metric is written with a selector, by which the
// end-to-end test finds its name without Prometheus' parser.
func TestSelectors(t *testing.T) {
	written := regexp.MustCompile(`([a-z_]+)\{`)
	for _, expr := range expressions(t) {
		e, err := parser.ParseExpr(strings.ReplaceAll(expr, "${datasource}", "x"))
		if err != nil {
			t.Errorf("\nPrometheus takes the expression.\n%s: %v", expr, err)
			continue
		}
		var parsed, found []string
		parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
			if v, ok := n.(*parser.VectorSelector); ok {
				parsed = append(parsed, v.Name)
			}
			return nil
		})
		for _, m := range written.FindAllStringSubmatch(expr, -1) {
			found = append(found, m[1])
		}
		slices.Sort(parsed)
		slices.Sort(found)
		if !slices.Equal(parsed, found) || len(parsed) == 0 {
			t.Errorf("\nEvery metric has a selector, if an empty one.\n%s: %v", expr, parsed)
		}
	}
}

func expressions(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, r := range rules(t) {
		out = append(out, r.Expr)
	}
	b, err := os.ReadFile(folder + "dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(b, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("\nA panel shows something.\n%s", p.Title)
		}
		for _, target := range p.Targets {
			out = append(out, target.Expr)
		}
	}
	return out
}

// series under which each alert fires after half an hour, or as long as it asks for, and
// under which it does not.
// The labels are those that a control plane was seen to have.
var series = map[string]struct{ fires, rests string }{
	"PlumblineCircuitBreakerOpen": {
		`circuit_breaker_opens_total{controller="composite/xserviceenvironments.plumbline.dev"} 0x28 1 1 1`,
		`circuit_breaker_opens_total{controller="composite/xserviceenvironments.plumbline.dev"} 1x31`,
	},
	"PlumblineExpandFails":  {response("Fatal", "OK", "0+1x31"), response("Normal", "OK", "0+1x31")},
	"PlumblineFunctionDown": {response("Normal", "Unavailable", "0+1x31"), response("Normal", "OK", "0+1x31")},
	"PlumblineResourceNotReady": {
		managed("exists", "3x31") + managed("ready", "2x31"), managed("exists", "3x31") + managed("ready", "3x31"),
	},
	"PlumblineResourceNotSynced": {
		managed("exists", "3x31") + managed("synced", "2x31"), managed("exists", "3x31") + managed("synced", "3x31"),
	},
	"PlumblineBackendErrors": {
		`controller_runtime_reconcile_errors_total{controller="managed/index.elasticsearch.plumbline.dev"} 0+10x31`,
		`controller_runtime_reconcile_errors_total{controller="managed/index.elasticsearch.plumbline.dev"} 0+1x31`,
	},
	"PlumblineDrift": {
		`plumbline_drift_total{kind="Index",outcome="Restored"} 0+1x31`, `plumbline_drift_total{kind="Index",outcome="Reported"} 0+1x31`,
	},
	"PlumblineSweepStale": {
		`plumbline_sweep_age_seconds{backend="es:9200",objects="roles"} 0+30x31`,
		`plumbline_sweep_age_seconds{backend="es:9200",objects="roles"} 150x31`,
	},
	"PlumblineSweepFails":       {sweeps("Failed", "0+1x31"), sweeps("Complete", "0+1x31")},
	"PlumblineBackendThrottles": {sweeps("Throttled", "0+1x31"), sweeps("Throttled", "0 0 1x29")},
	"PlumblineEnvironmentNotReady": {
		condition("Ready", "Failed", "0x31"), condition("Ready", "Ready", "1x31") + condition("Accepted", "Invalid", "0x31"),
	},
	"PlumblineEnvironmentRefused": {
		// For an hour: while the reason changes, and whatever else is not as it should be.
		condition("Accepted", "Invalid", "0x15 _x75") + condition("Accepted", "NameTaken", "_x15 0x75"), condition("Accepted", "Accepted", "1x91"),
	},
	"PlumblineProviderWithoutLeader": {
		`leader_election_master_status{name="crossplane-leader-election-provider-plumbline",pod="a"} 0x31`,
		`leader_election_master_status{name="crossplane-leader-election-provider-plumbline",pod="a"} 1x31
  leader_election_master_status{name="crossplane-leader-election-provider-plumbline",pod="b"} 0x31`,
	},
}

func response(severity, code, values string) string {
	return fmt.Sprintf(`function_run_function_response_total{function_name="plumbline-function-service-environment",result_severity=%q,grpc_code=%q} %s`, severity, code, values)
}

func sweeps(outcome, values string) string {
	return fmt.Sprintf(`plumbline_sweep_duration_seconds_count{backend="es:9200",objects="roles",outcome=%q} %s`, outcome, values)
}

func condition(kind, reason, values string) string {
	return fmt.Sprintf("plumbline_environment_condition{namespace=\"shop\",name=\"checkout\",type=%q,reason=%q} %s\n  ", kind, reason, values)
}

func managed(state, values string) string {
	return fmt.Sprintf("crossplane_managed_resource_%s{gvk=%q} %s\n  ", state, "elasticsearch.plumbline.dev/v1alpha1, Kind=Index", values)
}

// TestAlertsFire evaluates each alert on series that call for it, and on others.
func TestAlertsFire(t *testing.T) {
	engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
	for _, r := range rules(t) {
		t.Run(r.Alert, func(t *testing.T) {
			s, ok := series[r.Alert]
			if !ok {
				t.Fatal("Every alert has series that it fires on.")
			}
			for load, fires := range map[string]bool{s.fires: true, s.rests: false} {
				storage := promqltest.LoadedStorage(t, "load 1m\n  "+strings.TrimSpace(load))
				// For as long as the alert asks for, up to the half hour, or to its end.
				for back := time.Duration(0); back <= time.Duration(r.For); back += time.Minute {
					at := time.Unix(0, 0).Add(max(30*time.Minute, time.Duration(r.For)) - back)
					q, err := engine.NewInstantQuery(t.Context(), storage, nil, r.Expr, at)
					if err != nil {
						t.Fatal(err)
					}
					v, err := q.Exec(t.Context()).Vector()
					if err != nil {
						t.Fatal(err)
					}
					if got := len(v) > 0; got != fires {
						t.Errorf("\nfires: want %t, got %t at %s on\n%s\n%v", fires, got, at, load, v)
						break
					}
				}
				_ = storage.Close()
			}
		})
	}
}

// TestEnvironments holds what kube-state-metrics is told to read to the claim's schema, and
// to the metrics that alerts and dashboard name.
func TestEnvironments(t *testing.T) {
	var definition struct {
		Spec struct {
			Versions []struct {
				Schema struct{ OpenAPIV3Schema map[string]any }
			}
		}
	}
	read(t, "../../apis/serviceenvironment/definition.yaml", &definition)
	var held struct{ Data map[string]string }
	read(t, folder+"environments.yaml", &held)
	var config struct {
		Spec struct {
			Resources []struct {
				MetricNamePrefix string
				LabelsFromPath   map[string][]string
				Metrics          []struct {
					Name string
					Each struct {
						Gauge struct {
							Path, ValueFrom []string
							LabelsFromPath  map[string][]string
						}
					}
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(held.Data["config.yaml"]), &config); err != nil {
		t.Fatal(err)
	}
	schema := definition.Spec.Versions[0].Schema.OpenAPIV3Schema
	has := func(at map[string]any, path []string) map[string]any {
		t.Helper()
		for _, step := range path {
			properties, _ := at["properties"].(map[string]any)
			next, known := properties[step].(map[string]any)
			if path[0] == "metadata" || step == "conditions" { // Of every object; and Crossplane adds these.
				return map[string]any{}
			}
			if !known {
				t.Errorf("\nA path that is read exists in the claim.\n%v: no %s", path, step)
				return at
			}
			at = next
		}
		return at
	}
	names := map[string][]string{} // Labels by metric.
	for _, r := range config.Spec.Resources {
		for _, path := range r.LabelsFromPath {
			has(schema, path)
		}
		for _, m := range r.Metrics {
			has(schema, m.Each.Gauge.Path)
			labels := append(slices.Collect(maps.Keys(r.LabelsFromPath)), slices.Collect(maps.Keys(m.Each.Gauge.LabelsFromPath))...)
			names[r.MetricNamePrefix+"_"+m.Name] = labels
			if !slices.Equal(m.Each.Gauge.ValueFrom, []string{"status"}) {
				t.Errorf("\nA condition's value is its status.\n%v", m.Each.Gauge.ValueFrom)
			}
		}
	}
	written := regexp.MustCompile(`(plumbline_environment_[a-z_]+)\{([a-z]+)=`)
	used := 0
	for _, expr := range expressions(t) {
		for _, m := range written.FindAllStringSubmatch(expr, -1) {
			used++
			if labels, told := names[m[1]]; !told || !slices.Contains(labels, m[2]) {
				t.Errorf("\nWhat alerts and dashboard name is told.\n%s: %v", expr, names)
			}
		}
	}
	if used < 3 {
		t.Errorf("\nAlerts and dashboard use what is told.\nused: %d", used)
	}
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file) //nolint:gosec // The test chooses what it reads.
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(b), "\n---\n")
	if err := yaml.Unmarshal([]byte(first), into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
