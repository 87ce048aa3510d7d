package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// patience is what anything may take on a busy machine. It only ends a test that
// has failed: every wait ends as soon as what it waits for is true.
const patience = 2 * time.Minute

// eventually waits until check returns "", and fails with its last answer.
func eventually(t *testing.T, what string, check func() string) {
	t.Helper()
	within(t, patience, what, check)
}

// within is eventually, for what begins only after somebody else's wait.
func within(t *testing.T, limit time.Duration, what string, check func() string) {
	t.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		answer := check()
		if answer == "" {
			return
		}
		if err := plane.Died(); err != nil {
			t.Fatalf("%s: %s", what, err)
		}
		select {
		case <-deadline:
			t.Fatalf("%s: %s", what, answer)
		case <-tick.C:
		}
	}
}

// parse returns the claim that a developer wrote.
func parse(t *testing.T, text string) *claim.Unstructured {
	t.Helper()
	c := claim.New()
	if err := yaml.Unmarshal([]byte(text), &c.Object); err != nil {
		t.Fatalf("cannot parse claim: %v", err)
	}
	return c
}

// commit creates a claim, as a GitOps engine would.
func commit(t *testing.T, text string) *claim.Unstructured {
	t.Helper()
	return submit(t, parse(t, text))
}

// submit creates a claim that was parsed, and its team's namespace.
func submit(t *testing.T, c *claim.Unstructured) *claim.Unstructured {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.GetNamespace()}}
	if err := client.IgnoreAlreadyExists(plane.Client().Create(t.Context(), ns)); err != nil {
		t.Fatalf("cannot create namespace of team: %v", err)
	}
	if err := plane.Client().Create(t.Context(), c); err != nil {
		t.Fatalf("cannot create claim: %v", err)
	}
	return c
}

// change edits a claim's newest version.
func change(t *testing.T, c *claim.Unstructured, edit func(spec map[string]any)) {
	t.Helper()
	eventually(t, "edit claim", func() string {
		if err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(c), c); err != nil {
			return err.Error()
		}
		edit(c.Object["spec"].(map[string]any))
		return say(plane.Client().Update(t.Context(), c))
	})
}

// remove deletes a claim and waits until it is gone.
func remove(t *testing.T, c *claim.Unstructured) {
	t.Helper()
	if err := plane.Client().Delete(t.Context(), c); err != nil {
		t.Fatalf("cannot delete claim: %v", err)
	}
	eventually(t, "delete claim", func() string { return absent(t, c) })
}

// becomesReady waits until a claim is Ready.
func becomesReady(t *testing.T, c *claim.Unstructured) {
	t.Helper()
	eventually(t, "claim "+c.GetName()+" becomes Ready", func() string {
		if err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(c), c); err != nil {
			return err.Error()
		}
		if c.GetCondition(xpv2.TypeReady).Status == corev1.ConditionTrue {
			return ""
		}
		return "its summary is " + status(t, c).Summary
	})
}

// status returns what a claim says of itself.
func status(t *testing.T, c *claim.Unstructured) platform.ServiceEnvironmentStatus {
	t.Helper()
	out := platform.ServiceEnvironment{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(c.Object, &out); err != nil {
		t.Fatalf("cannot read status: %v", err)
	}
	return out.Status
}

// get reads an object, and says why it cannot.
func get(t *testing.T, o client.Object) string {
	t.Helper()
	return say(plane.Client().Get(t.Context(), client.ObjectKeyFromObject(o), o))
}

// annotate gives an object an annotation.
func annotate(t *testing.T, o client.Object, name, value string) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, name, value)
	eventually(t, "annotate "+o.GetName(), func() string {
		return say(plane.Client().Patch(t.Context(), o, client.RawPatch("application/merge-patch+json", patch)))
	})
}

// absent says that an object is still there.
func absent(t *testing.T, o client.Object) string {
	t.Helper()
	err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(o), o)
	if kerrors.IsNotFound(err) {
		return ""
	}
	if err != nil {
		return err.Error()
	}
	return o.GetName() + " is still there"
}

func say(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
