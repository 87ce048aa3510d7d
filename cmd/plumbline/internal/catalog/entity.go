package catalog

import "strings"

// An Entity of a Backstage catalog.
type Entity struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   Metadata `json:"metadata"`
	Spec       Spec     `json:"spec"`
}

// Metadata of an Entity.
type Metadata struct {
	Namespace   string            `json:"namespace"`
	Name        string            `json:"name"`
	Title       string            `json:"title,omitempty"`
	Description string            `json:"description,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Links       []Link            `json:"links,omitempty"`
}

// Spec of an Entity: what Components, Resources and Systems say of themselves.
type Spec struct {
	Type      string   `json:"type,omitempty"`
	Lifecycle string   `json:"lifecycle,omitempty"`
	Owner     string   `json:"owner"`
	System    string   `json:"system,omitempty"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

const apiVersion = "backstage.io/v1alpha1"

// Kinds of entities.
const (
	kindSystem    = "System"
	kindComponent = "Component"
	kindResource  = "Resource"
)

// Types of entities, which links are set for.
const (
	TypeEnvironment = "service-environment"
	TypeNamespace   = "kubernetes-namespace"
	TypeGroup       = "entra-group"
	TypeIndex       = "elasticsearch-index"
	TypeStream      = "elasticsearch-data-stream"
	TypeRoute       = "route"
	TypeCertificate = "certificate"
)

func entityTypes() []string {
	return []string{TypeEnvironment, TypeNamespace, TypeGroup, TypeIndex, TypeStream, TypeRoute, TypeCertificate}
}

// Ref names the entity in full, so that it means the same wherever it stands.
func (e Entity) Ref() string {
	return strings.ToLower(e.Kind) + ":" + e.Metadata.Namespace + "/" + e.Metadata.Name
}
