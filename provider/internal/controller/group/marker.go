package group

import (
	"context"
	"fmt"
	"regexp"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// ending matches the marker at the end of a description.
var ending = regexp.MustCompile(`(?:^| )\[` + regexp.QuoteMeta(owner.Key) + `=([^\]]+)\]$`)

// markOf returns the mark of a description.
func markOf(description string) owner.Mark {
	if found := ending.FindStringSubmatch(description); found != nil {
		return owner.Parse(found[1])
	}
	return owner.Mark{}
}

// unmarked returns a description without the mark at its end.
func unmarked(description string) string { return ending.ReplaceAllString(description, "") }

// marked returns a description with a mark at its end.
func marked(description string, mark owner.Mark) string {
	if description == "" {
		return fmt.Sprintf("[%s=%s]", owner.Key, mark)
	}
	return fmt.Sprintf("%s [%s=%s]", description, owner.Key, mark)
}

// take returns the mark that a group is to carry, or a refusal unless it is ours.
func (e *external) take(ctx context.Context, cr *v1alpha1.Group, found graph.Group) (owner.Mark, error) {
	return owner.ClaimOf(e.installation, cr).Take(owner.Thing{
		Mark:  markOf(found.Description),
		Name:  fmt.Sprintf("a group with display name %q and object id %s", found.DisplayName, found.ID),
		Where: "end its description with [" + owner.Key + "=%s]",
		Differs: func() ([]custody.Difference, error) {
			p, err := e.plan(ctx, cr, found, markOf(found.Description))
			return p.differences, err
		},
	})
}
