package graph

import (
	"regexp"
)

// references are the ids to relate to a group, by relation.
type references map[string][]string

// reference is the URL of a directory object, as a client writes it in
// @odata.id and @odata.bind.
var reference = regexp.MustCompile(`^(?:https://[^/]+/(?:v1\.0|beta))?/?(?:directoryObjects|users|groups|servicePrincipals)(?:/|\(')([^/')]+)(?:'\))?$`)

func parseReference(url string) (string, error) {
	m := reference.FindStringSubmatch(url)
	if m == nil || !guid.MatchString(m[1]) {
		return "", badRequest("Invalid URL specified for the entity reference: '%s'.", url)
	}
	return m[1], nil
}

// bound returns the ids that an @odata.bind lists.
func bound(relation string, value any) ([]string, error) {
	if relation != members && relation != owners {
		return nil, badRequest("Invalid property '%s@odata.bind'.", relation)
	}
	urls, ok := value.([]any)
	if !ok {
		return nil, badRequest("Invalid value specified for property '%s@odata.bind' of resource 'Group'.", relation)
	}
	if len(urls) > maxBind {
		return nil, badRequest("The number of references in '%s@odata.bind' exceeds the limit of %d.", relation, maxBind)
	}
	ids := make([]string, 0, len(urls))
	for _, u := range urls {
		text, _ := u.(string)
		id, err := parseReference(text)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
