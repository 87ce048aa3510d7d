package environment

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// zoneWithDefaults fills in what a zone may leave out. What it holds by reference is
// the Blueprint's own, so it is copied.
func zoneWithDefaults(z v1alpha1.Zone) v1alpha1.Zone {
	z.DNS.TTLSeconds = cmp.Or(z.DNS.TTLSeconds, 300)
	if z.Ingress != nil {
		i := *z.Ingress
		i.Class = cmp.Or(i.Class, "kong")
		z.Ingress = &i
	}
	if z.Certificate != nil {
		c := *z.Certificate
		c.Issuer.Group = cmp.Or(c.Issuer.Group, "cert-manager.io")
		c.Issuer.Kind = cmp.Or(c.Issuer.Kind, "ClusterIssuer")
		c.Algorithm = cmp.Or(c.Algorithm, v1alpha1.KeyECDSA)
		if sizes := keySizes(c.Algorithm); len(sizes) > 0 {
			c.Size = cmp.Or(c.Size, sizes[0])
		}
		c.RotationPolicy = cmp.Or(c.RotationPolicy, v1alpha1.RotationAlways)
		z.Certificate = &c
	}
	return z
}

// keySizes are those that cert-manager takes, the default first. Ed25519 has none.
func keySizes(a v1alpha1.KeyAlgorithm) []int64 {
	switch a {
	case v1alpha1.KeyECDSA:
		return []int64{256, 384, 521}
	case v1alpha1.KeyRSA:
		return []int64{2048, 3072, 4096}
	default:
		return nil
	}
}

