package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestMoveIn moves a service in that ran before Plumbline did: draft, offer, commit.
// What it had is used, and written but for marks; and it outlives the claim.
func TestMoveIn(t *testing.T) {
	old := inhabit(t, "legacy-dev")
	draft := adopt(t, "legacy-dev")
	c := parse(t, draft)
	if diff := cmp.Diff([]any{"ana@example.com", "bo@example.com"}, spec(c)["access"].(map[string]any)["members"]); diff != "" {
		t.Errorf("the draft names the group's members: -want, +got:\n%s", diff)
	}
	for _, command := range commands(t, draft) {
		perform(t, command)
	}
	before := old.look(t)
	groupID := groups(t, "legacy-dev")[0]["id"].(string)
	for _, b := range []backend{elasticsearch(), graph()} {
		b.do(t, http.MethodDelete, "/_standin/requests", nil)
	}

	submit(t, c)
	becomesReady(t, c)
	marks := map[string]int{"PUT /legacy-dev.orders/_mapping": 1, "PATCH /v1.0/groups/" + groupID: 1}
	if diff := cmp.Diff(marks, written(t, "/legacy-dev.orders", "/groups/"+groupID)); diff != "" {
		t.Errorf("the index and the group are written once, for the mark: -want, +got:\n%s", diff)
	}
	polls(t, "legacy-dev.orders", 2)
	marks = map[string]int{"PATCH /v1.0/groups/" + groupID: 1} // Elasticsearch's are forgotten.
	if diff := cmp.Diff(marks, written(t, "/legacy-dev.orders", "/groups/"+groupID)); diff != "" {
		t.Errorf("and never again: -want, +got:\n%s", diff)
	}
	if s := status(t, c); strings.Contains(s.Summary, "differs") {
		t.Errorf("what was offered by the commands of the draft is as the claim says, got: %s", s.Summary)
	}
	if diff := cmp.Diff(before, old.look(t)); diff != "" {
		t.Errorf("nothing that was there is written but marks: -before, +after:\n%s", diff)
	}
	if writes := writesTo(t, old.objects); len(writes) > 0 {
		t.Errorf("nobody wrote to what was there in Kubernetes, got %v", writes)
	}
	if got := metaOf(t, "legacy-dev.orders")["plumbline.dev/owner"]; got == nil || !strings.HasSuffix(got.(string), "/payments/legacy-dev.orders;adopted") {
		t.Errorf("the index carries the mark of the claim's, got %v", got)
	}
	lease := get(t, namespaceLease("legacy-dev"))
	if lease != "" {
		t.Errorf("the Lease of the namespace is the claim's: %s", lease)
	}

	remove(t, c)
	eventually(t, "the Lease goes with the claim", func() string { return absent(t, namespaceLease("legacy-dev")) })
	if diff := cmp.Diff(before, old.look(t)); diff != "" {
		t.Errorf("what was there outlives the claim: -before, +after:\n%s", diff)
	}
	if got := metaOf(t, "legacy-dev.orders")["plumbline.dev/owner"]; got != nil {
		t.Errorf("the index is left without a mark, got %v", got)
	}
	if got := groups(t, "legacy-dev")[0]["description"]; strings.Contains(got.(string), "plumbline.dev/owner") {
		t.Errorf("the group is left without a mark, got %v", got)
	}
}

// TestSecretOfOthers puts a Secret where a claim wants to put one.
func TestSecretOfOthers(t *testing.T) {
	c := commit(t, storyOf("squat"))
	becomesReady(t, c)
	theirs := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "squat-dev", Name: "elasticsearch-app"}, StringData: map[string]string{"mine": "1"}}
	if err := plane.Client().Create(t.Context(), theirs); err != nil {
		t.Fatal(err)
	}
	change(t, c, func(spec map[string]any) {
		spec["search"].(map[string]any)["apiKeys"] = []any{map[string]any{"name": "app", "access": "Reader"}}
	})
	says(t, c, `Secret "elasticsearch-app" in namespace "squat-dev" exists`)
	if missing := get(t, theirs); missing != "" || string(theirs.Data["mine"]) != "1" || len(theirs.Data) != 1 || len(theirs.OwnerReferences) > 0 {
		t.Errorf("a Secret of others stays as it is, got %v %v %s", theirs.Data, theirs.OwnerReferences, missing)
	}
	if err := plane.Client().Delete(t.Context(), theirs); err != nil {
		t.Fatal(err)
	}
	becomesReady(t, c)
	remove(t, c)
}

