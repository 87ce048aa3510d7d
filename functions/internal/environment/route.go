package environment

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// These too are those of the claim's schema.
var (
	routeHost    = regexp.MustCompile(`^(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$`)
	routePath    = regexp.MustCompile(`^/([A-Za-z0-9._~!$&'()*+,;=:@%-]+/?)*$`)
	routePattern = regexp.MustCompile(`^/[!-~]*$`)
	routeTimeout = regexp.MustCompile(`^[1-9][0-9]{0,4}(ms|s|m)$`)
)

const (
	maxRoutes  = 100
	maxHosts   = 50
	maxHost    = 200
	maxPath    = 200
	maxZone    = 30
	maxPlugins = 10
	maxTimeout = 10

	// maxRules is the most that one HTTPRoute takes.
	maxRules = 16
)

// defaultPath is the path of a route that names none, as in the claim's schema.
const defaultPath = "/"

func pathOf(r v1alpha1.Route) string { return cmp.Or(r.Path, defaultPath) }

func pathTypeOf(r v1alpha1.Route) v1alpha1.PathType { return cmp.Or(r.PathType, v1alpha1.PathPrefix) }

func (s Spec) zoneOf(r v1alpha1.Route) string { return cmp.Or(r.Zone, s.blueprint.Routing.DefaultZone) }

func (s Spec) checkRoutes(at *field.Path) field.ErrorList {
	var errs field.ErrorList
	routes := s.claim.Spec.Routes
	if len(routes) > maxRoutes {
		return field.ErrorList{field.TooMany(at, len(routes), maxRoutes)}
	}
	seen, zones := map[string]bool{}, map[string]string{}
	for i, r := range routes {
		here := at.Index(i)
		errs = append(errs, s.checkRoute(here, r)...)
		if seen[r.Host+pathOf(r)] {
			errs = append(errs, field.Duplicate(here, r.Host+pathOf(r)))
		}
		seen[r.Host+pathOf(r)] = true
		zone := s.zoneOf(r)
		if other, known := zones[r.Host]; known && other != zone {
			errs = append(errs, field.Invalid(here.Child("zone"), zone, fmt.Sprintf("must be %q, as another route of this host says: a host is in one zone", other)))
			continue
		}
		zones[r.Host] = zone
	}
	if len(zones) > maxHosts {
		errs = append(errs, field.Invalid(at, len(zones), fmt.Sprintf("must have at most %d hosts", maxHosts)))
	}
	return errs
}

// checkRoute checks a route by itself, and then against what its zone can do.
func (s Spec) checkRoute(at *field.Path, r v1alpha1.Route) field.ErrorList {
	errs := checkText(at.Child("host"), r.Host, routeHost, maxHost,
		"must be a DNS name of at least two labels, in lowercase ASCII, without port and without a dot at the end; only its first label may be *")
	wellFormed := len(errs) == 0
	errs = append(errs, checkPath(at, r)...)
	errs = append(errs, checkText(at.Child("service"), r.Service, serviceName, maxKubeService, "must be the name of a Kubernetes Service")...)
	errs = append(errs, checkRange(at.Child("port"), &r.Port, 1, maxPort)...)
	zone, known := s.blueprint.Routing.Zones[s.zoneOf(r)]
	if !known {
		return append(errs, field.NotSupported(at.Child("zone"), r.Zone, slices.Sorted(maps.Keys(s.blueprint.Routing.Zones))))
	}
	if wellFormed {
		errs = append(errs, s.checkHost(at.Child("host"), r, zone)...)
	}
	errs = append(errs, checkRewrite(at.Child("rewrite"), r, zone)...)
	errs = append(errs, checkPlugins(at.Child("plugins"), r.Plugins, zone)...)
	return append(errs, checkTimeouts(at.Child("timeouts"), r.Timeouts, zone)...)
}

