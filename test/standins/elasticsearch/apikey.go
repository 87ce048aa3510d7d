package elasticsearch

import (
	"encoding/base64"
	"maps"
	"net/http"
	"reflect"
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
	if r.who.key != nil && !powerless(key.limits) {
		return answer{}, illegal("creating derived api keys requires an explicit role descriptor that is empty (has no privileges)")
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
	return key, key.take(in, key.created)
}

// take sets what a request says of a key.
func (k *apiKey) take(in object, now time.Time) error {
	if v, set := in["expiration"].(string); set {
		after, err := lifetime(v)
		if err != nil {
			return illegal("failed to parse setting [expiration] with value [%s] as a time value: unit is missing or unrecognized", v)
		}
		k.expires = now.Add(after)
	}
	if metadata, set := in["metadata"].(object); set {
		for name := range metadata {
			if strings.HasPrefix(name, "_") {
				return validation("API key metadata keys may not start with [_]")
			}
		}
		k.metadata = metadata
	}
	return k.limit(in["role_descriptors"])
}

// powerless tells whether limits leave nothing to do.
func powerless(limits []role) bool {
	return limits != nil && !slices.ContainsFunc(limits, func(r role) bool {
		for _, of := range []string{"cluster", "indices", "applications", "run_as"} {
			if some, _ := r[of].([]any); len(some) > 0 {
				return true
			}
		}
		return false
	})
}

// updateAPIKey changes what a key may do. See "Update API key information".
func (s *Server) updateAPIKey(r *request) (answer, error) {
	body, err := r.object()
	if err != nil {
		return answer{}, err
	}
	if r.who.key != nil {
		return answer{}, illegal("authentication via API key not supported: only the owner user can update an API key")
	}
	id := r.params["id"]
	key, exists := s.keys[id]
	switch now := s.options.Now(); {
	case !exists, key.owner.username != r.who.username:
		return answer{}, &fault{status: http.StatusNotFound, kind: "resource_not_found_exception",
			reason: "no API key owned by requesting user found for ID [" + id + "]"}
	case key.invalidated:
		return answer{}, illegal("cannot update invalidated API key [%s]", id)
	case !key.valid(now):
		return answer{}, illegal("cannot update expired API key [%s]", id)
	}
	changed := *key
	for k := range body {
		if !slices.Contains([]string{"expiration", "role_descriptors", "metadata"}, k) {
			return answer{}, badMapping("unexpected field [%s] for an API key", k)
		}
	}
	if err := changed.take(body, s.options.Now()); err != nil {
		return answer{}, err
	}
	updated := !reflect.DeepEqual(key.shown(), changed.shown())
	s.keys[id] = &changed
	return ok(object{"updated": updated}), nil
}

// lifetime understands days, and words for parts of a second, which Go does not.
func lifetime(v string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(v, "d"); ok {
		hours, err := time.ParseDuration(days + "h")
		return 24 * hours, err
	}
	return time.ParseDuration(strings.NewReplacer("micros", "us", "nanos", "ns").Replace(v))
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
	own, err := r.flag("owner", false)
	if err != nil {
		return answer{}, err
	}
	username := r.query.Get("username")
	found := []any{}
	for _, k := range slices.Sorted(maps.Keys(s.keys)) {
		key := s.keys[k]
		switch {
		case id != "" && key.id != id, name != "" && !fits(name, key.name), active && !key.valid(s.options.Now()):
		case username != "" && key.owner.username != username:
		case (own || !r.who.manages()) && key.owner.username != r.who.username:
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