// An estate is what a service had before Plumbline.
type estate struct {
	name    string
	objects []client.Object
}

// inhabit makes what a service has that nobody described yet.
func inhabit(t *testing.T, name string) estate {
	t.Helper()
	if code, answer := elasticsearch().do(t, http.MethodPut, "/"+name+".orders", map[string]any{
		"settings": map[string]any{"number_of_shards": 1, "number_of_replicas": 0},
		"mappings": map[string]any{"_meta": map[string]any{"theirs": "kept"}, "properties": map[string]any{"total": map[string]any{"type": "long"}}},
	}); code != http.StatusOK {
		t.Fatalf("cannot create index: %v", answer)
	}
	if code, answer := elasticsearch().do(t, http.MethodPost, "/"+name+".orders/_doc?refresh=true", map[string]any{"total": 1}); code != http.StatusCreated {
		t.Fatalf("cannot index a document: %v", answer)
	}
	code, group := graph().do(t, http.MethodPost, "/v1.0/groups", map[string]any{
		"displayName": name, "mailNickname": name, "mailEnabled": false, "securityEnabled": true, "description": "Those of old",
	})
	if code != http.StatusCreated {
		t.Fatalf("cannot create group: %v", group)
	}
	for _, member := range []string{"ana@example.com", "bo@example.com"} {
		graph().do(t, http.MethodPost, "/v1.0/groups/"+group["id"].(string)+"/members/$ref", map[string]any{"@odata.id": plane.GraphURL() + "/v1.0/directoryObjects/" + user(t, member)})
	}
	in := func(n string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: name, Name: n} }
	prefix := networkingv1.PathTypePrefix
	e := estate{name: name, objects: []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"theirs": "kept"}}},
		&corev1.ResourceQuota{ObjectMeta: in("of-old"), Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"pods": resource.MustParse("20"), "requests.memory": resource.MustParse("2Gi")}}},
		&corev1.Service{ObjectMeta: in("web"), Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "http", Port: 8080}}}},
		&rbacv1.RoleBinding{
			ObjectMeta: in("developers"), RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: group["id"].(string)}},
		},
		&networkingv1.Ingress{ObjectMeta: in("of-old"), Spec: networkingv1.IngressSpec{
			IngressClassName: new("kong"),
			Rules: []networkingv1.IngressRule{{Host: "legacy.dev.example.com", IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{
				Paths: []networkingv1.HTTPIngressPath{{Path: "/", PathType: &prefix, Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: "web", Port: networkingv1.ServiceBackendPort{Name: "http"}}}}},
			}}}},
		}},
	}}
	for _, o := range e.objects {
		eventually(t, "inhabit", func() string { return say(plane.Client().Create(t.Context(), o)) })
	}
	return e
}

// look returns all that a service had, but for marks, and what controllers of
// Kubernetes and Kong write.
func (e estate) look(t *testing.T) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, o := range e.objects {
		if missing := get(t, o); missing != "" {
			t.Fatal(missing)
		}
		raw, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		fields := map[string]any{}
		if err := json.Unmarshal(raw, &fields); err != nil {
			t.Fatal(err)
		}
		delete(fields, "status")
		for _, key := range []string{"resourceVersion", "managedFields"} {
			delete(fields["metadata"].(map[string]any), key)
		}
		out[o.GetName()+" "+strings.TrimPrefix(typeOf(o), "*v1.")] = fields
	}
	settings := index(t, e.name+".orders")
	_, count := elasticsearch().do(t, http.MethodGet, "/"+e.name+".orders/_count", nil)
	_, mapping := elasticsearch().do(t, http.MethodGet, "/"+e.name+".orders/_mapping", nil)
	shown := mapping[e.name+".orders"].(map[string]any)["mappings"].(map[string]any)
	meta := shown["_meta"].(map[string]any)
	out["index"] = []any{settings, count["count"], shown["properties"], meta["theirs"]}
	found := groups(t, e.name)
	if len(found) != 1 {
		t.Fatalf("there is one group of that name, got %v", found)
	}
	out["group"] = []any{found[0]["id"], members(t, found[0]["id"].(string))}
	return out
}

