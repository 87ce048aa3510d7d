package group

import (
	"fmt"
	"regexp"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// ending matches the marker at the end of a description.
var ending = regexp.MustCompile(`(?:^| )\[` + regexp.QuoteMeta(owner.Key) + `=([^\]]+)\]$`)

// markerOf returns the owner marker of a description.
func markerOf(description string) owner.Marker {
	if found := ending.FindStringSubmatch(description); found != nil {
		return owner.Marker(found[1])
	}
	return ""
}

// description returns the user's description with our marker at its end.
func (e *external) description(cr *v1alpha1.Group) string {
	marker := fmt.Sprintf("[%s=%s]", owner.Key, owner.Of(e.installation, cr))
	if cr.Spec.ForProvider.Description == "" {
		return marker
	}
	return cr.Spec.ForProvider.Description + " " + marker
}

// check returns an error that isForeign unless a group is ours.
func (e *external) check(cr *v1alpha1.Group, found graph.Group) error {
	err := owner.Check(markerOf(found.Description), owner.Of(e.installation, cr),
		fmt.Sprintf("a group with display name %q and object id %s", found.DisplayName, found.ID),
		"end its description with ["+owner.Key+"=…] for")
	if err != nil {
		return &foreign{err}
	}
	return nil
}

// A foreign error says that a group is not ours.
type foreign struct{ error }

func isForeign(err error) bool {
	var f *foreign
	return errors.As(err, &f)
}
