package elasticsearch

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// An apiKey authenticates as its owner, within its own limits.
type apiKey struct {
	id, name, secret string
	created          time.Time
	expires          time.Time // Zero: never.
	invalidated      bool
	metadata         object
	descriptors      object
	limits           []role // Nil: none of its own.
	owner            identity
}

func (k *apiKey) valid(now time.Time) bool {
	return !k.invalidated && (k.expires.IsZero() || now.Before(k.expires))
}

func (s *Server) createAPIKey(r *request) (answer, error) {
	body, err := r.required()
	if err != nil {
		return answer{}, err
	}
	key, err := s.parseAPIKey(body, r.who)
	if err != nil {
		return answer{}, err
	}
	s.keys[key.id] = key
	out := object{
		"id": key.id, "name": key.name, "api_key": key.secret,
		"encoded": base64.StdEncoding.EncodeToString([]byte(key.id + ":" + key.secret)),
	}
	if !key.expires.IsZero() {
		out["expiration"] = key.expires.UnixMilli()
	}
	return ok(out), nil
}

func (s *Server) parseAPIKey(in object, owner identity) (*apiKey, error) {
	for _, k := range slices.Sorted(maps.Keys(in)) {
		if !slices.Contains([]string{"name", "expiration", "role_descriptors", "metadata"}, k) {
			return nil, badMapping("unexpected field [%s] for an API key", k)
		}
	}
	key := &apiKey{id: newID(15), secret: newID(16), created: s.options.Now(), metadata: object{}, owner: owner}
	if key.name, _ = in["name"].(string); key.name == "" {
		return nil, validation("api key name is required")
	}
	if v, set := in["expiration"].(string); set {
		after, err := lifetime(v)
		if err != nil {
			return nil, illegal("failed to parse setting [expiration] with value [%s] as a time value: unit is missing or unrecognized", v)
		}
		key.expires = key.created.Add(after)
	}
	if metadata, set := in["metadata"].(object); set {
		key.metadata = metadata
	}
	return key, key.limit(in["role_descriptors"])
}

// lifetime understands days, which Go does not.
func lifetime(v string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(v, "d"); ok {
		hours, err := time.ParseDuration(days + "h")
		return 24 * hours, err
	}
	return time.ParseDuration(v)
}

func (k *apiKey) limit(descriptors any) error {
	all, ok := descriptors.(object)
	if !ok || len(all) == 0 {
		return nil
	}
	k.descriptors, k.limits = object{}, []role{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		descriptor, _ := all[name].(object)
		parsed, err := parseRole(name, descriptor)
		if err != nil {
			return err
		}
		k.descriptors[name] = parsed
		k.limits = append(k.limits, parsed)
	}
	return nil
}

// manages tells whether an identity may see and end others' keys.
func (w identity) manages() bool {
	return w.may(func(has role) bool { return has.onCluster([]string{"manage_api_key", "manage_security"}) })
}

func (s *Server) getAPIKeys(r *request) (answer, error) {
	id, name := r.query.Get("id"), r.query.Get("name")
	active, err := r.flag("active_only", false)
	if err != nil {
		return answer{}, err
	}
	found := []any{}
	for _, k := range slices.Sorted(maps.Keys(s.keys)) {
		key := s.keys[k]
		switch {
		case id != "" && key.id != id, name != "" && !fits(name, key.name), active && !key.valid(s.options.Now()):
		case !r.who.manages() && key.owner.username != r.who.username:
		default:
			found = append(found, key.shown())
		}
	}
	if id != "" && len(found) == 0 {
		return answer{http.StatusNotFound, object{"api_keys": found}}, nil
	}
	return ok(object{"api_keys": found}), nil
}

func (k *apiKey) shown() object {
	out := object{
		"id": k.id, "name": k.name, "type": "rest", "creation": k.created.UnixMilli(), "invalidated": k.invalidated,
		"username": k.owner.username, "realm": "native1", "metadata": k.metadata, "role_descriptors": object{},
	}
	if k.descriptors != nil {
		out["role_descriptors"] = k.descriptors
	}
	if !k.expires.IsZero() {
		out["expiration"] = k.expires.UnixMilli()
	}
	return out
}

func (s *Server) invalidateAPIKeys(r *request) (answer, error) {
	body, err := r.required()
	if err != nil {
		return answer{}, err
	}
	ids, _ := list(body["ids"])
	if one, set := body["id"].(string); set {
		ids = append(ids, one)
	}
	name, byName := body["name"].(string)
	if len(ids) == 0 && !byName {
		return answer{}, validation("one of [api key id(s), api key name, username, realm name] must be specified if [owner] flag is false")
	}
	ended, before := []string{}, []string{}
	for _, id := range slices.Sorted(maps.Keys(s.keys)) {
		key := s.keys[id]
		switch {
		case !slices.Contains(ids, any(id)) && (!byName || key.name != name), !r.who.manages() && key.owner.username != r.who.username:
		case key.invalidated:
			before = append(before, id)
		default:
			key.invalidated = true
			ended = append(ended, id)
		}
	}
	return ok(object{"invalidated_api_keys": ended, "previously_invalidated_api_keys": before, "error_count": 0}), nil
}
