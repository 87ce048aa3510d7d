// Package owner says which external object belongs to which managed resource.
//
// Every external object carries a marker, <installation>/<namespace>/<name> of
// its managed resource. The marker follows from what is in Git alone, so a
// control plane that is wiped and built again finds its own. An object with no
// marker, or with another's, is never touched.
//
// # Letting go
//
// An object that is kept when its resource is deleted, by management policies
// without Delete, keeps its marker too. It is not abandoned: it waits for a
// resource of the same name, which finds it with all that it holds and all that
// refers to it, such as an index with its documents or a group with its object
// id. Without the marker it would be a stranger's, which that resource would have
// to refuse, and which a resource of any other name could take by adoption. Who
// wants to give it to somebody else hands it over.
//
// # Handing over
//
// A resource that hands its object over puts the marker of another resource on it, and
// writes nothing more. Nobody else can take it: the marker names one resource. Until
// that one takes it, the marker can be taken back.
//
// An object that was adopted is the opposite case: it had a life before, and has
// one after. Its resource leaves it behind without a marker, free for others.
package owner

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Key is the name under which external objects carry their mark.
const Key = "plumbline.dev/owner"

// A Marker names the managed resource that an external object belongs to.
type Marker string

// Of returns the marker of what belongs to a managed resource.
func Of(installation string, mr metav1.Object) Marker {
	return Marker(installation + "/" + mr.GetNamespace() + "/" + mr.GetName())
}

// installation is the control plane that a marker names.
func (m Marker) installation() string {
	installation, _, _ := strings.Cut(string(m), "/")
	return installation
}

// holder is who has what carries the marker, for people. The name of a claim holds no
// dot, and begins the name of each resource that it is made of.
func (m Marker) holder() string {
	_, resource, _ := strings.Cut(string(m), "/")
	team, name, _ := strings.Cut(resource, "/")
	claim, _, part := strings.Cut(name, ".")
	holder := fmt.Sprintf("%s/%s (team %s)", team, claim, team)
	if part {
		holder += ", as its resource " + name
	}
	return holder
}

// A State says how an object came to its marker.
type State string

// The states.
const (
	// Created by the resource that the marker names.
	Created State = ""
	// Offered to the resource that the marker names, by its present owner.
	Offered State = "offered"
	// Transferred to the resource that the marker names, by the one that created it: it
	// becomes what that resource created.
	Transferred State = "transferred"
	// Adopted by the resource that the marker names: it was there before. The mark
	// on the object is the only memory of it that a lost control plane leaves.
	Adopted State = "adopted"
)

// A Mark is what an external object carries: a marker, and after a semicolon the
// state, unless that is Created. The empty Mark is that of an object which
// carries none.
type Mark struct {
	Marker Marker
	State  State
}

// Parse reads a mark as an object carries it.
func Parse(text string) Mark {
	marker, state, _ := strings.Cut(text, ";")
	return Mark{Marker: Marker(marker), State: State(state)}
}

// String returns the mark as an object carries it.
func (m Mark) String() string {
	if m.State == Created {
		return string(m.Marker)
	}
	return string(m.Marker) + ";" + string(m.State)
}
