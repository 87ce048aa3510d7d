package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"

	custody "github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/managed"
)

var claims = v1alpha1.GroupVersion.WithResource("serviceenvironments")

// claimOf is a claim as a control plane shows it.
func claimOf(namespace, name, summary string, ready bool) *unstructured.Unstructured {
	status := "False"
	if ready {
		status = "True"
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "plumbline.dev/v1alpha1", "kind": "ServiceEnvironment",
		"metadata": map[string]any{"namespace": namespace, "name": name},
		"status": map[string]any{
			"summary": summary, "namespace": name,
			"endpoints":  map[string]any{"urls": []any{"https://a.example.com/", "https://b.example.com/"}},
			"conditions": []any{map[string]any{"type": "Ready", "status": status, "reason": "Available"}},
			"resources": []any{
				map[string]any{"kind": "Group", "name": name, "state": "Failed", "reason": "BackendFailed", "message": "403 Forbidden", "whoFixes": "PlatformTeam"},
				map[string]any{"kind": "RoleBinding", "name": "access-edit", "state": "Waiting", "waitingFor": "Group " + name},
			},
		},
	}}
}

func controlPlane(objects ...runtime.Object) *fake.FakeDynamicClient {
	kinds := map[schema.GroupVersionResource]string{claims: "ServiceEnvironmentList", custody.GroupVersion.WithResource("tombstones"): "TombstoneList",
		appsv1.SchemeGroupVersion.WithResource("replicasets"): "ReplicaSetList"}
	for _, r := range managed.Resources() {
		kinds[r] = r.Resource + "List"
	}
	return fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), kinds, objects...)
}

func TestStatusLists(t *testing.T) {
	plane := controlPlane(claimOf("shop", "b-dev", "b-dev is not ready: 403", false), claimOf("payments", "a-dev", "a-dev is ready", true))
	var out bytes.Buffer
	if err := (statusCommand{AllNamespaces: true}).show(t.Context(), plane, &out); err != nil {
		t.Fatal(err)
	}
	if want := "✓ payments/a-dev: a-dev is ready\n✗ shop/b-dev: b-dev is not ready: 403\n"; out.String() != want {
		t.Errorf("each claim has a line, in order of team and name: want\n%s\ngot\n%s", want, out.String())
	}
	out.Reset()
	if err := (statusCommand{Namespace: "none"}).show(t.Context(), plane, &out); err != nil || !strings.Contains(out.String(), "There are no") {
		t.Errorf("a team without claims is told so, got %v: %s", err, out.String())
	}
}

// TestStatusOfPods holds that pods which the API server refuses are told beside what the
// claim says, where the person who asks may see them.
func TestStatusOfPods(t *testing.T) {
	refused := func(namespace, name, status string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": map[string]any{"namespace": namespace, "name": name},
			"status": map[string]any{"conditions": []any{map[string]any{
				"type": "ReplicaFailure", "status": status, "reason": "FailedCreate", "message": `pods "` + name + `-x" is forbidden: exceeded quota: environment`,
			}}},
		}}
	}
	plane := controlPlane(claimOf("payments", "a-dev", "a-dev is ready", true), refused("a-dev", "web-1", "True"), refused("a-dev", "old-1", "False"), refused("b-dev", "other-1", "True"))
	var out bytes.Buffer
	if err := (statusCommand{Name: "a-dev", Namespace: "payments"}).show(t.Context(), plane, &out); err != nil {
		t.Fatal(err)
	}
	if want := `Failed    ReplicaSet    web-1         the developer       pods "web-1-x" is forbidden: exceeded quota: environment`; !strings.Contains(out.String(), want) {
		t.Errorf("pods that are refused are told: misses %q:\n%s", want, out.String())
	}
	for _, other := range []string{"old-1", "other-1"} {
		if strings.Contains(out.String(), other) {
			t.Errorf("what is not refused, or is another's, is not told: %s", out.String())
		}
	}
}

func TestStatusOfOne(t *testing.T) {
	plane := controlPlane(claimOf("payments", "a-dev", "a-dev is not ready: 403", false))
	var out bytes.Buffer
	c := statusCommand{Name: "a-dev", Namespace: "payments"}
	if err := c.show(t.Context(), plane, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"✗ payments/a-dev: a-dev is not ready: 403", "https://a.example.com/, https://b.example.com/", "the platform team   403 Forbidden", "waiting for Group a-dev"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("everything about one claim is told, misses %q:\n%s", want, out.String())
		}
	}
	c.AllNamespaces = true
	if err := c.show(t.Context(), plane, io.Discard); err == nil {
		t.Error("one claim of all namespaces is a mistake")
	}
}

