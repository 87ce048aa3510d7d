package compose

import (
	"encoding/base64"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// secretIndexPrefix is what the names of the environment's indices begin with, for
// programs that would otherwise have to know.
const secretIndexPrefix = "index_prefix"

// searchKeys are the API keys, each with the Secret that programs read it from. The
// key is made in the team's namespace and copied into the created one: the managed
// resource must outlive that to be deleted in order.
func searchKeys(p environment.Plan, w World) []Part {
	var parts []Part
	for _, k := range p.Search.Keys {
		key := searchKey(p, k, w)
		parts = append(parts, key, searchSecret(p, k, w, key.Name))
	}
	return parts
}

func searchKey(p environment.Plan, k environment.SearchKey, w World) Part {
	name := "search-key-" + k.Key
	return Part{
		Name:       name,
		Capability: status.Search,
		Title:      k.Name,
		Needs:      []string{PartNamespace},
		Resource: &elasticsearch.APIKey{
			TypeMeta:   typeMeta(elasticsearch.GroupVersion.String(), "APIKey"),
			ObjectMeta: searchMeta(p, k.Resource, k.Name),
			Spec: elasticsearch.APIKeySpec{
				ManagedResourceSpec: connectionSecret(managedSpec(p.Search.ProviderConfig, v1alpha1.DeletionDelete, 0), k.Connection),
				ForProvider: elasticsearch.APIKeyParameters{
					RoleDescriptors: []elasticsearch.RoleDescriptor{{Name: k.Role.Key, Privileges: privileges(k.Role)}},
					Validity:        &metav1.Duration{Duration: k.Validity},
					RotateBefore:    &metav1.Duration{Duration: k.RotateBefore},
					Overlap:         &metav1.Duration{Duration: k.Overlap},
					Metadata:        encoded(p.Search.Metadata),
				},
			},
		},
		Health: ManagedHealth,
		Usable: func(Object) bool { return hasKey(w.Connections[name]) },
		Settle: settleManaged,
		Connection: map[string][]byte{
			elasticsearch.APIKeySecretEndpoint: []byte("https://elasticsearch.invalid"),
			elasticsearch.APIKeySecretKey:      []byte("placeholder"),
		},
	}
}

// searchSecret carries the key's Secret's name in its own, as an object cannot be
// renamed.
func searchSecret(p environment.Plan, k environment.SearchKey, w World, key string) Part {
	name := "search-secret-" + k.SecretName
	return Part{
		Name:       name,
		Capability: status.Search,
		Needs:      []string{PartNamespace, key},
		Resource: &corev1.Secret{
			TypeMeta:   typeMeta("v1", "Secret"),
			ObjectMeta: meta(p, k.SecretName),
			Type:       corev1.SecretTypeOpaque,
			Data:       secretData(p, w.Connections[key], w.Observed[name]),
		},
	}
}

// secretData is what programs need to reach the indices. While the key's connection
// details are not told, a Secret that exists keeps what it has.
func secretData(p environment.Plan, connection map[string][]byte, secret Object) map[string][]byte {
	data := map[string][]byte{}
	if !hasKey(connection) {
		kept, _ := secret["data"].(map[string]any)
		for k, v := range kept {
			text, _ := v.(string)
			if b, err := base64.StdEncoding.DecodeString(text); err == nil {
				data[k] = b
			}
		}
		return data
	}
	for _, k := range []string{elasticsearch.APIKeySecretEndpoint, elasticsearch.APIKeySecretKey, elasticsearch.APIKeySecretCA} {
		if v, told := connection[k]; told {
			data[k] = v
		}
	}
	data[secretIndexPrefix] = []byte(p.Search.IndexPrefix)
	return data
}

func hasKey(connection map[string][]byte) bool {
	return len(connection[elasticsearch.APIKeySecretKey]) > 0
}
