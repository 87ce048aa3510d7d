// Package compose builds the resources of an environment and judges each as
// observed.
//
// A Part is one resource. Each kind has its own file, which says how the resource
// is built, what it must wait for, and when it is ready in its real meaning; and
// one line in Kinds. To compose one more kind, add a file and a line.
//
// What a part needs decides only when it is created. A part that exists is always
// desired, whatever became of the parts it needs, as Crossplane deletes what is
// left out.
//
// All parts need the namespace, also those that do not live in it. Two claims of one
// service and environment want the same namespace, indices, roles and group; the API
// server gives the namespace to one, and the other then asks no backend for anything.
// Without that each could win some of the names, and neither ever be Ready.
package compose

import (
	"slices"

	"google.golang.org/protobuf/types/known/structpb"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// A Part is one resource of an environment.
type Part struct {
	// Name of the part. It is an API: Crossplane finds the existing resource by it,
	// so renaming a part deletes and recreates its resource.
	Name string

	// Capability that the resource belongs to.
	Capability status.Capability

	// Title is the name that users know, where that is not the object's.
	Title string

	// Needs names the parts that others must find usable before this is created.
	Needs []string

	// Hold is why the part cannot be created now, whatever it needs. It is the
	// health of a part that does not exist.
	Hold *status.Health

	// Adopted says that the object exists, and was taken over from whoever has it.
	// It is looked at, and neither written nor deleted. Differs are the fields in
	// which it is not as desired.
	Adopted bool
	Differs []custody.Difference

	// Resource as desired, with apiVersion and kind.
	Resource Resource

	// Health judges the resource as observed. Nil: it is ready when it exists.
	Health func(Object) status.Health

	// Usable says whether parts that need this one can be created. Nil: when it
	// exists.
	Usable func(Object) bool

	// Settle writes into the resource what its controller would, once all is well.
	// A rehearsal without a control plane uses it. Nil: there is nothing to write.
	Settle func(Object)

	// Connection is what the resource's controller would write into its connection
	// Secret, for a rehearsal: placeholders, never what is secret.
	Connection map[string][]byte
}

// A Resource is a typed object of Kubernetes.
type Resource interface {
	metav1.Object
	GetObjectKind() schema.ObjectKind
}

// A Kind makes the parts of one kind that a plan asks for.
type Kind func(environment.Plan, World) []Part

// Kinds are all that an environment is made of, in the order a user meets them.
func Kinds() []Kind {
	return []Kind{
		namespaceLease,
		namespace,
		resourceQuota,
		limitRange,
		networkPolicies,
		serviceAccount,
		extras,
		group,
		groupBinding,
		roleBindings,
		indices,
		dataStreams,
		searchRoles,
		searchMappings,
		searchKeys,
		hostLeases,
		ingresses,
		httpRoutes,
		dnsEndpoints,
		lookups,
		certificates,
	}
}

// Parts returns the parts of an environment.
func Parts(p environment.Plan, w World) []Part {
	var parts []Part
	for _, kind := range Kinds() {
		parts = append(parts, kind(p, w)...)
	}
	return parts
}

// A Desired part is to exist.
type Desired struct {
	Name   string
	Object *structpb.Struct
	Ready  bool
}

// Compose returns what is to exist, and how all parts are. Where hold is not nil
// nothing new is created, and hold is the health of the namespace.
func Compose(parts []Part, o Observed, hold *status.Health) ([]Desired, status.Report, error) {
	var desired []Desired
	var report status.Report
	for _, p := range parts {
		row := p.judge(parts, o, hold)
		report = append(report, row)
		if !p.due(parts, o, hold) {
			continue
		}
		object, err := applied(p.Resource)
		if err != nil {
			return nil, nil, err
		}
		desired = append(desired, Desired{Name: p.Name, Object: object, Ready: row.Ready()})
	}
	return desired, report, nil
}

// due says whether a part belongs to what is desired. What exists always does.
func (p Part) due(parts []Part, o Observed, hold *status.Health) bool {
	if p.Adopted {
		return false
	}
	if _, exists := o[p.Name]; exists {
		return true
	}
	return hold == nil && p.Hold == nil && p.blocker(parts, o) == nil
}

// judge says how a part is.
func (p Part) judge(parts []Part, o Observed, hold *status.Health) status.Row {
	row := status.Row{Capability: p.Capability, Kind: p.kind(), Name: p.title()}
	object, exists := o[p.Name]
	row.Adopted = exists && (p.Adopted || object.flag("status", "atProvider", "adopted"))
	blocker := p.blocker(parts, o)
	if hold != nil {
		blocker = find(parts, PartNamespace)
	}
	switch {
	case exists && p.Adopted:
		row.Health = p.adopted(object)
	case exists && object.deleting():
		row.Health = status.Progressing(status.ReasonDeleting, "Being deleted; it is made anew when it is gone")
	case exists && p.Health == nil:
		row.Health = status.Available()
	case exists:
		row.Health = p.Health(object)
	case hold != nil && p.Name == PartNamespace:
		row.Health = *hold
	case hold == nil && p.Hold != nil:
		row.Health = *p.Hold
	case blocker != nil:
		row.Health = status.Waiting()
		row.WaitingFor = blocker.kind() + " " + blocker.title()
	default:
		row.Health = status.Progressing(status.ReasonCreating, "Being created")
	}
	return row
}

// blocker returns the part that this one waits for in the end: the root cause, and
// not another part that waits for it too.
func (p Part) blocker(parts []Part, o Observed) *Part {
	for _, name := range p.Needs {
		need := find(parts, name)
		object, exists := o[name]
		if exists && (need.Usable == nil || need.Usable(object)) {
			continue
		}
		if root := need.blocker(parts, o); root != nil {
			return root
		}
		return need
	}
	return nil
}

func (p Part) kind() string { return p.Resource.GetObjectKind().GroupVersionKind().Kind }

func (p Part) title() string {
	if p.Title != "" {
		return p.Title
	}
	return p.Resource.GetName()
}

// find returns a part that must be in the list: needs are named by constants.
func find(parts []Part, name string) *Part {
	return &parts[slices.IndexFunc(parts, func(p Part) bool { return p.Name == name })]
}