func typeOf(o client.Object) string {
	switch o.(type) {
	case *corev1.Namespace:
		return "Namespace"
	case *corev1.ResourceQuota:
		return "ResourceQuota"
	case *corev1.Service:
		return "Service"
	case *rbacv1.RoleBinding:
		return "RoleBinding"
	default:
		return "Ingress"
	}
}

// adopt runs plumbline adopt, as a platform engineer would.
func adopt(t *testing.T, namespace string) string {
	t.Helper()
	dir := t.TempDir()
	bundle, program := filepath.Join(dir, "ca.crt"), filepath.Join(dir, "plumbline")
	if err := os.WriteFile(bundle, plane.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/plumbline") //nolint:gosec // Its arguments are ours.
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build plumbline: %v: %s", err, out)
	}
	run := exec.CommandContext(t.Context(), program, "adopt", namespace, "--team=payments", "--tag=costCenter=4711", "--tag=dataClass=internal", //nolint:gosec // Its arguments are ours.
		"--kubeconfig="+plane.Kubeconfig(), "--ca-bundle="+bundle)
	run.Env = append(os.Environ(), "ELASTICSEARCH_USERNAME=plumbline", "ELASTICSEARCH_PASSWORD="+plane.BackendSecret(),
		"AZURE_CLIENT_ID="+plane.ClientID(), "AZURE_CLIENT_SECRET="+plane.BackendSecret())
	var stderr bytes.Buffer
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("cannot run plumbline adopt: %v: %s%s", err, stderr.String(), out)
	}
	t.Logf("the draft:\n%s", out)
	return string(out)
}

// commands are those that a draft tells the present owner to run.
func commands(t *testing.T, draft string) []string {
	t.Helper()
	var out []string
	for line := range strings.Lines(draft) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "#   ")
		if strings.HasPrefix(line, "kubectl ") || strings.HasPrefix(line, "curl ") || strings.HasPrefix(line, "az ") {
			out = append(out, line)
		}
	}
	if len(out) < 4 {
		t.Fatalf("a draft says how labels, mark, index and group are offered, got %v", out)
	}
	return out
}

var word = regexp.MustCompile(`'([^']*)'`)

// perform runs a command of a draft. Of curl and az it sends the request, as neither
// may be here.
func perform(t *testing.T, command string) {
	t.Helper()
	if strings.HasPrefix(command, "kubectl ") {
		run := exec.CommandContext(t.Context(), "sh", "-c", command) //nolint:gosec // It is what the test is about.
		run.Env = append(os.Environ(), "KUBECONFIG="+plane.Kubeconfig(), "PATH="+filepath.Join("..", "..", ".cache", "bin")+":"+os.Getenv("PATH"))
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("cannot run %s: %v: %s", command, err, out)
		}
		return
	}
	words := word.FindAllStringSubmatch(command, -1)
	body := map[string]any{}
	if err := json.Unmarshal([]byte(words[len(words)-1][1]), &body); err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	at, err := url.Parse(words[len(words)-2][1])
	if err != nil {
		t.Fatal(err)
	}
	b, method := elasticsearch(), http.MethodPut
	if strings.HasPrefix(command, "az ") {
		b, method = graph(), http.MethodPatch
	}
	if code, answer := b.do(t, method, at.Path, body); code >= http.StatusMultipleChoices {
		t.Fatalf("%s: %d %v", command, code, answer)
	}
}

// writesTo returns what Crossplane wrote to objects; the test itself wrote to them, and
// controllers write their status.
func writesTo(t *testing.T, objects []client.Object) []write {
	t.Helper()
	return writes(t, func(w write) bool {
		return w.Ref.Subresource == "" && strings.Contains(w.User.Username, "crossplane") && slices.ContainsFunc(objects, func(o client.Object) bool {
			return w.Ref.Name == o.GetName() && (w.Ref.Namespace == o.GetNamespace() || w.Ref.Resource == "namespaces")
		})
	})
}

// written counts the requests that write what lies under paths of the backends.
func written(t *testing.T, paths ...string) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, r := range slices.Concat(requests(t, elasticsearch()), requests(t, graph())) {
		under := slices.ContainsFunc(paths, func(p string) bool { return strings.Contains(r.Path, p) })
		if under && r.Method != http.MethodGet && r.Method != http.MethodHead {
			out[r.Method+" "+r.Path]++
		}
	}
	return out
}

func namespaceLease(name string) client.Object {
	return &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: "plumbline-system", Name: "namespace-" + name}}
}
