package v1alpha1

// Connections say whom the service talks to beyond its own namespace.
type Connections struct {
	// AllowFrom are those who may connect to the pods of the environment. Another
	// environment must also say so itself, in its allowTo.
	// +kubebuilder:title="Allow from"
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +optional
	AllowFrom []Peer `json:"allowFrom,omitempty"`

	// AllowTo are those whom the pods of the environment may connect to. Another
	// environment must also say so itself, in its allowFrom.
	// +kubebuilder:title="Allow to"
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +optional
	AllowTo []Peer `json:"allowTo,omitempty"`
}

// A Peer is the environment of another service, or a network. A host cannot be
// named: a NetworkPolicy knows only addresses.
// +kubebuilder:validation:XValidation:rule="has(self.service) != has(self.cidr)",message="name either a service or a cidr"
// +kubebuilder:validation:XValidation:rule="!has(self.environment) || has(self.service)",message="environment is that of a service; name the service"
type Peer struct {
	// Service whose environment is meant, as in the claim for it.
	// +kubebuilder:title="Service"
	// +kubebuilder:example="ledger"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +optional
	Service string `json:"service,omitempty"`

	// Environment of that service. Left out, it is the one of this claim.
	// +kubebuilder:title="Environment"
	// +kubebuilder:example="prod"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9]*$`
	// +optional
	Environment string `json:"environment,omitempty"`

	// CIDR is a network outside the cluster, within those that the Blueprint
	// permits.
	// +kubebuilder:title="Network"
	// +kubebuilder:example="10.20.0.0/16"
	// +kubebuilder:validation:MinLength=4
	// +kubebuilder:validation:MaxLength=43
	// +kubebuilder:validation:XValidation:rule="isCIDR(self) && string(cidr(self).masked()) == self",message="must be a network such as 10.20.0.0/16 or 2001:db8::/32, in its shortest form and without host bits"
	// +optional
	CIDR string `json:"cidr,omitempty"`

	// Ports are the TCP ports to connect to. Left out, all ports of all protocols
	// are meant.
	// +kubebuilder:title="Ports"
	// +kubebuilder:example={8080}
	// +kubebuilder:validation:MaxItems=20
	// +listType=set
	// +optional
	Ports []Port `json:"ports,omitempty"`
}

// A Port of TCP.
// +kubebuilder:example=443
// +kubebuilder:validation:Minimum=1
// +kubebuilder:validation:Maximum=65535
type Port int32
