package score

import (
	"fmt"
	"strings"

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
