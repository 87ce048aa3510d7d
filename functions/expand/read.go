package expand

import (
	"cmp"
	"fmt"
	"strings"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/typed"
)

// Labels that Crossplane puts on the composite of a claim.
const (
	labelClaimName      = "crossplane.io/claim-name"
	labelClaimNamespace = "crossplane.io/claim-namespace"
)

// Requirements: resources that the function reads beside those it composes. The
// Composition asks for the Blueprint, the function for the namespace, for the Leases
// of hosts, for the Services that routes lead to, and for what extras need to know.
const (
	requireBlueprint = "blueprint"
	requireNamespace = "namespace"
	requireHost      = "host-"    // Followed by the host.
	requireObject    = "object-"  // Followed by the name of a part.
	requireService   = "service-" // Followed by its name.
	requireIssuer    = "issuer-"  // Followed by its name.
	requireKind      = "kind-"    // Followed by apiVersion and kind; names a schema and a definition.
	requireOutside   = "outside-" // Followed by the object's identity.
	requireRole      = "crossplane-role"
)

// An input is all that the function reads of a request. This file is the only one
// that knows how a request is encoded.
type input struct {
	claim      environment.Claim
	uid        string
	apiVersion string
	kind       string
	blueprint  *fnv1.Resource // The platform team's EnvironmentConfig; nil: there is none.
	observed   compose.Observed
	secrets    map[string]map[string][]byte // Connection details of what is observed.

	// What the composite says now.
	conditions []*fnv1.Condition
	status     v1alpha1.ServiceEnvironmentStatus

	// namespaces that have the environment's name: none or one. They are looked up
	// when the function asks for it; before that, asked is false.
	namespaces []compose.Object
	asked      bool

	leases   map[string][]compose.Object // Those that were looked up, none or one, by their host.
	services map[string]bool             // Those that were looked up, and whether each exists.
	issuers  map[string]compose.Object   // Those that were looked up; nil: there is none.
	kinds    map[string]bool             // Those that were looked up, and whether each is served.
	defined  map[string]bool             // Those of them whose definition was found.
	objects  map[string][]compose.Object // Those that have the name of a part's, and were looked up, none or one, by the part.
	outside  map[string]compose.Object   // Objects of extras that were looked up; nil: there is none.
	rights   rights                      // What Crossplane may do.
	role     bool                        // Whether that was looked up.
}

func read(req *fnv1.RunFunctionRequest) (input, error) {
	composite := req.GetObserved().GetComposite().GetResource()
	in := input{
		observed:   compose.Observed{},
		leases:     map[string][]compose.Object{},
		secrets:    map[string]map[string][]byte{},
		services:   map[string]bool{},
		issuers:    map[string]compose.Object{},
		kinds:      map[string]bool{},
		defined:    map[string]bool{},
		objects:    map[string][]compose.Object{},
		outside:    map[string]compose.Object{},
		apiVersion: text(composite, "apiVersion"),
		kind:       text(composite, "kind"),
		uid:        text(composite, "metadata", "uid"),
		conditions: conditions(composite),
		claim: environment.Claim{
			Name: cmp.Or(text(composite, "metadata", "labels", labelClaimName), text(composite, "metadata", "name")),
			Team: text(composite, "metadata", "labels", labelClaimNamespace),
		},
	}
	if err := decode(at(composite, "spec"), &in.claim.Spec); err != nil {
		return input{}, fmt.Errorf("cannot read spec of %s %q: %w", in.kind, text(composite, "metadata", "name"), err)
	}
	if err := decode(at(composite, "status"), &in.status); err != nil {
		return input{}, fmt.Errorf("cannot read status of %s %q: %w", in.kind, text(composite, "metadata", "name"), err)
	}
	for name, r := range req.GetObserved().GetResources() {
		in.observed[name] = r.GetResource().AsMap()
		in.secrets[name] = r.GetConnectionDetails()
	}
	readLookedUp(req, &in)

	var role *fnv1.Resources
	role, in.role = req.GetRequiredResources()[requireRole]
	var err error
	if in.rights, err = readRights(role); err != nil {
		return input{}, err
	}
	if items := req.GetRequiredResources()[requireBlueprint].GetItems(); len(items) > 0 {
		in.blueprint = items[0]
	}
	return in, nil
}

