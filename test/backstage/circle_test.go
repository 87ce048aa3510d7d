package backstage

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/test/company"
	"github.com/plumbline-dev/plumbline/test/gittest"
)

const (
	file      = "teams/payments/prod/checkout.yaml"
	component = "component:default/checkout-prod"
)

// answers are what a developer fills into the form.
func answers() map[string]any {
	return map[string]any{
		"owner": "group:default/payments", "service": "checkout", "environment": "prod", "size": "medium",
		"description": `Takes "orders": from the basket #1`,
		"tags":        map[string]any{"costCenter": "4711", "yes": "true"},
		"access":      map[string]any{"members": []any{"ana@example.com"}, "owners": []any{}},
		"search":      map[string]any{"indices": []any{map[string]any{"name": "orders", "shards": 1}}},
		"routes":      []any{map[string]any{"host": "checkout.example.com", "service": "checkout", "port": 8080, "path": "/", "pathType": "Prefix"}},
		"deletion":    map[string]any{"protect": true, "policy": "Delete"},
	}
}

// TestWrongAnswers holds that a form is refused where the claim would be.
func TestWrongAnswers(t *testing.T) {
	cases := map[string]struct {
		reason string
		edit   func(map[string]any)
		names  string
	}{
		"NoEnvironment":   {"What a claim must say, a form must ask", func(a map[string]any) { delete(a, "environment") }, "environment"},
		"NoOwner":         {"Every environment has a team", func(a map[string]any) { delete(a, "owner") }, "owner"},
		"ServiceInvalid":  {"A name has the claim's pattern", func(a map[string]any) { a["service"] = "Check_out" }, "service"},
		"OwnerEscapes":    {"No owner leads out of the teams' folder", func(a map[string]any) { a["owner"] = "group:default/../platform" }, "owner"},
		"MemberInvalid":   {"A list's items have the claim's pattern", func(a map[string]any) { a["access"] = map[string]any{"members": []any{"ana"}} }, "members"},
		"PolicyUnknown":   {"A value is one of those that there are", func(a map[string]any) { a["deletion"] = map[string]any{"policy": "Burn"} }, "policy"},
		"PortOutOfRange":  {"A number lies within its bounds", func(a map[string]any) { a["routes"].([]any)[0].(map[string]any)["port"] = 70000 }, "port"},
		"HostMissing":     {"An item says what it must", func(a map[string]any) { delete(a["routes"].([]any)[0].(map[string]any), "host") }, "host"},
		"ProtectNotABool": {"A value has the claim's type", func(a map[string]any) { a["deletion"] = map[string]any{"protect": "yes"} }, "protect"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			values := answers()
			tc.edit(values)
			a := ask(t, http.MethodPost, "/api/scaffolder/v2/tasks", map[string]any{"templateRef": "template:default/service-environment", "values": values})
			if a.Code != http.StatusBadRequest || !strings.Contains(string(a.Body), tc.names) {
				t.Errorf("%s: want 400 that names %s, got %d: %s", tc.reason, tc.names, a.Code, a.Body)
			}
		})
	}
}

// TestDryRun holds that a dry run shows the files, and commits none.
func TestDryRun(t *testing.T) {
	before, err := here.Git.Branches()
	must(t, "list branches", err)
	code, files := rehearse(t, "create", answers())
	if code != http.StatusOK {
		t.Fatalf("a dry run is answered, got %d: %v", code, files)
	}
	for path, want := range map[string]string{
		file: `host: "checkout.example.com"`,
		"teams/payments/checkout.catalog-info.yaml": "kind: System",
	} {
		if !strings.Contains(files[path], want) {
			t.Errorf("a dry run shows %s with %q, got\n%s", path, want, files[path])
		}
	}
	after, err := here.Git.Branches()
	must(t, "list branches", err)
	if before != after {
		t.Errorf("a dry run commits nothing, but branches are %q after %q", after, before)
	}
}

// TestCircle goes from the form to the environment to the catalog, through a change, to
// the removal.
func TestCircle(t *testing.T) {
	t.Run("Create", create)
	t.Run("Catalog", inCatalog)
	t.Run("Page", onPage)
	t.Run("Plugins", forPlugins)
	t.Run("InstalledPlugins", withPlugins)
	t.Run("Score", scored)
	t.Run("Change", change)
	t.Run("Remove", remove)
}

