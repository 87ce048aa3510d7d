package expand

import (
	"sync"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/typed"
	"github.com/plumbline-dev/plumbline/functions/internal/wire"
)

// parseBlueprint parses the platform team's EnvironmentConfig.
func parseBlueprint(config *fnv1.Resource) (environment.Blueprint, field.ErrorList, error) {
	data, err := dataOf(config)
	if err != nil {
		return environment.Blueprint{}, nil, err
	}
	b, errs := environment.ParseBlueprint(data)
	return b, errs, nil
}

func dataOf(config *fnv1.Resource) ([]byte, error) {
	whole, err := wire.Whole(config)
	if err != nil {
		return nil, err
	}
	data := at(whole, "data")
	if data == nil {
		return []byte("{}"), nil
	}
	return typed.JSON(data)
}

// latest remembers the Blueprint that it parsed last: one is for all environments, and
// parsing it costs as much as all else in a call. What is remembered is only read.
type latest struct {
	mu        sync.Mutex
	version   version
	blueprint environment.Blueprint
	known     bool
}

// A version of a Blueprint. The API server gives each state of an object its own; the
// size is for one that was restored from a backup, and then changed anew. What has none,
// such as a file, is known when it is the very same.
type version struct {
	uid, resourceVersion string
	size                 int
	unversioned          *fnv1.Resource
}

// parse parses a Blueprint, unless it did so last. It trusts versions, and that nobody
// changes what has none.
func (l *latest) parse(config *fnv1.Resource) (environment.Blueprint, field.ErrorList, error) {
	metadata := config.GetResource().GetFields()["metadata"].GetStructValue()
	v := version{uid: text(metadata, "uid"), resourceVersion: text(metadata, "resourceVersion"), size: wire.Size(config)}
	if v.uid == "" || v.resourceVersion == "" {
		v = version{unversioned: config}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known && l.version == v {
		return l.blueprint, nil, nil
	}
	b, errs, err := parseBlueprint(config)
	if err == nil && len(errs) == 0 {
		l.version, l.blueprint, l.known = v, b, true
	}
	return b, errs, err
}
