package document

import (
	"context"
	"maps"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// owned returns the document of a resource and the mark that it is to carry, or a
// refusal if what has its name is not ours. Every write asks it first.
func (e *external[T]) owned(ctx context.Context, cr T) (elasticsearch.Document, owner.Mark, error) {
	name := meta.GetExternalName(cr)
	got, err := e.svc.Document(ctx, e.kind.Path, name)
	if err != nil {
		return nil, owner.Mark{}, errors.Wrapf(err, "cannot get %s %q", e.kind.Noun, name)
	}
	what := e.kind.Noun + " \"" + name + "\""
	if metadata := e.metadataOf(got); metadata["_reserved"] == true || metadata["managed"] == true {
		return nil, owner.Mark{}, owner.Refuse("%s is built into Elasticsearch; choose another name", what)
	}
	mark, err := owner.ClaimOf(e.installation, cr).Take(owner.Thing{
		Mark: e.markOf(got), Name: what, Where: "set " + owner.Key + " in its " + strings.Join(e.kind.Metadata, ".") + " to %q",
		Differs: func() ([]custody.Difference, error) {
			want, err := e.desire(cr, got, e.markOf(got))
			return e.compare(got, want), err
		},
	})
	return got, mark, err
}

// desire returns what a resource asks for, with a mark. Fields that are left to
// others are as they are: a document is replaced as a whole.
func (e *external[T]) desire(cr T, got elasticsearch.Document, mark owner.Mark) (elasticsearch.Document, error) {
	want, err := e.kind.Desire(cr)
	if err != nil {
		return nil, err
	}
	fields, ignores := e.fields(want), kind.Ignores(cr)
	for key := range fields {
		if found, there := e.fields(got)[key]; there && ignores(fieldOf(key)) {
			fields[key] = found
		}
	}
	metadata := maps.Clone(e.metadataOf(want))
	if metadata[owner.Key] = mark.String(); mark == (owner.Mark{}) {
		delete(metadata, owner.Key)
	}
	fields[e.kind.Metadata[len(e.kind.Metadata)-1]] = metadata
	return want, nil
}

// compare returns in which fields of the resource a document differs.
func (e *external[T]) compare(got, want elasticsearch.Document) []custody.Difference {
	return Compare(e.fields(got), e.fields(want))
}

// fields returns the object of a document that has the fields of a resource.
func (e *external[T]) fields(d elasticsearch.Document) map[string]any {
	for _, step := range e.kind.Metadata[:len(e.kind.Metadata)-1] {
		d = object(d[step])
	}
	return d
}

func (e *external[T]) metadataOf(d elasticsearch.Document) map[string]any {
	return object(e.fields(d)[e.kind.Metadata[len(e.kind.Metadata)-1]])
}

func (e *external[T]) markOf(d elasticsearch.Document) owner.Mark {
	text, _ := e.metadataOf(d)[owner.Key].(string)
	return owner.Parse(text)
}

// object returns v as an object; an empty one if it is none.
func object(v any) map[string]any {
	if m, ok := v.(map[string]any); ok && m != nil {
		return m
	}
	return map[string]any{}
}
