// Package owner says which external resource belongs to which managed resource.
//
// Every external resource carries a marker, <installation>/<namespace>/<name> of
// its managed resource. The marker follows from what is in Git alone, so a
// control plane that is wiped and built again finds its own. A resource with no
// marker, or with another's, is never touched.
package owner

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Key is the name under which external resources carry their marker.
const Key = "plumbline.dev/owner"

// A Marker of an external resource. The empty Marker is that of a resource which
// carries none.
type Marker string

// Of returns the marker of what belongs to a managed resource.
func Of(installation string, mr metav1.Object) Marker {
	return Marker(installation + "/" + mr.GetNamespace() + "/" + mr.GetName())
}

// A RefusalError is the reason not to touch an external resource. Its words open with
// ExistsNotOwned or OwnedElsewhere, which programs may rely on.
type RefusalError struct {
	what   string
	found  Marker
	wanted Marker
	remedy string
}

// Check returns a RefusalError unless the marker found on a resource is the wanted
// one. What names the resource, and remedy says where a person would put the
// marker to hand the resource over.
func Check(found, wanted Marker, what, remedy string) error {
	if found == wanted {
		return nil
	}
	return &RefusalError{what: what, found: found, wanted: wanted, remedy: remedy}
}

// Error says who holds the resource and what a person can do.
func (r *RefusalError) Error() string {
	if r.found == "" {
		return fmt.Sprintf("ExistsNotOwned: %s exists and carries no owner marker; choose another name, remove it, or hand it over: %s %q",
			r.what, r.remedy, r.wanted)
	}
	return fmt.Sprintf("OwnedElsewhere: %s belongs to %q, not to %q; choose another name, or delete it there first",
		r.what, r.found, r.wanted)
}
