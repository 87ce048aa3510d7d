package environment

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Limits of mappings in bytes. A schema cannot bound what it does not know.
const (
	maxMapping     = 64 << 10  // Of one index or data stream.
	maxAllMappings = 256 << 10 // Of all, as the claim has to fit into etcd.
)

const (
	// ownPrefix begins the keys of _meta that are ours.
	ownPrefix       = "plumbline.dev/"
	metaTags        = ownPrefix + "tags"
	metaDescription = ownPrefix + "description"
)

// checkMappings adds to the size of all mappings.
func checkMappings(at *field.Path, mappings *apiextensionsv1.JSON, size *int) field.ErrorList {
	if mappings == nil {
		return nil
	}
	root, compact, err := parseMappings(mappings)
	if err != nil {
		return field.ErrorList{field.Invalid(at, "", "must be an object, as Elasticsearch's create index API takes it")}
	}
	*size += len(compact)
	var errs field.ErrorList
	if len(compact) > maxMapping {
		errs = append(errs, field.TooLong(at, "", maxMapping))
	}
	meta, isObject := root["_meta"].(map[string]any)
	if !isObject && root["_meta"] != nil {
		errs = append(errs, field.Invalid(at.Child("_meta"), "", "must be an object"))
	}
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		if strings.HasPrefix(key, ownPrefix) {
			errs = append(errs, field.Forbidden(at.Child("_meta").Key(key), "keys that begin with "+ownPrefix+" are set for you"))
		}
	}
	return errs
}

// parseMappings returns mappings and their shortest form.
func parseMappings(mappings *apiextensionsv1.JSON) (map[string]any, []byte, error) {
	root := map[string]any{}
	if err := json.Unmarshal(mappings.Raw, &root); err != nil {
		return nil, nil, err
	}
	if root == nil {
		return nil, nil, errors.New("null is no object")
	}
	compact, err := json.Marshal(root)
	return root, compact, err
}

// mappings are the claim's with its tags and description in _meta. Both are always
// there: Elasticsearch merges what it is given, so that a last tag which was left out
// would stay.
func (s Spec) mappings(given *apiextensionsv1.JSON) map[string]any {
	root := map[string]any{}
	if given != nil {
		root, _, _ = parseMappings(given) // Parse has found that it is an object.
	}
	meta := map[string]any{}
	if own, is := root["_meta"].(map[string]any); is {
		maps.Copy(meta, own)
	}
	tags := map[string]any{}
	for key, value := range s.claim.Spec.Tags {
		tags[key] = string(value)
	}
	meta[metaTags], meta[metaDescription] = tags, s.claim.Spec.Description
	root["_meta"] = meta
	return root
}
