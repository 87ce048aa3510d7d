package v1alpha1

// Access says who may work in the environment.
type Access struct {
	// Members of the environment's Entra ID group. The group gets the role that
	// the Blueprint names in the namespace. Members that the Blueprint names are
	// always among them.
	// +kubebuilder:title="Members"
	// +kubebuilder:example={"ana@example.com","bo@example.com"}
	// +kubebuilder:validation:MaxItems=500
	// +listType=set
	// +optional
	Members []Member `json:"members,omitempty"`

	// Owners of the group may change it in Entra ID itself; they are users or
	// service principals. Left out, they are those of the Blueprint.
	// +kubebuilder:title="Owners"
	// +kubebuilder:example={"dee@example.com"}
	// +kubebuilder:validation:MaxItems=20
	// +listType=set
	// +optional
	Owners []Member `json:"owners,omitempty"`

	// Membership says what becomes of members and owners that are added in Entra ID
	// itself: Exclusive removes them, so that the lists here are the whole truth;
	// Additive keeps them, and then what is removed here stays in the group until
	// somebody removes it there. Left out, it is Exclusive.
	// +kubebuilder:title="Membership"
	// +kubebuilder:example="Exclusive"
	// +optional
	Membership Membership `json:"membership,omitempty"`

	// Roles let others into the namespace than the group: each role is bound to the
	// ClusterRole that the Blueprint names for it.
	// +kubebuilder:title="Roles"
	// +kubebuilder:validation:MaxItems=4
	// +listType=map
	// +listMapKey=role
	// +optional
	Roles []RoleGrant `json:"roles,omitempty"`
}

// A Member is a user principal name, a mail address or an object id of a user,
// group or service principal in Entra ID, in printable ASCII, so that no two names look
// alike.
// +kubebuilder:example="ana@example.com"
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:Pattern=`^([!-?A-~]+@[!-?A-~]+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`
type Member string

// A Membership says what becomes of members that others add to the group.
// +kubebuilder:validation:Enum=Exclusive;Additive
type Membership string

const (
	// MembershipExclusive removes them.
	MembershipExclusive Membership = "Exclusive"
	// MembershipAdditive keeps them.
	MembershipAdditive Membership = "Additive"
)

// A Role says what its subjects may do in the namespace.
// +kubebuilder:validation:Enum=Viewer;Editor;Admin;Deployer
type Role string

// Roles that a claim may give, with the ClusterRole of each unless the Blueprint
// names another.
const (
	// RoleViewer may look: view.
	RoleViewer Role = "Viewer"
	// RoleEditor may change what runs: edit.
	RoleEditor Role = "Editor"
	// RoleAdmin may also give roles within the namespace: admin.
	RoleAdmin Role = "Admin"
	// RoleDeployer is for pipelines: edit.
	RoleDeployer Role = "Deployer"
)

// A RoleGrant gives a role in the namespace to its subjects.
type RoleGrant struct {
	// Role to give.
	// +kubebuilder:title="Role"
	// +kubebuilder:example="Deployer"
	Role Role `json:"role"`

	// Users by the name under which Kubernetes knows them.
	// +kubebuilder:title="Users"
	// +kubebuilder:example={"dee@example.com"}
	// +kubebuilder:validation:MaxItems=100
	// +listType=set
	// +optional
	Users []Subject `json:"users,omitempty"`

	// Groups by the name under which Kubernetes knows them: the object id for a
	// group of Entra ID.
	// +kubebuilder:title="Groups"
	// +kubebuilder:example={"5f0b2c1e-7a44-4a53-9a0e-2f6f0c8d1b7a"}
	// +kubebuilder:validation:MaxItems=100
	// +listType=set
	// +optional
	Groups []Subject `json:"groups,omitempty"`

	// ServiceAccounts of this or any other namespace.
	// +kubebuilder:title="Service accounts"
	// +kubebuilder:validation:MaxItems=100
	// +listType=map
	// +listMapKey=namespace
	// +listMapKey=name
	// +optional
	ServiceAccounts []ServiceAccount `json:"serviceAccounts,omitempty"`
}

// A Subject is the name of a user or group in Kubernetes, in printable ASCII, so
// that no two names look alike.
// +kubebuilder:example="ana@example.com"
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:Pattern=`^[!-~]+( [!-~]+)*$`
// +kubebuilder:validation:XValidation:rule="!self.startsWith('system:')",message="names that begin with system: are those of Kubernetes itself; name a service account under serviceAccounts"
type Subject string

// A ServiceAccount of Kubernetes.
type ServiceAccount struct {
	// Namespace of the service account.
	// +kubebuilder:title="Namespace"
	// +kubebuilder:example="pipelines"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Namespace string `json:"namespace"`

	// Name of the service account.
	// +kubebuilder:title="Name"
	// +kubebuilder:example="deployer"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`
	Name string `json:"name"`
}
