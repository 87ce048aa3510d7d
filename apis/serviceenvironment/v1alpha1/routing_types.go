package v1alpha1

// Routing governs routes, DNS records and certificates.
type Routing struct {
	// Zones by name, for example public and internal. A zone is one way in: a
	// gateway, the records that lead to it, and who certifies its hosts.
	Zones map[string]Zone `json:"zones"`

	// DefaultZone serves the routes that name none. Left out where there is one
	// zone, it is that.
	// +optional
	DefaultZone string `json:"defaultZone,omitempty"`
}

// A Zone is one way in. It has either an ingress or a gateway.
type Zone struct {
	// Ingress serves the routes as Ingress objects, each host with a certificate of
	// the environment's own.
	// +optional
	Ingress *ZoneIngress `json:"ingress,omitempty"`

	// Gateway serves the routes as HTTPRoutes of the Gateway API. Its listener holds
	// the certificate, which the platform team keeps, best a wildcard's: Kong's
	// controller takes none from an environment.
	// +optional
	Gateway *ZoneGateway `json:"gateway,omitempty"`

	// GatewayNamespace runs the pods of the gateway. They may reach those of an
	// environment with routes in this zone.
	GatewayNamespace string `json:"gatewayNamespace"`

	// DNS says where the records point.
	DNS DNS `json:"dns"`

	// Certificate says how the hosts of an ingress are certified. A gateway has none.
	// +optional
	Certificate *ZoneCertificate `json:"certificate,omitempty"`

	// WildcardDomains are the DNS names at and below which a host may be a wildcard
	// such as *.shop.example.com. {team}, {service} and {environment} stand for those
	// of the claim, or for a letter more. Such a domain belongs as a whole to the
	// environment that first has a host in it, so give each environment its own.
	// +optional
	WildcardDomains []string `json:"wildcardDomains,omitempty"`

	// InternationalHosts lets hosts have labels that begin with xn--, which people
	// read in another script. Left out, they are refused: some look like another
	// host.
	// +optional
	InternationalHosts bool `json:"internationalHosts,omitempty"`

	// Plugins that a route may name, and the KongClusterPlugin that each stands for.
	// +optional
	Plugins map[string]string `json:"plugins,omitempty"`
}

// ZoneIngress is how a zone serves Ingress objects.
type ZoneIngress struct {
	// Class of the Ingress objects. Left out: kong.
	// +optional
	Class string `json:"class,omitempty"`

	// Annotations are set on every Ingress, over our own: those make Kong serve it
	// over HTTPS alone and redirect what comes over HTTP.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
}

// ZoneGateway is the Gateway that HTTPRoutes attach to.
type ZoneGateway struct {
	// Name of the Gateway.
	Name string `json:"name"`

	// Namespace of the Gateway. Its listener must let in routes from the namespaces
	// of environments.
	Namespace string `json:"namespace"`

	// SectionName is the listener that serves HTTPS.
	SectionName string `json:"sectionName"`

	// Annotations are set on every HTTPRoute, over our own: those make Kong serve it
	// over HTTPS alone.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`
}

// DNS says where the records of the routes point.
type DNS struct {
	// Target is the gateway's address: an IP address, for an A or AAAA record, or a
	// DNS name, for a CNAME record.
	Target string `json:"target"`

	// TTLSeconds of the records. Left out: 300.
	// +optional
	TTLSeconds int64 `json:"ttlSeconds,omitempty"`

	// Lookup has every host looked up by the provider, and an environment ready only
	// when its hosts lead to the target. Left out, a host is ready as soon as ExternalDNS
	// has read its record, which is no proof that it was published.
	// +optional
	Lookup *DNSLookup `json:"lookup,omitempty"`
}

// DNSLookup says who is asked where a host leads, and whose its record should be.
type DNSLookup struct {
	// Server that is asked, as an address or a name, with a port if it is not 53, such as
	// 10.0.0.2:5353. It answers from its own records at once, so name one that the zone
	// is delegated to. Left out, it is the resolver of the provider's pod, which may hold
	// for minutes that a new host does not exist.
	// +optional
	Server string `json:"server,omitempty"`

	// OwnerID is the --txt-owner-id of the ExternalDNS that publishes the records. A record
	// that belongs to another, or to none, is then told of. Left out, nobody asks whose a
	// record is; leave it out where ExternalDNS keeps no TXT registry, or encrypts it.
	// +optional
	OwnerID string `json:"ownerID,omitempty"`

	// TXTPrefix is what that ExternalDNS has as --txt-prefix.
	// +optional
	TXTPrefix string `json:"txtPrefix,omitempty"`

	// TXTSuffix is what it has as --txt-suffix. It has a prefix or a suffix.
	// +optional
	TXTSuffix string `json:"txtSuffix,omitempty"`

	// TXTWildcardReplacement is what it has as --txt-wildcard-replacement.
	// +optional
	TXTWildcardReplacement string `json:"txtWildcardReplacement,omitempty"`
}

// A KeyAlgorithm makes the private key of a certificate.
type KeyAlgorithm string

// Algorithms of private keys.
const (
	KeyECDSA   KeyAlgorithm = "ECDSA"
	KeyRSA     KeyAlgorithm = "RSA"
	KeyEd25519 KeyAlgorithm = "Ed25519"
)

// A RotationPolicy says whether a renewed certificate has a new private key.
type RotationPolicy string

// Policies of rotation.
const (
	RotationAlways RotationPolicy = "Always"
	RotationNever  RotationPolicy = "Never"
)

// ZoneCertificate says how the hosts of a zone are certified.
type ZoneCertificate struct {
	// Issuer of the certificates.
	Issuer Issuer `json:"issuer"`

	// Algorithm of the private key: ECDSA, RSA or Ed25519. Left out: ECDSA.
	// +optional
	Algorithm KeyAlgorithm `json:"algorithm,omitempty"`

	// Size of the private key in bits: 256, 384 or 521 for ECDSA, 2048, 3072 or 4096
	// for RSA; Ed25519 has none. Left out: 256 or 2048.
	// +optional
	Size int64 `json:"size,omitempty"`

	// Duration that a certificate is valid, such as 2160h; an hour at the least. Left
	// out, the issuer decides.
	// +optional
	Duration string `json:"duration,omitempty"`

	// RenewBefore is how long before its end a certificate is renewed, such as 360h.
	// Left out: a third of its duration.
	// +optional
	RenewBefore string `json:"renewBefore,omitempty"`

	// RotationPolicy Always makes a new private key with each certificate, Never
	// keeps it. Left out: Always.
	// +optional
	RotationPolicy RotationPolicy `json:"rotationPolicy,omitempty"`
}

// An Issuer of cert-manager, or of a plugin to it, that serves all namespaces.
type Issuer struct {
	// Group of the issuer. Left out: cert-manager.io.
	// +optional
	Group string `json:"group,omitempty"`

	// Kind of the issuer. Left out: ClusterIssuer.
	// +optional
	Kind string `json:"kind,omitempty"`

	// Name of the issuer.
	Name string `json:"name"`
}
