package controlplane

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// chartRoles returns the service accounts, roles and bindings of Crossplane's
// own chart, from its module, so that core and RBAC manager run with exactly
// the rights that an installation by the chart has.
func chartRoles(source string) ([]client.Object, error) {
	t := template.New("chart")
	t.Funcs(chartFunctions(t))
	dir := filepath.Join(source, "cluster", "charts", "crossplane", "templates")
	files := []string{
		"_helpers.tpl", "serviceaccount.yaml", "clusterrole.yaml", "clusterrolebinding.yaml",
		"rbac-manager-serviceaccount.yaml", "rbac-manager-clusterrole.yaml", "rbac-manager-clusterrolebinding.yaml",
		"rbac-manager-managed-clusterroles.yaml", "rbac-manager-allowed-provider-permissions.yaml",
	}
	var out []client.Object
	for _, f := range files {
		objects, err := renderChartFile(t, filepath.Join(dir, f))
		if err != nil {
			return nil, errors.Wrapf(err, "cannot render %s of Crossplane's chart", f)
		}
		out = append(out, objects...)
	}
	return out, nil
}

func renderChartFile(t *template.Template, file string) ([]client.Object, error) {
	b, err := os.ReadFile(file) //nolint:gosec // A file of a module that go.sum pins.
	if err != nil {
		return nil, err
	}
	parsed, err := t.New(filepath.Base(file)).Parse(string(b))
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := parsed.Execute(&buf, chartValues()); err != nil {
		return nil, err
	}
	return decodeYAML(buf.Bytes())
}

// chartValues are the values of the chart that its roles read.
func chartValues() map[string]any {
	return map[string]any{
		"Release": map[string]any{"Namespace": crossplaneNamespace, "Name": "crossplane", "Service": "Helm"},
		"Chart":   map[string]any{"Name": "crossplane", "Version": crossplaneVersion, "AppVersion": crossplaneVersion},
		"Values": map[string]any{
			"rbacManager":    map[string]any{"deploy": true, "skipAggregatedClusterRoles": false},
			"serviceAccount": map[string]any{"create": true, "name": "", "customAnnotations": map[string]any{}},
			"nameOverride":   "", "customLabels": nil, "imagePullSecrets": nil,
		},
	}
}

// chartFunctions are the functions of Helm that the chart's roles call.
func chartFunctions(t *template.Template) template.FuncMap {
	return template.FuncMap{
		"default": func(fallback, v any) any {
			if v == nil || v == "" {
				return fallback
			}
			return v
		},
		"trunc":      func(n int, s string) string { return s[:min(n, len(s))] },
		"trimSuffix": func(suffix, s string) string { return strings.TrimSuffix(s, suffix) },
		"replace":    func(old, with, s string) string { return strings.ReplaceAll(s, old, with) },
		"quote":      func(s string) string { return `"` + s + `"` },
		"indent": func(n int, s string) string {
			pad := strings.Repeat(" ", n)
			return pad + strings.ReplaceAll(s, "\n", "\n"+pad)
		},
		"nindent": func(n int, s string) string {
			pad := "\n" + strings.Repeat(" ", n)
			return pad + strings.ReplaceAll(s, "\n", pad)
		},
		"toYaml": func(v any) (string, error) {
			b, err := yaml.Marshal(v)
			return strings.TrimSuffix(string(b), "\n"), err
		},
		"include": func(name string, data any) (string, error) {
			var buf bytes.Buffer
			err := t.ExecuteTemplate(&buf, name, data)
			return buf.String(), err
		},
	}
}

// moduleDir returns the folder of a module that a Go module of ours pins.
func moduleDir(ctx context.Context, dir, module string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module) //nolint:gosec // Its arguments are ours.
	cmd.Dir = dir
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), errors.Wrapf(err, "cannot find module %s", module)
}
