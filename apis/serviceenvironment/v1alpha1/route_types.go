package v1alpha1

// A PathType says how a route's path is compared with that of a request.
type PathType string

// Types of paths.
const (
	// PathPrefix matches whole segments: /api matches /api and /api/v1, not /apis.
	PathPrefix PathType = "Prefix"
	// PathExact matches the path alone.
	PathExact PathType = "Exact"
	// PathRegularExpression matches paths that begin with the expression.
	PathRegularExpression PathType = "RegularExpression"
)

// A Route leads from a host and path to a Service in the namespace.
// +kubebuilder:validation:XValidation:rule="(has(self.pathType) && self.pathType == 'RegularExpression') || !has(self.path) || self.path.matches('^/([A-Za-z0-9._~!$&()*+,;=:@%\\\\x27-]+/?)*$')",fieldPath=".path",message="must begin with / and hold no empty segment, space, query or fragment, unless pathType is RegularExpression"
// +kubebuilder:validation:XValidation:rule="!has(self.rewrite) || !has(self.pathType) || self.pathType == 'Prefix'",fieldPath=".rewrite",message="only a path of type Prefix can be rewritten"
type Route struct {
	// Host is the DNS name to serve. The Blueprint says which a team may use, and
	// where it may be a wildcard such as *.shop.example.com. A host belongs to the
	// environment that first has it.
	// +kubebuilder:title="Host"
	// +kubebuilder:example="checkout.example.com"
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:Pattern=`^(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$`
	Host string `json:"host"`

	// Path of the requests that this route serves. A regular expression is one of
	// RE2, and begins with / as well.
	// +kubebuilder:title="Path"
	// +kubebuilder:example="/"
	// +kubebuilder:default="/"
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:Pattern=`^/[!-~]*$`
	// +optional
	Path string `json:"path,omitempty"`

	// PathType Prefix matches whole segments of the path, Exact the path alone, and
	// RegularExpression what begins with the expression.
	// +kubebuilder:title="Path type"
	// +kubebuilder:example="Prefix"
	// +kubebuilder:default="Prefix"
	// +kubebuilder:validation:Enum=Prefix;Exact;RegularExpression
	// +optional
	PathType PathType `json:"pathType,omitempty"`

	// Zone is one that the Blueprint knows, for example public or internal. Left out,
	// it is the Blueprint's default. All routes of a host are in one zone.
	// +kubebuilder:title="Zone"
	// +kubebuilder:example="internal"
	// +kubebuilder:validation:MaxLength=30
	// +kubebuilder:validation:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +optional
	Zone string `json:"zone,omitempty"`

	// Service is the Kubernetes Service in the namespace that gets the requests.
	// +kubebuilder:title="Service"
	// +kubebuilder:example="checkout"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	Service string `json:"service"`

	// Port of the Service.
	// +kubebuilder:title="Port"
	// +kubebuilder:example=8080
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port"`

	// Rewrite changes the path before the Service sees it.
	// +kubebuilder:title="Rewrite"
	// +optional
	Rewrite *Rewrite `json:"rewrite,omitempty"`

	// Plugins that handle the requests, such as rate limiting, by the names that the
	// Blueprint permits in the zone.
	// +kubebuilder:title="Plugins"
	// +kubebuilder:example={"rate-limit"}
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +listType=set
	// +optional
	Plugins []string `json:"plugins,omitempty"`

	// Timeouts of a request. They need a zone with a gateway.
	// +kubebuilder:title="Timeouts"
	// +optional
	Timeouts *Timeouts `json:"timeouts,omitempty"`
}

// A Rewrite changes the path of a request.
type Rewrite struct {
	// Prefix stands in place of the path that matched: with path /api and prefix /,
	// the Service sees /orders for /api/orders. Another prefix than / needs a zone
	// with a gateway.
	// +kubebuilder:title="Prefix"
	// +kubebuilder:example="/"
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:Pattern=`^/([A-Za-z0-9._~!$&'()*+,;=:@%-]+/?)*$`
	Prefix string `json:"prefix"`
}

// Timeouts of a request.
type Timeouts struct {
	// Request is how long the Service may take to answer.
	// +kubebuilder:title="Request"
	// +kubebuilder:example="30s"
	// +kubebuilder:validation:MaxLength=10
	// +kubebuilder:validation:Pattern=`^[1-9][0-9]{0,4}(ms|s|m)$`
	Request string `json:"request"`
}
