package score

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func hasOwner(s subject) Result {
	switch {
	case s.claim.Spec.Access != nil && len(s.claim.Spec.Access.Owners) > 0:
		return pass(fmt.Sprintf("The claim names %d owners of its group.", len(s.claim.Spec.Access.Owners)))
	case len(s.blueprint.Identity.Owners) > 0:
		return pass("The Blueprint names owners of the group.")
	default:
		return fail("Nobody owns the group: name somebody in spec.access.owners.", v1alpha1.FixerDeveloper)
	}
}

func tagsComplete(s subject) Result {
	var missing []string
	for _, key := range s.blueprint.RequiredTags {
		if s.claim.Spec.Tags[key] == "" {
			missing = append(missing, key)
		}
	}
	if len(missing) > 0 {
		return fail("The Blueprint requires tags that are not there: add "+strings.Join(missing, ", ")+" to spec.tags.", v1alpha1.FixerDeveloper)
	}
	return pass("All tags are there that the Blueprint requires.")
}

func protected(s subject) Result {
	if s.class.Tier != v1alpha1.TierProduction {
		return pass("The environment is not production.")
	}
	protect := s.class.Protect
	if d := s.claim.Spec.Deletion; d != nil && d.Protect != nil {
		protect = *d.Protect
	}
	if !protect {
		return fail("One commit deletes a production environment: set spec.deletion.protect to true.", v1alpha1.FixerDeveloper)
	}
	return pass("It takes two commits to delete the environment.")
}

func certificatesReady(s subject) Result {
	for _, r := range s.claim.Resources("Certificate") {
		if r.State != v1alpha1.ResourceReady {
			return fail(fmt.Sprintf("The certificate of %s is not issued, or no longer valid: %s.", r.Name, strings.TrimSuffix(r.Message, ".")), v1alpha1.FixerPlatformTeam)
		}
	}
	return pass("Every certificate is issued and valid.")
}

// reviewed looks at the condition, in which the control plane says whether a day of
// spec.lifetime has come.
func reviewed(s subject) Result {
	c := meta.FindStatusCondition(s.claim.Status.Conditions, v1alpha1.ConditionWithinLifetime)
	if c != nil && c.Status == metav1.ConditionFalse {
		return fail("The environment "+strings.TrimSuffix(c.Message, ".")+".", v1alpha1.FixerDeveloper)
	}
	return pass("No day has passed on which somebody was to look at the environment.")
}
