package compose

import (
	"fmt"
	"maps"

	"google.golang.org/protobuf/types/known/structpb"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
	"github.com/plumbline-dev/plumbline/functions/internal/typed"
)

// Observed are the resources that exist, by the name of their part.
type Observed map[string]Object

// A World is what the function sees of it.
type World struct {
	Observed Observed

	// Connections are the connection details of observed resources, by the name of
	// their part. They are secret.
	Connections map[string]map[string][]byte

	// Services that routes lead to, by name, and whether each exists. They are the
	// developer's own, and only those are here that ServicesToLookUp asks for.
	Services map[string]bool

	// Issuers of certificates by name, nil where there is none, and only those that
	// IssuersToLookUp asks for.
	Issuers map[string]Object

	// Adopts says that the namespace exists, and is taken over.
	Adopts bool

	// Holds are why parts cannot be created now, by their name.
	Holds map[string]*status.Health
}

// An Object is a resource as Crossplane hands it over.
type Object map[string]any

// applied converts a typed resource to what is applied: what we have an opinion on,
// and no more. An empty pod selector is an opinion, so it stays.
func applied(r Resource) (*structpb.Struct, error) {
	if u, ok := r.(*unstructured.Unstructured); ok {
		return typed.Struct(u.Object) // Written by hand, so all of it is opinion.
	}
	s, err := typed.Struct(r)
	if err != nil {
		return nil, fmt.Errorf("cannot convert %s %q: %w", r.GetObjectKind().GroupVersionKind().Kind, r.GetName(), err)
	}
	delete(s.GetFields(), "status") // Only the resource's own controller may write it.
	delete(s.GetFields()["metadata"].GetStructValue().GetFields(), "creationTimestamp")
	if spec := s.GetFields()["spec"].GetStructValue(); spec != nil && len(spec.GetFields()) == 0 {
		delete(s.GetFields(), "spec")
	}
	return s, nil
}

// text returns the text at a path, or none.
func (o Object) text(path ...string) string {
	s, _, _ := unstructured.NestedString(o, path...)
	return s
}

// flag returns the truth at a path, which none is not.
func (o Object) flag(path ...string) bool {
	b, _, _ := unstructured.NestedBool(o, path...)
	return b
}

// texts returns the texts of the list at a path.
func (o Object) texts(path ...string) []string {
	var out []string
	for _, v := range o.list(path...) {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// number returns the whole number at a path. JSON knows no whole numbers, so it
// may come as either kind.
func (o Object) number(path ...string) int64 {
	v, _, _ := unstructured.NestedFieldNoCopy(o, path...)
	switch n := v.(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	default:
		return 0
	}
}

func (o Object) list(path ...string) []any {
	v, _, _ := unstructured.NestedFieldNoCopy(o, path...)
	l, _ := v.([]any)
	return l
}

func (o Object) deleting() bool { return o.text("metadata", "deletionTimestamp") != "" }

func (o Object) generation() int64 { return o.number("metadata", "generation") }

// condition returns a condition as an object, which is empty where there is none.
func (o Object) condition(kind string) Object {
	for _, c := range o.list("status", "conditions") {
		if m, ok := c.(map[string]any); ok && m["type"] == kind {
			return m
		}
	}
	return nil
}

// Admit writes what the API server would when it stores the object for the first
// time, as far as anything here reads it.
func (o Object) Admit() { o.set(int64(1), "metadata", "generation") }

// set writes a value at a path.
func (o Object) set(value any, path ...string) {
	_ = unstructured.SetNestedField(o, value, path...) // It fails only where a path leads through a scalar.
}

// Annotate sets an annotation.
func Annotate(o Object, key, value string) { o.set(value, "metadata", "annotations", key) }

// meta is the metadata of what lies in the created namespace.
func meta(p environment.Plan, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: p.Namespace.Name, Labels: maps.Clone(p.Labels)}
}

func typeMeta(apiVersion, kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: apiVersion, Kind: kind}
}
