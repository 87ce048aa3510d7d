package compose

import (
	"cmp"
	"strings"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// managedSpec is what all managed resources of our provider have.
func managedSpec(providerConfig string, policy v1alpha1.DeletionPolicy, grace time.Duration) xpv2.ManagedResourceSpec {
	spec := xpv2.ManagedResourceSpec{
		ManagementPolicies: xpv2.ManagementPolicies{xpv2.ManagementActionAll},
		ProviderConfigReference: &xpv2.ProviderConfigReference{
			Kind: "ClusterProviderConfig",
			Name: providerConfig,
		},
	}
	if keeps(policy, grace) {
		spec.ManagementPolicies = xpv2.ManagementPolicies{
			xpv2.ManagementActionObserve, xpv2.ManagementActionCreate, xpv2.ManagementActionUpdate, xpv2.ManagementActionLateInitialize,
		}
	}
	return spec
}

// keeps says whether an object outlives its managed resource, for good or for a while.
func keeps(policy v1alpha1.DeletionPolicy, grace time.Duration) bool {
	return policy == v1alpha1.DeletionRetain || grace > 0
}

// terms are on what the object behind a managed resource is taken, to whom it is handed
// over, which is the resource that the other claim has in the place of this one, and for
// how long it is kept once it outlives its resource.
func terms(p environment.Plan, resource string, grace time.Duration) custody.Terms {
	t := custody.Terms{Adoption: p.Adoption}
	if p.HandOver != "" {
		t.HandOver = p.HandOver + strings.TrimPrefix(p.Home+"/"+resource, p.Holder)
	}
	if grace > 0 {
		t.Grace = &metav1.Duration{Duration: grace}
	}
	return t
}

// IsManaged says whether an object is a managed resource of our provider.
func IsManaged(o Object) bool {
	group, _, _ := strings.Cut(o.text("apiVersion"), "/")
	return isOurs(group)
}

func isOurs(group string) bool {
	return group == elasticsearch.GroupVersion.Group || group == entra.GroupVersion.Group
}

// ManagedHealth reads the conditions that every managed resource has: Synced says
// whether the provider reached the system behind it and got its way there, Ready
// whether what it stands for serves its users.
func ManagedHealth(o Object) status.Health {
	synced, ready := o.condition(string(xpv2.TypeSynced)), o.condition(string(xpv2.TypeReady))
	switch {
	case synced.text("reason") == string(xpv2.ReasonReconcilePaused):
		return status.Progressing(status.ReasonPaused, "Paused by its annotation crossplane.io/paused")
	case synced.number("observedGeneration") != 0 && synced.number("observedGeneration") < o.generation():
		return status.Progressing(status.ReasonCreating, "The provider has not looked at its latest change")
	case synced.text("status") == "False":
		return notSynced(cmp.Or(synced.text("message"), synced.text("reason")))
	case synced.text("status") == "True" && ready.text("status") == "True":
		return status.Available()
	case ready.text("reason") == string(xpv2.ReasonUnavailable):
		return status.Failed(status.ReasonBackendFailed, cmp.Or(ready.text("message"), "It serves nobody"), v1alpha1.FixerPlatformTeam)
	case ready.text("message") != "":
		return status.Progressing(status.ReasonCreating, ready.text("message"))
	default:
		return status.Progressing(status.ReasonCreating, "The provider is at work")
	}
}

// notSynced finds who has to act. The provider marks what it refuses to touch, and what
// a backend refuses for what it asks, with the word that it begins its message with;
// the runtime may put words before it.
func notSynced(message string) status.Health {
	for _, reason := range []string{
		status.ReasonExistsNotOwned, status.ReasonOwnedElsewhere, status.ReasonNameTaken, status.ReasonImmutableIndex, status.ReasonImmutableMapping, status.ReasonRefused, status.ReasonDataLoss,
	} {
		if i := strings.Index(message, reason+": "); i >= 0 {
			return status.Failed(reason, message[i+len(reason)+2:], v1alpha1.FixerDeveloper)
		}
	}
	if i := strings.Index(message, status.ReasonThrottled+": "); i >= 0 {
		return status.Progressing(status.ReasonThrottled, message[i+len(status.ReasonThrottled)+2:])
	}
	for _, step := range []string{"connect", "observe", "create", "update", "delete"} { // The runtime's words, which tell a developer nothing.
		message = strings.TrimPrefix(message, step+" failed: ")
	}
	return status.Failed(status.ReasonBackendFailed, message, v1alpha1.FixerPlatformTeam)
}

// settleManaged writes what the provider would.
func settleManaged(o Object) {
	o.set([]any{
		map[string]any{"type": string(xpv2.TypeSynced), "status": "True", "reason": string(xpv2.ReasonReconcileSuccess)},
		map[string]any{"type": string(xpv2.TypeReady), "status": "True", "reason": string(xpv2.ReasonAvailable)},
	}, "status", "conditions")
}
