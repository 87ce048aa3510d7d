package compose

import (
	"cmp"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// certificate is what we set of cert-manager's cert-manager.io/v1 Certificate. Its
// own module is many times the size of this program.
type certificate struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec certificateSpec `json:"spec"`
}

type certificateSpec struct {
	SecretName  string                `json:"secretName"`
	DNSNames    []string              `json:"dnsNames"`
	Duration    string                `json:"duration,omitempty"`
	RenewBefore string                `json:"renewBefore,omitempty"`
	IssuerRef   certificateIssuer     `json:"issuerRef"`
	PrivateKey  certificatePrivateKey `json:"privateKey"`
	Usages      []string              `json:"usages"`
}

type certificateIssuer struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
}

type certificatePrivateKey struct {
	Algorithm      string `json:"algorithm"`
	Size           int64  `json:"size,omitempty"` // None where the algorithm has one only.
	RotationPolicy string `json:"rotationPolicy"`
}

// certificates are those of the hosts of zones with an ingress, which cert-manager
// issues. A zone with a gateway has its own: Kong's controller takes none from a
// route. No common name is set: clients ignore it, and one of more than 64 letters
// breaks.
func certificates(p environment.Plan, w World) []Part {
	var parts []Part
	for _, h := range p.Hosts {
		if h.Zone.Certificate == nil {
			continue
		}
		c := *h.Zone.Certificate
		parts = append(parts, Part{
			Name:       "certificate-" + h.Object,
			Capability: status.Route,
			Title:      h.Name,
			Needs:      []string{PartNamespace, HostPart(h.Lease)},
			Resource: &certificate{
				TypeMeta:   typeMeta("cert-manager.io/v1", "Certificate"),
				ObjectMeta: meta(p, h.Object),
				Spec: certificateSpec{
					SecretName:  h.SecretName,
					DNSNames:    []string{h.Name},
					Duration:    c.Duration,
					RenewBefore: c.RenewBefore,
					IssuerRef:   certificateIssuer{Group: c.Issuer.Group, Kind: c.Issuer.Kind, Name: c.Issuer.Name},
					PrivateKey:  certificatePrivateKey{Algorithm: string(c.Algorithm), Size: c.Size, RotationPolicy: string(c.RotationPolicy)},
					Usages:      []string{"digital signature", "key encipherment", "server auth"},
				},
			},
			Health: func(o Object) status.Health { return certificateHealth(o, c.Issuer, w.Issuers) },
			Settle: settleCertificate,
		})
	}
	return parts
}

// certificateHealth takes a Ready of an earlier generation for none: it may be that
// of a certificate for other names.
//
// cert-manager goes on waiting for an issuer that is missing or ill, and says so of a
// CertificateRequest that nobody reads. So the issuer is looked at while there is no
// certificate.
func certificateHealth(o Object, ref v1alpha1.Issuer, issuers map[string]Object) status.Health {
	ready, issuing := o.condition("Ready"), o.condition("Issuing")
	current := ready.number("observedGeneration") >= o.generation()
	switch {
	case ready.text("status") == "True" && current:
		return status.Available()
	// The reason is Failed, or what the policy that denied it called its own. Issued ends well.
	case issuing.text("status") == "False" && issuing.text("reason") != "Issued":
		return status.Failed(status.ReasonIssuingFailed, issuing.text("message"), v1alpha1.FixerPlatformTeam)
	case ref.Name != "" && issuerProblem(ref, issuers) != "":
		return status.Failed(status.ReasonIssuingFailed, issuerProblem(ref, issuers), v1alpha1.FixerPlatformTeam)
	case ready.text("status") == "False" && current:
		return status.Progressing(status.ReasonCreating, cmp.Or(ready.text("message"), "cert-manager is at work"))
	default:
		return status.Progressing(status.ReasonCreating, "cert-manager is at work")
	}
}

// issuerProblem says what is wrong with an issuer, if it was looked up.
func issuerProblem(ref v1alpha1.Issuer, issuers map[string]Object) string {
	issuer, known := issuers[ref.Name]
	ready := issuer.condition("Ready")
	switch {
	case !known:
		return ""
	case issuer == nil:
		return fmt.Sprintf("%s %q does not exist", ref.Kind, ref.Name)
	case ready.text("status") == "False":
		return fmt.Sprintf("%s %q is not ready: %s", ref.Kind, ref.Name, cmp.Or(ready.text("message"), ready.text("reason")))
	default:
		return ""
	}
}

// IssuersToLookUp names the ClusterIssuers whose state would explain why a host has no
// certificate. Issuers of another kind are not cert-manager's own, or lie where
// Crossplane may not look.
func IssuersToLookUp(p environment.Plan, o Observed) []string {
	var names []string
	for _, h := range p.Hosts {
		if h.Zone.Certificate == nil {
			continue
		}
		issuer := h.Zone.Certificate.Issuer
		c, exists := o["certificate-"+h.Object]
		if exists && issuer.Group == "cert-manager.io" && issuer.Kind == "ClusterIssuer" && certificateHealth(c, v1alpha1.Issuer{}, nil).State != v1alpha1.ResourceReady {
			names = append(names, issuer.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func settleCertificate(o Object) {
	o.set([]any{
		map[string]any{"type": "Ready", "status": "True", "reason": "Ready", "observedGeneration": o.generation()},
	}, "status", "conditions")
}
