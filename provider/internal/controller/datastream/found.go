package datastream

import (
	"context"
	"fmt"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/overlay"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// What is found under the name of a data stream. Each is nil if there is none.
type found struct {
	stream   *elasticsearch.DataStream
	template *elasticsearch.Template
	index    elasticsearch.Index // The one that is written to, once it was read.
}

// look reads the stream and the template of a name, whosever they are.
func (e *external) look(ctx context.Context, name string) (found, error) {
	var f found
	stream, err := e.svc.DataStream(ctx, name)
	switch {
	case err == nil:
		f.stream = &stream
	case !elasticsearch.IsNotFound(err):
		return found{}, errors.Wrapf(err, "cannot get data stream %q", name)
	}
	template, err := e.svc.Template(ctx, name)
	switch {
	case err == nil:
		f.template = &template
	case !elasticsearch.IsTemplateNotFound(err):
		return found{}, errors.Wrapf(err, "cannot get index template %q", name)
	}
	return f, nil
}

// streamMark and templateMark return the marks, each empty where there is none.
func (f found) streamMark() owner.Mark {
	return overlay.MarkOf(map[string]any{"_meta": f.stream.Meta})
}

func (f found) templateMark() owner.Mark {
	return overlay.MarkOf(map[string]any{"_meta": f.template.Meta})
}

// ours leaves out what is another's.
func (f found) ours(mark owner.Mark) found {
	if f.stream != nil && f.streamMark() != mark {
		f.stream = nil
	}
	if f.template != nil && f.templateMark() != mark {
		f.template = nil
	}
	return f
}

// owned returns what there is of a data stream. It is an error if any of it, or an
// index or an alias of the name, is not ours. Every write asks it first.
func (e *external) owned(ctx context.Context, name string, claim owner.Claim) (found, error) {
	f, err := e.look(ctx, name)
	if err != nil {
		return found{}, err
	}
	if f.stream != nil {
		// Elasticsearch has no way to change the _meta of a stream.
		if _, err := claim.Take(owner.Thing{Mark: f.streamMark(), Name: fmt.Sprintf("data stream %q", name), Instead: fmt.Sprintf(
			"hand it over: create it anew from an index template whose _meta sets %s to %q", owner.Key, claim.Marker)}); err != nil {
			return found{}, err
		}
	}
	if f.template != nil {
		if _, err := claim.Take(owner.Thing{Mark: f.templateMark(), Name: fmt.Sprintf("index template %q", name), Instead: fmt.Sprintf(
			"hand it over: set %s in its _meta to %q", owner.Key, claim.Marker)}); err != nil {
			return found{}, err
		}
	}
	if f.stream == nil {
		return f, e.free(ctx, name)
	}
	f.index, err = e.svc.BackingIndex(ctx, f.stream.WriteIndex())
	return f, errors.Wrapf(err, "cannot get index %q of data stream %q", f.stream.WriteIndex(), name)
}

// free refuses a name that an index or an alias has.
func (e *external) free(ctx context.Context, name string) error {
	_, err := e.svc.Index(ctx, name)
	taken := (*elasticsearch.TakenError)(nil)
	switch {
	case elasticsearch.IsNotFound(err):
		return nil
	case err == nil:
		return errors.Errorf("ExistsNotOwned: the name %q belongs to an index; choose another name", name)
	case errors.As(err, &taken):
		return errors.Errorf("ExistsNotOwned: %s; choose another name", taken)
	}
	return errors.Wrapf(err, "cannot look for an index %q", name)
}

// unrivalled refuses to have a template of ours beside another that goes before it, or
// might: the stream would be made by that one.
func (e *external) unrivalled(ctx context.Context, name string, priority int64) error {
	rivals, err := e.svc.Rivals(ctx, name, priority)
	if err != nil {
		return errors.Wrapf(err, "cannot look for index templates that match data stream %q", name)
	}
	if len(rivals) == 0 {
		return nil
	}
	names := make([]string, len(rivals))
	for i, r := range rivals {
		names[i] = fmt.Sprintf("index template %q of priority %d", r.Name, r.Priority)
	}
	return errors.Errorf("TemplateConflict: %s matches data stream %q as well, whose own template has priority %d; "+
		"set spec.forProvider.priority higher, or narrow its index_patterns", strings.Join(names, " and "), name, priority)
}
