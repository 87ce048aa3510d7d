package expand

import (
	"fmt"
	"slices"
	"strings"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	dns "github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// builtInGroups are served by every API server, and ourGroups come with Plumbline, so
// nobody has to look.
var (
	builtInGroups = []string{
		"", "apps", "autoscaling", "batch", "coordination.k8s.io", "policy",
		"networking.k8s.io", "rbac.authorization.k8s.io", "scheduling.k8s.io", "storage.k8s.io",
	}
	ourGroups = []string{dns.GroupVersion.Group, elasticsearch.GroupVersion.Group, entra.GroupVersion.Group}
)

// A kind of object.
type kind struct{ apiVersion, kind string }

// String is the kind's name in requirements.
func (k kind) String() string { return k.apiVersion + "/" + k.kind }

// known says whether nobody has to look whether the kind is served.
func (k kind) known() bool { return k.builtIn() || slices.Contains(ourGroups, k.group()) }

// builtIn kinds have the names that the usual rules give.
func (k kind) builtIn() bool { return slices.Contains(builtInGroups, k.group()) }

func (k kind) group() string {
	group, _, grouped := strings.Cut(k.apiVersion, "/")
	if !grouped {
		return ""
	}
	return group
}

// resource is the kind's by the usual rules, after which its definition is named. A
// schema alone would not do to know a kind by: Crossplane may keep its answer that
// there is none for long after the kind is defined, while it watches the definition.
// Nor would the definition: some kinds have a plural of their own, and some are served
// by another program than the API server.
func (k kind) resource() schema.GroupResource {
	plural, _ := meta.UnsafeGuessKindToResource(schema.FromAPIVersionAndKind(k.apiVersion, k.kind))
	return plural.GroupResource()
}

// kindHold says why no object of a kind can be created now, or looked up. A kind that
// the API server does not serve, or that Crossplane may not write, would stop
// Crossplane's whole pass, of which a claim then says nothing.
func (in input) kindHold(whose string, k kind) *status.Health {
	_, asked := in.kinds[k.String()]
	switch {
	case !in.role || !k.known() && !asked:
		return new(status.Progressing(status.ReasonCreating, fmt.Sprintf("Looking whether the API server knows kind %s, and lets Crossplane write it", k.kind)))
	case !in.served(k):
		return new(status.Failed(status.ReasonKindMissing, fmt.Sprintf(
			"%s needs kind %s of %s, which the API server does not know; install its CustomResourceDefinition", whose, k.kind, k.apiVersion), v1alpha1.FixerPlatformTeam))
	case !in.writable(k):
		return new(status.Failed(status.ReasonNotAllowed, fmt.Sprintf(
			"%s needs Crossplane to be allowed to write %s; grant it by a ClusterRole with the label rbac.crossplane.io/aggregate-to-crossplane", whose, k.resource()), v1alpha1.FixerPlatformTeam))
	default:
		return nil
	}
}

// served says whether the API server is known to serve a kind.
func (in input) served(k kind) bool { return k.known() || in.kinds[k.String()] }

// writable says whether Crossplane may write a kind, as far as it is known.
func (in input) writable(k kind) bool {
	return in.rights.allow(k.resource(), !k.builtIn() && !in.defined[k.String()])
}

// lookUpKind asks for what kindHold has to know.
func (in input) lookUpKind(k kind, out *fnv1.Requirements) {
	out.Resources[requireRole] = named(rbacv1.SchemeGroupVersion.String(), "ClusterRole", "", crossplaneRole)
	if k.known() {
		return
	}
	name := requireKind + k.String()
	out.Schemas[name] = &fnv1.SchemaSelector{ApiVersion: k.apiVersion, Kind: k.kind}
	out.Resources[name] = named("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", k.resource().String())
}
