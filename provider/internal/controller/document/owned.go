package document

import (
	"context"
	"maps"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// owned returns the document of a resource, or a foreign error if what has its
// name is not ours. Every write asks it first.
func (e *external[T]) owned(ctx context.Context, cr T) (elasticsearch.Document, error) {
	name := meta.GetExternalName(cr)
	got, err := e.svc.Document(ctx, e.kind.Path, name)
	if err != nil {
		return nil, errors.Wrapf(err, "cannot get %s %q", e.kind.Noun, name)
	}
	what := e.kind.Noun + " \"" + name + "\""
	if metadata := e.metadataOf(got); metadata["_reserved"] == true || metadata["managed"] == true {
		return nil, &foreign{errors.Errorf("ExistsNotOwned: %s is built into Elasticsearch; choose another name", what)}
	}
	if err := owner.Check(e.markerOf(got), owner.Of(e.installation, cr), what,
		"set "+owner.Key+" in its "+strings.Join(e.kind.Metadata, ".")+" to"); err != nil {
		return nil, &foreign{err}
	}
	return got, nil
}

// A foreign error says that the document is not ours.
type foreign struct{ error }

func isForeign(err error) bool {
	var f *foreign
	return errors.As(err, &f)
}

// desire returns what a resource asks for, with its marker.
func (e *external[T]) desire(cr T) (elasticsearch.Document, error) {
	want, err := e.kind.Desire(cr)
	if err != nil {
		return nil, err
	}
	metadata := maps.Clone(e.metadataOf(want))
	metadata[owner.Key] = string(owner.Of(e.installation, cr))
	at := want
	for _, step := range e.kind.Metadata[:len(e.kind.Metadata)-1] {
		at = object(at[step])
	}
	at[e.kind.Metadata[len(e.kind.Metadata)-1]] = metadata
	return want, nil
}

func (e *external[T]) metadataOf(d elasticsearch.Document) map[string]any {
	for _, step := range e.kind.Metadata {
		d = object(d[step])
	}
	return d
}

func (e *external[T]) markerOf(d elasticsearch.Document) owner.Marker {
	marker, _ := e.metadataOf(d)[owner.Key].(string)
	return owner.Marker(marker)
}

// object returns v as an object; an empty one if it is none.
func object(v any) map[string]any {
	if m, ok := v.(map[string]any); ok && m != nil {
		return m
	}
	return map[string]any{}
}