func checkPath(at *field.Path, r v1alpha1.Route) field.ErrorList {
	errs := checkOneOf(at.Child("pathType"), pathTypeOf(r), v1alpha1.PathPrefix, v1alpha1.PathExact, v1alpha1.PathRegularExpression)
	if pathTypeOf(r) != v1alpha1.PathRegularExpression {
		return append(errs, checkText(at.Child("path"), pathOf(r), routePath, maxPath, "must begin with / and hold no empty segment, space, query or fragment")...)
	}
	bad := checkText(at.Child("path"), pathOf(r), routePattern, maxPath, "must begin with / and hold no space")
	if len(bad) == 0 {
		if _, err := regexp.Compile(pathOf(r)); err != nil {
			bad = field.ErrorList{field.Invalid(at.Child("path"), pathOf(r), "must be a regular expression of RE2: "+err.Error())}
		}
	}
	return append(errs, bad...)
}

// checkHost holds a host to what the Blueprint gives this team, service and
// environment in the zone. A wildcard is held to it by the domain below which it is.
func (s Spec) checkHost(at *field.Path, r v1alpha1.Route, zone v1alpha1.Zone) field.ErrorList {
	if s.named == "" {
		return nil // Already reported; no rule can be named.
	}
	var errs field.ErrorList
	domain, wild := strings.CutPrefix(r.Host, wildcard)
	if strings.HasPrefix(r.Host, "xn--") || strings.Contains(r.Host, ".xn--") {
		if !zone.InternationalHosts {
			errs = append(errs, field.Invalid(at, r.Host, fmt.Sprintf("must have no label that begins with xn--, as it may look like another host; the platform team can allow it with internationalHosts in zone %q", s.zoneOf(r))))
		}
	}
	who := fmt.Sprintf("team %q and service %q in %q, zone %q", s.team, s.claim.Spec.Service, s.claim.Spec.Environment, s.zoneOf(r))
	suffixes := s.filled(s.class.HostSuffixes[s.zoneOf(r)])
	switch {
	case len(suffixes) == 0:
		return append(errs, field.Forbidden(at, fmt.Sprintf("the Blueprint allows no hosts to %s; ask the platform team for hostSuffixes", who)))
	case !liesBelow(domain, suffixes):
		return append(errs, field.Invalid(at, r.Host, fmt.Sprintf("must lie at or below %s, which is what the Blueprint allows %s", strings.Join(suffixes, " or "), who)))
	}
	if allowed := s.filled(zone.WildcardDomains); wild && !liesBelow(domain, allowed) {
		if len(allowed) == 0 {
			return append(errs, field.Forbidden(at, fmt.Sprintf("zone %q allows no wildcards; name each host, or ask the platform team for wildcardDomains", s.zoneOf(r))))
		}
		errs = append(errs, field.Invalid(at, r.Host, fmt.Sprintf("must be a wildcard at or below %s; name each host elsewhere", strings.Join(allowed, " or "))))
	}
	return errs
}

func liesBelow(host string, suffixes []string) bool {
	return slices.ContainsFunc(suffixes, func(suffix string) bool {
		return host == suffix || strings.HasSuffix(host, "."+suffix)
	})
}

func checkRewrite(at *field.Path, r v1alpha1.Route, zone v1alpha1.Zone) field.ErrorList {
	if r.Rewrite == nil {
		return nil
	}
	if pathTypeOf(r) != v1alpha1.PathPrefix {
		return field.ErrorList{field.Invalid(at, pathTypeOf(r), "only a path of type Prefix can be rewritten")}
	}
	errs := checkText(at.Child("prefix"), r.Rewrite.Prefix, routePath, maxPath, "must begin with / and hold no empty segment, space, query or fragment")
	if zone.Ingress != nil && r.Rewrite.Prefix != "/" {
		errs = append(errs, field.Invalid(at.Child("prefix"), r.Rewrite.Prefix, "must be / in a zone with an ingress; choose a zone with a gateway for another"))
	}
	return errs
}

func checkPlugins(at *field.Path, plugins []string, zone v1alpha1.Zone) field.ErrorList {
	var errs field.ErrorList
	if len(plugins) > maxPlugins {
		errs = append(errs, field.TooMany(at, len(plugins), maxPlugins))
	}
	seen := map[string]bool{}
	for i, name := range plugins {
		if _, ok := zone.Plugins[name]; !ok {
			errs = append(errs, field.NotSupported(at.Index(i), name, slices.Sorted(maps.Keys(zone.Plugins))))
		}
		if seen[name] {
			errs = append(errs, field.Duplicate(at.Index(i), name))
		}
		seen[name] = true
	}
	return errs
}