func create(t *testing.T) {
	stage(t, "form, and its pull request", func() { fill(t, "service-environment", answers()) })
	text, err := here.Git.Show("create-checkout-prod", file)
	must(t, "the pull request has the claim", err)
	if _, err := here.Git.Show("main", file); err == nil {
		t.Fatal("nothing is on main before somebody merges")
	}
	stage(t, "checks of the pull request", func() { checkPullRequest(t, "create-checkout-prod") })
	stage(t, "merge into main", func() { must(t, "merge", here.Git.Merge("create-checkout-prod")) })
	var c *claim.Unstructured
	stage(t, "claim from main to Ready", func() {
		c = ready(t)
	})
	if c.GetAnnotations()["terasky.backstage.io/owner"] != "group:default/payments" {
		t.Errorf("the claim says to whom it belongs:\n%s", text)
	}
}

// checkPullRequest runs on a branch what examples say to run on a pull request.
func checkPullRequest(t *testing.T, branch string) {
	t.Helper()
	folder := t.TempDir()
	gittest.Run(t, folder, "clone", "--quiet", "--branch", branch, here.Git.Bare, ".")
	validate := exec.CommandContext(t.Context(), here.Program(), "validate", filepath.Join(folder, "teams"), //nolint:gosec // Ours.
		"--blueprint", filepath.Join(here.Root, "examples", "blueprint.yaml"))
	if out, err := validate.CombinedOutput(); err != nil {
		t.Fatalf("what a form writes is valid: %v\n%s", err, out)
	}
}

func reference() *claim.Unstructured {
	c := claim.New()
	c.SetAPIVersion("plumbline.dev/v1alpha1")
	c.SetKind("ServiceEnvironment")
	c.SetNamespace("payments")
	c.SetName("checkout-prod")
	return c
}

// ready waits until the claim is Ready.
func ready(t *testing.T) *claim.Unstructured {
	t.Helper()
	c := reference()
	must(t, "claim becomes Ready", eventually(t.Context(), func() string {
		if err := here.Plane.Client().Get(t.Context(), client.ObjectKeyFromObject(c), c); err != nil {
			return err.Error()
		}
		if c.GetCondition(xpv2.TypeReady).Status == corev1.ConditionTrue {
			return ""
		}
		return fmt.Sprint(c.Object["status"])
	}))
	return c
}

// stage tells people how far the circle has come.
func stage(t *testing.T, name string, run func()) {
	t.Helper()
	done := here.Report.Begin(name)
	finished := false
	defer func() {
		if !finished {
			done(errors.New("it did not come to its end"))
		}
	}()
	run()
	finished = true
	done(nil)
}

func inCatalog(t *testing.T) {
	stage(t, "entities, relations and state in the catalog", func() { lookIntoCatalog(t) })
}

func lookIntoCatalog(t *testing.T) {
	t.Helper()
	e := becomes(t, component, func(e company.Entity) string {
		if state := e.Metadata.Annotations["plumbline.dev/state"]; state != "Ready" {
			return "its state is " + state
		}
		if !e.Has("partOf", "system:default/checkout") {
			return fmt.Sprint("its relations are ", e.Relations)
		}
		return ""
	})
	for kind, target := range map[string]string{"ownedBy": "group:default/payments", "partOf": "system:default/checkout"} {
		if !e.Has(kind, target) {
			t.Errorf("the environment is %s %s, got %v", kind, target, e.Relations)
		}
	}
	for _, name := range []string{
		"namespace-checkout-prod", "group-checkout-prod", "index-checkout-prod.orders", "route-checkout.example.com", "certificate-checkout.example.com",
	} {
		ref := "resource:default/" + name
		becomes(t, ref, func(r company.Entity) string {
			switch {
			case !e.Has("dependsOn", ref):
				return "the environment does not depend on it"
			case !r.Has("dependencyOf", component) || !r.Has("ownedBy", "group:default/payments") || !r.Has("partOf", "system:default/checkout"):
				return fmt.Sprint("its relations are ", r.Relations)
			case r.Metadata.Annotations["plumbline.dev/state"] != "Ready":
				return "its state is " + r.Metadata.Annotations["plumbline.dev/state"]
			}
			return ""
		})
	}
	if e.Spec["lifecycle"] != "production" || !strings.Contains(strings.Join(e.Metadata.Tags, " "), "costcenter:4711") {
		t.Errorf("lifecycle and tags come from Blueprint and claim, got %v and %v", e.Spec["lifecycle"], e.Metadata.Tags)
	}
	system := becomes(t, "system:default/checkout", func(s company.Entity) string {
		if !s.Has("hasPart", component) {
			return "it has no environment"
		}
		return ""
	})
	if at := system.Metadata.Annotations["backstage.io/managed-by-location"]; !strings.Contains(at, "/raw/teams/payments/checkout.catalog-info.yaml") {
		t.Errorf("the service is declared in Git, by the form, got %q", at)
	}
	group, _ := find(t, "resource:default/group-checkout-prod")
	if len(group.Metadata.Links) == 0 || !strings.Contains(group.Metadata.Links[0].URL, "entra.microsoft.com") || strings.Contains(group.Metadata.Links[0].URL, "{") {
		t.Errorf("a group leads to its page in Entra ID, got %v", group.Metadata.Links)
	}
}

