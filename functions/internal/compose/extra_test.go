package compose

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// thing is an object of an extra.
func thing(edit func(*environment.ExtraObject)) environment.ExtraObject {
	e := environment.ExtraObject{
		Extra: "things", Identity: "thing.example.com/a",
		Manifest: map[string]any{"apiVersion": "example.com/v1", "kind": "Thing", "metadata": map[string]any{"name": "a", "labels": map[string]any{"theirs": "kept"}}, "spec": map[string]any{}},
	}
	edit(&e)
	return e
}

func TestExtraPlace(t *testing.T) {
	cases := map[string]struct {
		reason string
		edit   func(*environment.ExtraObject)
		want   string
	}{
		"Inside":  {reason: "An object lies in the environment's namespace.", edit: func(*environment.ExtraObject) {}, want: "checkout-prod"},
		"Outside": {reason: "The Blueprint may put it elsewhere.", edit: func(e *environment.ExtraObject) { e.Namespace, e.Outside = "shared", true }, want: "shared"},
		"Cluster": {reason: "Or into no namespace.", edit: func(e *environment.ExtraObject) { e.Outside = true }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, everything())
			p.Extras = []environment.ExtraObject{thing(tc.edit)}
			part := extras(p, World{})[0]
			o, err := objectOf(part.Resource)
			if err != nil {
				t.Fatal(err)
			}
			if got := o.text("metadata", "namespace"); got != tc.want {
				t.Errorf("\n%s\nwant namespace %q, got %q", tc.reason, tc.want, got)
			}
			if diff := cmp.Diff([]string{PartNamespace}, part.Needs); diff != "" {
				t.Errorf("\nWherever it lies, only who has the namespace makes it.\nneeds: -want, +got:\n%s", diff)
			}
			if o.text("metadata", "labels", "theirs") != "kept" || o.text("metadata", "labels", environment.LabelTeam) != "payments" {
				t.Errorf("\n%s\nIt has its own labels and those of all objects, got %v", tc.reason, o["metadata"])
			}
			if _, ok := o["spec"]; !ok {
				t.Errorf("\n%s\nAn empty spec is one that the platform team wrote.", tc.reason)
			}
		})
	}
}

func TestExtraHealth(t *testing.T) {
	observed := func(c map[string]any) Object {
		return Object{"metadata": map[string]any{"generation": int64(2)}, "status": map[string]any{"conditions": []any{c}}}
	}
	cases := map[string]struct {
		reason string
		object Object
		want   status.Health
	}{
		"Silent": {
			reason: "A controller that says nothing may be at work.",
			object: Object{},
			want:   status.Progressing(status.ReasonCreating, "Its controller does not say yet whether it is Synced"),
		},
		"True": {reason: "It is as the Blueprint wants it.", object: observed(map[string]any{"type": "Synced", "status": "True"}), want: status.Available()},
		"Stale": {
			reason: "What was said of an earlier generation says nothing of this one.",
			object: observed(map[string]any{"type": "Synced", "status": "True", "observedGeneration": int64(1)}),
			want:   status.Progressing(status.ReasonCreating, "Its controller does not say yet whether it is Synced"),
		},
		"False": {
			reason: "What its controller says is said in full.",
			object: observed(map[string]any{"type": "Synced", "status": "False", "reason": "Denied", "message": "no such key"}),
			want:   status.Failed(status.ReasonExtraFailed, "It is not Synced: Denied: no such key", v1alpha1.FixerPlatformTeam),
		},
		"Unknown": {
			reason: "What its controller does not know may come yet.",
			object: observed(map[string]any{"type": "Synced", "status": "Unknown", "reason": "Waiting"}),
			want:   status.Progressing(status.ReasonCreating, "It is not known to be Synced: Waiting"),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, conditionHealth("Synced")(tc.object)); diff != "" {
				t.Errorf("\n%s\nconditionHealth(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestExtraHeld holds that what cannot be created now is not desired, says why, and is
// desired all the same once it exists.
func TestExtraHeld(t *testing.T) {
	p := planOf(t, everything())
	p.Extras = []environment.ExtraObject{thing(func(e *environment.ExtraObject) { e.Condition = "Ready" })}
	missing := status.Failed(status.ReasonKindMissing, "Missing", v1alpha1.FixerPlatformTeam)
	name := ExtraPart(p.Extras[0])
	observed := Observed{PartNamespace: {"status": map[string]any{"phase": "Active"}}}
	world := World{Observed: observed, Holds: map[string]*status.Health{name: &missing}}
	look := func() (desired bool, health status.Health) {
		parts, report, err := Compose(Parts(p, world), observed, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parts {
			desired = desired || d.Name == name
		}
		for _, row := range report {
			if row.Kind == "Thing" {
				health = row.Health
			}
		}
		return desired, health
	}
	if desired, health := look(); desired || health != missing {
		t.Errorf("what is held is not desired and says why, got %t %v", desired, health)
	}
	observed[name] = Object{}
	if desired, health := look(); !desired || health == missing {
		t.Errorf("what exists is desired, and is as it says itself, got %t %v", desired, health)
	}
}

func TestClashes(t *testing.T) {
	named := func(kind, namespace, name string) Part {
		u := &unstructured.Unstructured{}
		u.SetAPIVersion("v1")
		u.SetKind(kind)
		u.SetNamespace(namespace)
		u.SetName(name)
		return Part{Resource: u}
	}
	parts := []Part{named("A", "x", "n"), named("B", "x", "n"), named("A", "y", "n"), named("A", "x", "m"), named("A", "x", "n")}
	if diff := cmp.Diff([]string{"A n"}, Clashes(parts)); diff != "" {
		t.Errorf("\nTwo parts are one object by kind, namespace and name.\nClashes(...): -want, +got:\n%s", diff)
	}
}