// checkTimeouts knows that Kong reads the timeouts of an Ingress from its Service,
// which is the developer's own.
func checkTimeouts(at *field.Path, t *v1alpha1.Timeouts, zone v1alpha1.Zone) field.ErrorList {
	if t == nil {
		return nil
	}
	errs := checkText(at.Child("request"), t.Request, routeTimeout, maxTimeout, "must be a time such as 500ms, 30s or 2m")
	if zone.Ingress != nil {
		errs = append(errs, field.Forbidden(at, "a zone with an ingress has no timeouts; choose a zone with a gateway, or annotate the Service with konghq.com/read-timeout"))
	}
	return errs
}

// hosts gathers the routes of one host, as they share its record and certificate,
// in the order in which the claim first names each.
func (s Spec) hosts() []Host {
	var hosts []Host
	index := map[string]int{}
	for _, r := range s.claim.Spec.Routes {
		i, known := index[r.Host]
		if !known {
			i = len(hosts)
			index[r.Host] = i
			hosts = append(hosts, s.host(r))
		}
		hosts[i].add(r)
	}
	return hosts
}

func (s Spec) host(r v1alpha1.Route) Host {
	zone := s.blueprint.Routing.Zones[s.zoneOf(r)]
	return Host{
		Name:       r.Host,
		Object:     objectName(r.Host),
		Lease:      s.hostLease(r.Host),
		SecretName: objectName(r.Host) + "-tls",
		RecordType: recordType(zone.DNS.Target),
		Zone:       zone,
	}
}

// add puts a route beside those of its host that are handled alike.
func (h *Host) add(r v1alpha1.Route) {
	e := Entry{}
	for _, name := range r.Plugins {
		e.Plugins = append(e.Plugins, h.Zone.Plugins[name])
	}
	if r.Rewrite != nil {
		e.Rewrite = r.Rewrite.Prefix
	}
	if r.Timeouts != nil {
		e.Timeout = r.Timeouts.Request
	}
	name := entryName(h.Object, e, r.Plugins)
	e.Name = name
	i, n := h.entry(name), 2
	for ; i >= 0 && h.Zone.Gateway != nil && len(h.Entries[i].Paths) == maxRules; n++ {
		e.Name = fmt.Sprintf("%s-%d", name, n)
		i = h.entry(e.Name)
	}
	if i < 0 {
		i = len(h.Entries)
		h.Entries = append(h.Entries, e)
	}
	h.Entries[i].Paths = append(h.Entries[i].Paths, Path{Path: pathOf(r), Type: pathTypeOf(r), Service: r.Service, Port: r.Port})
}

func (h *Host) entry(name string) int {
	return slices.IndexFunc(h.Entries, func(e Entry) bool { return e.Name == name })
}

// URLs of the host, but for those that only an expression tells.
func (h *Host) URLs() []string {
	var urls []string
	for _, e := range h.Entries {
		for _, p := range e.Paths {
			if p.Type != v1alpha1.PathRegularExpression {
				urls = append(urls, "https://"+h.Name+p.Path)
			}
		}
	}
	return urls
}

// entryName is that of the host, with a hash of what sets the entry apart. So it
// stays when paths come and go, and when the Blueprint gives a plugin another name.
func entryName(host string, e Entry, plugins []string) string {
	if e.Rewrite == "" && e.Timeout == "" && len(plugins) == 0 {
		return host
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{e.Rewrite, e.Timeout, strings.Join(plugins, ",")}, "\n")))
	return host + "-" + hex.EncodeToString(sum[:4])
}

// gatewayNamespacesOf are those that serve the hosts.
func gatewayNamespacesOf(hosts []Host) []string {
	var out []string
	for _, h := range hosts {
		out = append(out, h.Zone.GatewayNamespace)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func recordType(target string) string {
	addr, err := netip.ParseAddr(target)
	switch {
	case err != nil:
		return "CNAME"
	case addr.Is4():
		return "A"
	default:
		return "AAAA"
	}
}