func change(t *testing.T) {
	must(t, "leave a comment", here.Git.Commit(file, func(text string) string { return "# Ask ana before you change this.\n" + text }))
	stage(t, "form that changes the claim, and its pull request", func() { changeClaim(t) })
}

func changeClaim(t *testing.T) {
	t.Helper()
	fill(t, "service-environment-edit", map[string]any{
		"entity": component, "size": "large", "leaveOut": []any{"search"},
		"access": map[string]any{"members": []any{"ana@example.com", "bo@example.com"}},
	})
	checkPullRequest(t, "change-checkout-prod")
	must(t, "merge", here.Git.Merge("change-checkout-prod"))
	text, err := here.Git.Show("main", file)
	must(t, "read claim", err)
	for _, want := range []string{"size: large", "bo@example.com", `service: "checkout"`, "protect: true", "# Ask ana before you change this."} {
		if !strings.Contains(text, want) {
			t.Errorf("a change changes what was answered, and nothing else: misses %q in\n%s", want, text)
		}
	}
	becomes(t, component, func(e company.Entity) string {
		if e.Has("dependsOn", "resource:default/index-checkout-prod.orders") {
			return "it still depends on the index"
		}
		return ""
	})
	must(t, "the index leaves the catalog", eventually(t.Context(), func() string {
		if _, found := find(t, "resource:default/index-checkout-prod.orders"); found {
			return "it is still there"
		}
		return ""
	}))
	status, log := outcome(t, submit(t, "service-environment-edit", map[string]any{"entity": component, "leaveOut": []any{"service"}}))
	if status != "failed" || !strings.Contains(log, "cannot change") {
		t.Errorf("what cannot change is refused, got %s:\n%s", status, log)
	}
}

func remove(t *testing.T) {
	stage(t, "removal, by two pull requests", func() { removeClaim(t) })
}

func removeClaim(t *testing.T) {
	t.Helper()
	request := map[string]any{"entity": component, "confirm": "checkout-dev", "what": "Unprotect", "reason": "It moved elsewhere"}
	if status, log := outcome(t, submit(t, "service-environment-remove", request)); status != "failed" || !strings.Contains(log, "is called checkout-prod") {
		t.Errorf("another name removes nothing, got %s:\n%s", status, log)
	}
	request["confirm"] = "checkout-prod"
	fill(t, "service-environment-remove", request)
	if err := here.Plane.Client().Delete(t.Context(), reference()); !kerrors.IsForbidden(err) && !kerrors.IsInvalid(err) {
		t.Fatalf("a protected environment is not deleted, got %v", err)
	}
	must(t, "merge", here.Git.Merge("unprotect-checkout-prod"))
	must(t, "the protection is off", eventually(t.Context(), func() string {
		if err := here.Plane.Client().Delete(t.Context(), reference(), client.DryRunAll); err != nil {
			return err.Error()
		}
		return ""
	}))
	request["what"] = "Remove"
	fill(t, "service-environment-remove", request)
	must(t, "merge", here.Git.Merge("remove-checkout-prod"))
	must(t, "the engine removes the claim", eventually(t.Context(), func() string {
		if err := here.Plane.Client().Get(t.Context(), client.ObjectKeyFromObject(reference()), reference()); !kerrors.IsNotFound(err) {
			return fmt.Sprintf("it is still there: %v", err)
		}
		return ""
	}))
	beside := reference()
	beside.SetName("till-prod")
	must(t, "the claim in the same folder stays", here.Plane.Client().Get(t.Context(), client.ObjectKeyFromObject(beside), beside))
	for _, ref := range []string{component, "resource:default/namespace-checkout-prod"} {
		must(t, ref, eventually(t.Context(), func() string {
			if _, found := find(t, ref); found {
				return "it is still in the catalog"
			}
			return ""
		}))
	}
}