// TestStatusWatch holds that a watch prints words that change, and no others.
func TestStatusWatch(t *testing.T) {
	plane := controlPlane(claimOf("payments", "a-dev", "a-dev is not ready: waiting", false))
	expect := watching(t, plane, statusCommand{AllNamespaces: true})
	expect("✗ payments/a-dev: a-dev is not ready: waiting")
	awaitWatch(t.Context(), t, plane)

	same := claimOf("payments", "a-dev", "a-dev is not ready: waiting", false)
	same.SetLabels(map[string]string{"changed": "yes"})
	for _, c := range []*unstructured.Unstructured{same, claimOf("payments", "a-dev", "a-dev is ready", true)} {
		if err := plane.Tracker().Update(claims, c, "payments"); err != nil {
			t.Fatal(err)
		}
	}
	expect("✓ payments/a-dev: a-dev is ready")
	if err := plane.Tracker().Delete(claims, "payments", "a-dev"); err != nil {
		t.Fatal(err)
	}
	expect("payments/a-dev: deleted")
}

// TestStatusWatchEnd follows a claim that is being deleted, which changes no more itself,
// to its end.
func TestStatusWatchEnd(t *testing.T) {
	claim := claimOf("payments", "a-dev", "a-dev is ready", true)
	plane := controlPlane(claim)
	indices := managed.Resources()[0]
	if err := plane.Tracker().Create(indices, leavingIndex("a-dev", "the provider is at work"), "payments"); err != nil {
		t.Fatal(err)
	}
	expect := watching(t, plane, statusCommand{Namespace: "payments"})
	expect("✓ payments/a-dev: a-dev is ready")
	awaitWatch(t.Context(), t, plane)

	going := claim.DeepCopy()
	going.SetDeletionTimestamp(&metav1.Time{Time: time.Unix(1, 0)})
	if err := plane.Tracker().Update(claims, going, "payments"); err != nil {
		t.Fatal(err)
	}
	expect("✗ payments/a-dev: is being deleted, and held up by Index a-dev.orders: the provider is at work (the platform team acts)")
	if err := plane.Tracker().Update(indices, leavingIndex("a-dev", `DataLoss: "a-dev.orders" holds 2 documents`), "payments"); err != nil {
		t.Fatal(err)
	}
	expect(`✗ payments/a-dev: is being deleted, and held up by Index a-dev.orders: "a-dev.orders" holds 2 documents (the developer acts)`)
	if err := plane.Tracker().Delete(indices, "payments", "a-dev.orders"); err != nil {
		t.Fatal(err)
	}
	expect("✗ payments/a-dev: is being deleted")
	if err := plane.Tracker().Delete(claims, "payments", "a-dev"); err != nil {
		t.Fatal(err)
	}
	expect("payments/a-dev: deleted")
}

// watching runs the command until the test ends, and returns what waits for the next that
// it prints.
func watching(t *testing.T, plane *fake.FakeDynamicClient, c statusCommand) (expect func(want string)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		c.Watch = true
		err := c.show(ctx, plane, writer)
		_ = writer.Close()
		done <- err
	}()
	t.Cleanup(func() {
		cancel()
		_ = reader.Close()
		<-done
	})
	lines := make(chan string)
	go func() {
		defer close(lines)
		text := make([]byte, 4096)
		for {
			n, err := reader.Read(text)
			if err != nil {
				return
			}
			lines <- strings.TrimSpace(string(text[:n]))
		}
	}()
	return func(want string) {
		t.Helper()
		select {
		case got := <-lines:
			if got != want {
				t.Fatalf("want %q, got %q", want, got)
			}
		case <-ctx.Done():
			t.Fatalf("want %q, got nothing", want)
		}
	}
}

// awaitWatch waits until somebody watches: the fake client tells nobody what happened
// before.
func awaitWatch(ctx context.Context, t *testing.T, plane *fake.FakeDynamicClient) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		for _, a := range plane.Actions() {
			if a.GetVerb() == "watch" {
				return
			}
		}
		select {
		case <-ctx.Done():
			t.Fatal("nobody watches")
		case <-tick.C:
		}
	}
}
