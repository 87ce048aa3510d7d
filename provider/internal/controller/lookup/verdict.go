package lookup

import (
	"fmt"
	"strings"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
)

// verdict is the condition Ready of a host that was looked up. Its words follow from what
// was seen alone.
func (s sight) verdict(spec v1alpha1.LookupSpec) xpv2.Condition {
	host := spec.DNSName
	ours := spec.Registry != nil && s.owner == spec.Registry.OwnerID
	foreign := spec.Registry != nil && !ours
	switch {
	case !s.Found():
		return xpv2.Creating().WithMessage(fmt.Sprintf("%s does not resolve yet (%s)", host, s.nothing(spec.RecordType)))
	case s.right && s.Missing && len(s.Names) > 0:
		return xpv2.Unavailable().WithMessage(fmt.Sprintf("%s leads to %s, which does not resolve (NXDOMAIN from %s)", host, s.Names[len(s.Names)-1], s.Server))
	case s.right && foreign:
		return condition(corev1.ConditionTrue, v1alpha1.ReasonRecordNotOwned, fmt.Sprintf("%s leads where it should, but %s", host, s.whose()))
	case s.right:
		return xpv2.Available()
	case ours:
		return xpv2.Creating().WithMessage(fmt.Sprintf("%s leads to %s, and not yet to %s", host, s.where(), strings.Join(spec.Targets, ", ")))
	case foreign:
		return condition(corev1.ConditionFalse, v1alpha1.ReasonRecordNotOwned, fmt.Sprintf("%s; %s", s.elsewhere(spec), s.whose()))
	default:
		return condition(corev1.ConditionFalse, v1alpha1.ReasonLeadsElsewhere, s.elsewhere(spec))
	}
}

// nothing is how a server says that a host leads nowhere.
func (s sight) nothing(kind v1alpha1.RecordType) string {
	if s.Missing {
		return "NXDOMAIN from " + s.Server
	}
	return fmt.Sprintf("no %s record from %s", kind, s.Server)
}

func (s sight) elsewhere(spec v1alpha1.LookupSpec) string {
	return fmt.Sprintf("%s leads to %s, not to %s", spec.DNSName, s.where(), strings.Join(spec.Targets, ", "))
}

// where the record of the host leads: not further, as what comes then is not in it.
func (s sight) where() string {
	if len(s.Names) > 0 {
		return s.Names[0]
	}
	return strings.Join(s.answers(), ", ")
}

func (s sight) whose() string {
	if s.owner == "" {
		return "no ExternalDNS says that its record is its own"
	}
	return "its record belongs to ExternalDNS owner " + s.owner
}

func condition(status corev1.ConditionStatus, reason xpv2.ConditionReason, message string) xpv2.Condition {
	return xpv2.Condition{Type: xpv2.TypeReady, Status: status, Reason: reason, Message: message, LastTransitionTime: metav1.Now()}
}
