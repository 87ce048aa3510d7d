package environment

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

const (
	maxPeers = 50 // In each direction.
	maxPorts = 20
)

func (s Spec) checkConnections(at *field.Path) field.ErrorList {
	c := s.claim.Spec.Network
	if c == nil {
		return nil
	}
	errs := s.checkPeers(at.Child("allowFrom"), c.AllowFrom)
	return append(errs, s.checkPeers(at.Child("allowTo"), c.AllowTo)...)
}

func (s Spec) checkPeers(at *field.Path, peers []v1alpha1.Peer) field.ErrorList {
	var errs field.ErrorList
	if len(peers) > maxPeers {
		errs = append(errs, field.TooMany(at, len(peers), maxPeers))
	}
	seen := map[string]bool{}
	for i, p := range peers {
		here := at.Index(i)
		bad := s.checkPeer(here, p)
		name := s.peerName(p)
		if len(bad) == 0 && seen[name] {
			bad = field.ErrorList{field.Duplicate(here, cmp.Or(p.CIDR, name))}
		}
		seen[name] = true
		errs = append(errs, bad...)
		errs = append(errs, checkPorts(here.Child("ports"), p.Ports)...)
	}
	return errs
}

func (s Spec) checkPeer(at *field.Path, p v1alpha1.Peer) field.ErrorList {
	switch {
	case (p.Service == "") == (p.CIDR == ""):
		return field.ErrorList{field.Invalid(at, cmp.Or(p.Service, p.Environment), "name either a service or a cidr")}
	case p.CIDR != "" && p.Environment != "":
		return field.ErrorList{field.Invalid(at, p.Environment, "environment is that of a service; name the service")}
	case p.CIDR != "":
		return s.checkPermitted(at.Child("cidr"), p.CIDR)
	}
	errs := checkText(at.Child("service"), p.Service, serviceName, maxService,
		"must begin with a letter, end with a letter or digit, and hold only lowercase letters, digits and hyphens")
	if _, _, known := s.blueprint.classOf(p.Environment); p.Environment != "" && !known {
		errs = append(errs, field.NotSupported(at.Child("environment"), p.Environment, s.blueprint.environments()))
	}
	return errs
}

// checkPermitted holds a network to those that the Blueprint permits: it must lie
// in one of them as a whole.
func (s Spec) checkPermitted(at *field.Path, cidr string) field.ErrorList {
	if errs := checkCIDR(at, cidr); len(errs) > 0 {
		return errs
	}
	network := netip.MustParsePrefix(cidr)
	permitted := slices.Concat(s.blueprint.Network.EgressCIDRs, s.blueprint.Network.PermittedCIDRs)
	for _, p := range permitted {
		if in := netip.MustParsePrefix(p); in.Bits() <= network.Bits() && in.Contains(network.Addr()) {
			return nil
		}
	}
	const remedy = "ask the platform team to add it to network.permittedCIDRs"
	if len(permitted) == 0 {
		return field.ErrorList{field.Forbidden(at, "the Blueprint permits no networks; "+remedy)}
	}
	return field.ErrorList{field.Invalid(at, cidr, fmt.Sprintf("must lie within %s, which is what the Blueprint permits; %s", strings.Join(permitted, " or "), remedy))}
}

// checkCIDR takes the one way in which a network is written, so that no two names
// of it are told apart. IPv4 within IPv6 is another way to write IPv4.
func checkCIDR(at *field.Path, cidr string) field.ErrorList {
	p, err := netip.ParsePrefix(cidr)
	if err != nil || p.Addr().Is4In6() {
		return field.ErrorList{field.Invalid(at, cidr, "must be a network such as 10.0.0.0/8 or 2001:db8::/32")}
	}
	if canonical := p.Masked().String(); canonical != cidr {
		return field.ErrorList{field.Invalid(at, cidr, fmt.Sprintf("must be written as %s if that network is meant", canonical))}
	}
	return nil
}

func checkPorts(at *field.Path, ports []v1alpha1.Port) field.ErrorList {
	var errs field.ErrorList
	if len(ports) > maxPorts {
		errs = append(errs, field.TooMany(at, len(ports), maxPorts))
	}
	seen := map[v1alpha1.Port]bool{}
	for i, p := range ports {
		port := int32(p)
		errs = append(errs, checkRange(at.Index(i), &port, 1, maxPort)...)
		if seen[p] {
			errs = append(errs, field.Duplicate(at.Index(i), p))
		}
		seen[p] = true
	}
	return errs
}

// peerName tells peers apart in names of objects. That of a network ends with a
// number and that of an environment does not begin with one, so the two never meet.
func (s Spec) peerName(p v1alpha1.Peer) string {
	if p.CIDR != "" {
		return strings.NewReplacer(":", "-", "/", "-").Replace(p.CIDR)
	}
	return p.Service + "-" + s.peerEnvironment(p)
}

func (s Spec) peerEnvironment(p v1alpha1.Peer) string {
	return cmp.Or(p.Environment, s.claim.Spec.Environment)
}

// flows are the connections that the claim allows in one direction.
func (s Spec) flows(direction string, peers []v1alpha1.Peer) []Flow {
	var flows []Flow
	for _, p := range peers {
		f := Flow{Name: "allow-" + direction + "-" + s.peerName(p), CIDR: p.CIDR, Ports: p.Ports}
		if p.Service != "" {
			f.Namespaces = map[string]string{LabelService: p.Service, LabelEnvironment: s.peerEnvironment(p)}
		}
		flows = append(flows, f)
	}
	return flows
}