// readLookedUp reads what the last call asked for.
func readLookedUp(req *fnv1.RunFunctionRequest, in *input) {
	in.namespaces = objects(req.GetRequiredResources()[requireNamespace])
	for name, found := range req.GetRequiredResources() {
		if host, ok := strings.CutPrefix(name, requireHost); ok {
			in.leases[host] = objects(found)
		}
		if service, ok := strings.CutPrefix(name, requireService); ok {
			in.services[service] = len(found.GetItems()) > 0
		}
		if part, ok := strings.CutPrefix(name, requireObject); ok {
			in.objects[part] = objects(found)
		}
		if issuer, ok := strings.CutPrefix(name, requireIssuer); ok {
			in.issuers[issuer] = nil
			for _, o := range objects(found) {
				in.issuers[issuer] = o
			}
		}
		if identity, ok := strings.CutPrefix(name, requireOutside); ok {
			in.outside[identity] = nil
			for _, r := range found.GetItems() {
				in.outside[identity] = r.GetResource().AsMap()
			}
		}
		if kind, ok := strings.CutPrefix(name, requireKind); ok {
			in.defined[kind] = established(found)
			in.kinds[kind] = in.defined[kind]
		}
	}
	for name, schema := range req.GetRequiredSchemas() {
		if kind, ok := strings.CutPrefix(name, requireKind); ok {
			in.kinds[kind] = in.kinds[kind] || len(schema.GetOpenapiV3().GetFields()) > 0
		}
	}
	_, in.asked = req.GetRequiredResources()[requireNamespace]
}

// established says whether the definition of a kind was found, and holds.
func established(found *fnv1.Resources) bool {
	for _, r := range found.GetItems() {
		if condition(conditions(r.GetResource()), "Established").GetStatus() == fnv1.Status_STATUS_CONDITION_TRUE {
			return true
		}
	}
	return false
}

func conditions(composite *structpb.Struct) []*fnv1.Condition {
	var out []*fnv1.Condition
	for _, v := range at(composite, "status", "conditions").GetListValue().GetValues() {
		c := v.GetStructValue()
		condition := &fnv1.Condition{
			Type:   text(c, "type"),
			Status: fnv1.Status_STATUS_CONDITION_UNKNOWN,
			Reason: text(c, "reason"),
		}
		switch text(c, "status") {
		case "True":
			condition.Status = fnv1.Status_STATUS_CONDITION_TRUE
		case "False":
			condition.Status = fnv1.Status_STATUS_CONDITION_FALSE
		}
		if message := text(c, "message"); message != "" {
			condition.Message = &message
		}
		out = append(out, condition)
	}
	return out
}

// condition returns that of a type, or nil, which says nothing.
func condition(all []*fnv1.Condition, kind string) *fnv1.Condition {
	for _, c := range all {
		if c.GetType() == kind {
			return c
		}
	}
	return nil
}

func objects(found *fnv1.Resources) []compose.Object {
	var out []compose.Object
	for _, r := range found.GetItems() {
		out = append(out, r.GetResource().AsMap())
	}
	return out
}

// at returns the value at a path, or nil.
func at(s *structpb.Struct, path ...string) *structpb.Value {
	var v *structpb.Value
	for _, key := range path {
		v = s.GetFields()[key]
		s = v.GetStructValue()
	}
	return v
}

func text(s *structpb.Struct, path ...string) string { return at(s, path...).GetStringValue() }

func decode(v *structpb.Value, into any) error {
	if v == nil {
		return nil
	}
	return typed.Decode(v, into)
}
