package environment

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// maxAffix is the most that a label of a DNS name holds.
const maxAffix = 63

var (
	ownerID  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	txtAffix = regexp.MustCompile(`^([A-Za-z0-9._-]|%\{record_type\})+$`)
)

func checkDNS(at *field.Path, d v1alpha1.DNS) field.ErrorList {
	var errs field.ErrorList
	if _, err := netip.ParseAddr(d.Target); err != nil && !hostName.MatchString(d.Target) {
		errs = append(errs, field.Invalid(at.Child("target"), d.Target, "must be an IP address or a DNS name"))
	}
	if d.TTLSeconds < 1 || d.TTLSeconds > maxTTLSeconds {
		errs = append(errs, field.Invalid(at.Child("ttlSeconds"), d.TTLSeconds, fmt.Sprintf("must be between 1 and %d", maxTTLSeconds)))
	}
	if d.Lookup != nil {
		errs = append(errs, checkLookup(at.Child("lookup"), *d.Lookup)...)
	}
	return errs
}

// checkLookup holds the registry to what ExternalDNS takes.
func checkLookup(at *field.Path, l v1alpha1.DNSLookup) field.ErrorList {
	var errs field.ErrorList
	if l.Server != "" && !isServer(l.Server) {
		errs = append(errs, field.Invalid(at.Child("server"), l.Server, "must be an IP address or a DNS name, with a port if it is not 53, such as 10.0.0.2:5353"))
	}
	if l.TXTPrefix != "" && l.TXTSuffix != "" {
		errs = append(errs, field.Forbidden(at.Child("txtSuffix"), "ExternalDNS has a prefix or a suffix, and not both"))
	}
	if l.OwnerID != "" {
		errs = append(errs, checkText(at.Child("ownerID"), l.OwnerID, ownerID, maxAffix, "must be letters, digits, dots, hyphens and underscores")...)
	}
	for _, affix := range []struct{ name, text string }{
		{"txtPrefix", l.TXTPrefix}, {"txtSuffix", l.TXTSuffix}, {"txtWildcardReplacement", l.TXTWildcardReplacement},
	} {
		switch {
		case affix.text == "":
		case l.OwnerID == "":
			errs = append(errs, field.Forbidden(at.Child(affix.name), "it says where ExternalDNS marks its records; name its ownerID as well"))
		default:
			errs = append(errs, checkText(at.Child(affix.name), affix.text, txtAffix, maxAffix, "must be part of a DNS name, with %{record_type} where ExternalDNS puts the type")...)
		}
	}
	return errs
}

// isServer says whether a text is an address or a name, with a port or without.
func isServer(text string) bool {
	if host, port, err := net.SplitHostPort(text); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return false
		}
		text = host
	}
	_, err := netip.ParseAddr(text)
	return err == nil || hostName.MatchString(text)
}
