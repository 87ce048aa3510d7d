package catalog

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// A Config says how claims appear in a company's catalog. The zero value is right
// where groups of the catalog are named as the teams' namespaces.
type Config struct {
	// Namespace of the entities in the catalog; {team} is filled in. Left out: default.
	Namespace string `json:"namespace,omitempty"`

	// Owner of everything a team has; {team} is filled in. Left out:
	// group:default/{team}.
	Owner string `json:"owner,omitempty"`

	// Owners of those teams that owner does not fit, by the namespace of their claims.
	Owners map[string]string `json:"owners,omitempty"`

	// Systems says who declares the System of each service: Feed, which is the default,
	// or Catalog where the company's catalog has them already. An entity must come from
	// one place alone.
	Systems Declarer `json:"systems,omitempty"`

	// Lifecycles by environment. Left out: production where the Blueprint says that the
	// environment is Production, and experimental elsewhere.
	Lifecycles map[string]string `json:"lifecycles,omitempty"`

	// Links of the entities of a type, beside those that are there anyway.
	Links map[string][]Link `json:"links,omitempty"`
}

// A Declarer is who declares Systems.
type Declarer string

// Those who may declare Systems.
const (
	DeclaredByFeed    Declarer = "Feed"
	DeclaredByCatalog Declarer = "Catalog"
)

// A Link leads from an entity to a system behind it. Its URL may hold {team},
// {service}, {environment}, {namespace}, {name} and {groupId}; one that cannot be
// filled in yet is left out.
type Link struct {
	Title string `json:"title"`
	URL   string `json:"url"`
	Icon  string `json:"icon,omitempty"`
}

// entra is where everybody finds a group, in whatever tenant they signed in to.
const entra = "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/GroupDetailsMenuBlade/~/Overview/groupId/{groupId}"

// placeholders are those of a link.
var placeholders = []string{"{team}", "{service}", "{environment}", "{namespace}", "{name}", "{groupId}"}

var (
	inBraces  = regexp.MustCompile(`\{[A-Za-z]+\}`)
	reference = regexp.MustCompile(`^([A-Za-z]+:)?([a-z0-9]([-a-z0-9]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`)
)

// ParseConfig reads a Config and returns every mistake of it.
func ParseConfig(text []byte) (Config, error) {
	c := Config{}
	if err := yaml.UnmarshalStrict(text, &c); err != nil {
		return Config{}, err
	}
	if c.Namespace == "" {
		c.Namespace = "default"
	}
	if c.Owner == "" {
		c.Owner = "group:default/{team}"
	}
	if c.Systems == "" {
		c.Systems = DeclaredByFeed
	}
	return c, errors.Join(c.mistakes()...)
}

func (c Config) mistakes() []error {
	var errs []error
	wrong := func(field, value, remedy string) {
		errs = append(errs, fmt.Errorf("%s: Invalid value: %q: %s", field, value, remedy))
	}
	if !dnsLabel.MatchString(strings.ReplaceAll(c.Namespace, "{team}", "team")) {
		wrong("namespace", c.Namespace, "must be a DNS label, or hold {team}")
	}
	if !reference.MatchString(strings.ReplaceAll(c.Owner, "{team}", "team")) {
		wrong("owner", c.Owner, "must be an entity such as group:default/{team}")
	}
	for _, team := range slices.Sorted(maps.Keys(c.Owners)) {
		if !reference.MatchString(c.Owners[team]) {
			wrong("owners["+team+"]", c.Owners[team], "must be an entity such as group:default/payments")
		}
	}
	if c.Systems != DeclaredByFeed && c.Systems != DeclaredByCatalog {
		wrong("systems", string(c.Systems), "must be Feed or Catalog")
	}
	for _, environment := range slices.Sorted(maps.Keys(c.Lifecycles)) {
		if strings.TrimSpace(c.Lifecycles[environment]) == "" {
			wrong("lifecycles["+environment+"]", c.Lifecycles[environment], "must not be empty")
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(c.Links)) {
		if !slices.Contains(entityTypes(), kind) {
			wrong("links", kind, "must be one of "+strings.Join(entityTypes(), ", "))
		}
		for i, link := range c.Links[kind] {
			if remedy := link.mistake(); remedy != "" {
				wrong(fmt.Sprintf("links[%s][%d].url", kind, i), link.URL, remedy)
			}
		}
	}
	return errs
}

// mistake of a link, or nothing.
func (l Link) mistake() string {
	for _, place := range inBraces.FindAllString(l.URL, -1) {
		if !slices.Contains(placeholders, place) {
			return "holds " + place + "; there are " + strings.Join(placeholders, ", ")
		}
	}
	if u, err := url.Parse(inBraces.ReplaceAllString(l.URL, "x")); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return "must be a URL that begins with https:// or http://"
	}
	return ""
}