// gatewayNamespaces are those of the gateways and of what runs them.
func gatewayNamespaces(zones map[string]v1alpha1.Zone) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(zones)) {
		out = append(out, zones[name].GatewayNamespace)
		if g := zones[name].Gateway; g != nil {
			out = append(out, g.Namespace)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func checkRouting(at *field.Path, r v1alpha1.Routing) field.ErrorList {
	zones := r.Zones
	if len(zones) == 0 {
		return field.ErrorList{field.Required(at.Child("zones"), "name at least one zone")}
	}
	errs := checkOneOf(at.Child("defaultZone"), r.DefaultZone, slices.Sorted(maps.Keys(zones))...)
	for _, name := range slices.Sorted(maps.Keys(zones)) {
		here := at.Child("zones").Key(name)
		errs = append(errs, checkText(here, name, serviceName, maxZone, "must be lowercase letters, digits and hyphens, and begin with a letter")...)
		errs = append(errs, checkZone(here, zones[name])...)
	}
	return errs
}

func checkZone(at *field.Path, z v1alpha1.Zone) field.ErrorList {
	errs := slices.Concat(
		checkWayIn(at, z),
		checkLabel(at.Child("gatewayNamespace"), z.GatewayNamespace),
		checkDNS(at.Child("dns"), z.DNS),
	)
	for i, domain := range z.WildcardDomains {
		errs = append(errs, checkSuffix(at.Child("wildcardDomains").Index(i), domain)...)
	}
	for _, name := range slices.Sorted(maps.Keys(z.Plugins)) {
		here := at.Child("plugins").Key(name)
		errs = append(errs, checkText(here, name, labelName, maxName, "must be lowercase letters, digits and hyphens")...)
		errs = append(errs, checkSubdomain(here, z.Plugins[name])...)
	}
	return errs
}

// checkWayIn holds a zone to one way in, and its certificates to that way.
func checkWayIn(at *field.Path, z v1alpha1.Zone) field.ErrorList {
	switch {
	case (z.Ingress == nil) == (z.Gateway == nil):
		return field.ErrorList{field.Required(at, "a zone has either an ingress or a gateway")}
	case z.Gateway != nil:
		errs := slices.Concat(
			checkSubdomain(at.Child("gateway", "name"), z.Gateway.Name),
			checkLabel(at.Child("gateway", "namespace"), z.Gateway.Namespace),
			checkSubdomain(at.Child("gateway", "sectionName"), z.Gateway.SectionName),
			checkAnnotations(at.Child("gateway", "annotations"), z.Gateway.Annotations),
		)
		if z.Certificate != nil {
			errs = append(errs, field.Forbidden(at.Child("certificate"), "the listener of a Gateway holds the certificate; set it there"))
		}
		return errs
	}
	errs := checkSubdomain(at.Child("ingress", "class"), z.Ingress.Class)
	errs = append(errs, checkAnnotations(at.Child("ingress", "annotations"), z.Ingress.Annotations)...)
	if z.Certificate == nil {
		return append(errs, field.Required(at.Child("certificate"), "the hosts of an ingress need certificates; name an issuer"))
	}
	return append(errs, checkCertificate(at.Child("certificate"), *z.Certificate)...)
}

func checkAnnotations(at *field.Path, annotations map[string]string) field.ErrorList {
	var errs field.ErrorList
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		for _, problem := range validation.IsQualifiedName(strings.ToLower(key)) {
			errs = append(errs, field.Invalid(at, key, problem))
		}
	}
	return errs
}

func checkCertificate(at *field.Path, c v1alpha1.ZoneCertificate) field.ErrorList {
	errs := slices.Concat(
		checkSubdomain(at.Child("issuer", "group"), c.Issuer.Group),
		checkText(at.Child("issuer", "kind"), c.Issuer.Kind, kindShape, maxNamespace, "must be a kind such as ClusterIssuer"),
		checkSubdomain(at.Child("issuer", "name"), c.Issuer.Name),
		checkOneOf(at.Child("algorithm"), c.Algorithm, v1alpha1.KeyECDSA, v1alpha1.KeyRSA, v1alpha1.KeyEd25519),
		checkOneOf(at.Child("rotationPolicy"), c.RotationPolicy, v1alpha1.RotationAlways, v1alpha1.RotationNever),
	)
	if sizes := keySizes(c.Algorithm); (len(sizes) > 0 || c.Size != 0) && !slices.Contains(sizes, c.Size) {
		errs = append(errs, field.Invalid(at.Child("size"), c.Size, fmt.Sprintf("must be one of %v with algorithm %s", sizes, c.Algorithm)))
	}
	return append(errs, checkRenewal(at, c)...)
}

// checkRenewal holds the times to what cert-manager demands.
func checkRenewal(at *field.Path, c v1alpha1.ZoneCertificate) field.ErrorList {
	duration, before := 90*24*time.Hour, time.Duration(0) // Those of cert-manager.
	var errs field.ErrorList
	for _, t := range []struct {
		name, text string
		into       *time.Duration
		least      time.Duration
	}{
		{"duration", c.Duration, &duration, time.Hour},
		{"renewBefore", c.RenewBefore, &before, 5 * time.Minute},
	} {
		if t.text == "" {
			continue
		}
		d, err := time.ParseDuration(t.text)
		if err != nil || d < t.least {
			errs = append(errs, field.Invalid(at.Child(t.name), t.text, fmt.Sprintf("must be a duration such as 720h, and at least %s", t.least)))
			continue
		}
		*t.into = d
	}
	if len(errs) == 0 && before >= duration {
		errs = append(errs, field.Invalid(at.Child("renewBefore"), c.RenewBefore, fmt.Sprintf("must be less than the duration of %s", duration)))
	}
	return errs
}

// domains are templates of the DNS names that belong to one environment as a whole.
type domains []string

func wildcardDomains(zones map[string]v1alpha1.Zone) domains {
	var out domains
	for _, name := range slices.Sorted(maps.Keys(zones)) {
		for _, template := range zones[name].WildcardDomains {
			if len(checkSuffix(nil, template)) == 0 { // A mistake in it is told where it stands.
				out = append(out, template)
			}
		}
	}
	return out
}

// holds says that a suffix which all teams share lies in a domain that belongs to
// one environment, without being one itself.
func (d domains) holds(suffix string) bool {
	_, ok := d.of(suffix)
	return ok && !strings.Contains(suffix, "{") && !slices.Contains(d, suffix)
}

// of returns the outermost such domain that a host lies at or below. It depends on
// the host alone, not on who asks, so all that asks for a name asks for one domain.
func (d domains) of(host string) (string, bool) {
	host = strings.TrimPrefix(host, wildcard)
	labels := strings.Split(host, ".")
	outermost := ""
	for _, template := range d {
		n := strings.Count(template, ".") + 1
		if n > len(labels) {
			continue
		}
		domain := strings.Join(labels[len(labels)-n:], ".")
		if matches, err := path.Match(anyLabel.Replace(template), domain); matches && err == nil && (outermost == "" || len(domain) < len(outermost)) {
			outermost = domain
		}
	}
	return outermost, outermost != ""
}

// anyLabel reads a placeholder as any letters: what it stands for has no dot.
var anyLabel = strings.NewReplacer("{team}", "*", "{service}", "*", "{environment}", "*") //nolint:gochecknoglobals // A constant.
