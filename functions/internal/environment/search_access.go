package environment

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// These are those of the claim's schema. A user is no pattern: in a role mapping *
// would stand for everybody, and a text between slashes for whom it fits.
var (
	objectID   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	searchUser = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9@._+-]*$`)

	realmName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)
	days      = regexp.MustCompile(`^[0-9]{1,5}d$`)
)

const (
	maxObjectID   = 36
	maxSearchUser = 256
	maxGrants     = 2
	maxKeys       = 10
	maxKey        = 40
	maxSecretName = 63
	maxRealm      = 64

	// Expiry is told in whole seconds, and rotation is looked for once a minute.
	minDuration = time.Hour
)

// checkSearchAccessRules checks what a Blueprint says about access.
func checkSearchAccessRules(at *field.Path, b v1alpha1.SearchBackend) field.ErrorList {
	var errs field.ErrorList
	if b.Realm != "" {
		errs = append(errs, checkText(at.Child("realm"), b.Realm, realmName, maxRealm, "must be the name of a realm of Elasticsearch")...)
	}
	errs = append(errs, checkOneOf(at.Child("groupAccess"), b.GroupAccess, v1alpha1.SearchReader, v1alpha1.SearchWriter, v1alpha1.SearchNone)...)
	k, here := b.APIKey, at.Child("apiKey")
	validity, bad := checkDuration(here.Child("validity"), k.Validity)
	errs = append(errs, bad...)
	_, bad = checkDuration(here.Child("overlap"), k.Overlap)
	errs = append(errs, bad...)
	if k.RotateBefore == "" {
		return errs
	}
	before, bad := checkDuration(here.Child("rotateBefore"), k.RotateBefore)
	errs = append(errs, bad...)
	if len(errs) == 0 && before >= validity {
		errs = append(errs, field.Invalid(here.Child("rotateBefore"), k.RotateBefore, "must be shorter than validity, which is "+k.Validity))
	}
	return errs
}

func checkDuration(at *field.Path, value string) (time.Duration, field.ErrorList) {
	d, err := parseDuration(value)
	if err != nil || d < minDuration {
		return 0, field.ErrorList{field.Invalid(at, value, "must be days, such as 90d, or a duration of Kubernetes, such as 36h, and at least 1h")}
	}
	return d, nil
}

// parseDuration also reads days, which Go does not.
func parseDuration(value string) (time.Duration, error) {
	if days.MatchString(value) {
		n, err := strconv.Atoi(strings.TrimSuffix(value, "d"))
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(value)
}

// checkSearchAccess checks who is let at the indices.
func (s Spec) checkSearchAccess(at *field.Path) field.ErrorList {
	search := s.claim.Spec.Search
	if search == nil {
		return nil
	}
	errs := s.checkSearchGrants(at.Child("access"), search.Access)
	errs = append(errs, checkSearchKeys(at.Child("apiKeys"), search.APIKeys)...)
	if len(search.Access)+len(search.APIKeys) > 0 && len(search.Indices)+len(search.Streams) == 0 {
		errs = append(errs, field.Required(at.Child("indices"), "there is nothing to give access to; name an index or a data stream, or remove access and apiKeys"))
	}
	return errs
}

func (s Spec) checkSearchGrants(at *field.Path, grants []v1alpha1.SearchGrant) field.ErrorList {
	var errs field.ErrorList
	if len(grants) > 0 && s.blueprint.Search.Realm == "" {
		errs = append(errs, field.Forbidden(at, "the Blueprint names no realm whose users could be let in; ask the platform team for search.realm"))
	}
	if len(grants) > maxGrants {
		errs = append(errs, field.TooMany(at, len(grants), maxGrants))
	}
	seen := map[v1alpha1.SearchAccess]bool{}
	for i, g := range grants {
		here := at.Index(i)
		errs = append(errs, checkOneOf(here.Child("access"), g.Access, v1alpha1.SearchReader, v1alpha1.SearchWriter)...)
		if seen[g.Access] {
			errs = append(errs, field.Duplicate(here.Child("access"), g.Access))
		}
		seen[g.Access] = true
		errs = append(errs, checkEach(here.Child("groups"), g.Groups, objectID, maxObjectID, "must be an object id of Entra ID")...)
		errs = append(errs, checkEach(here.Child("users"), g.Users, searchUser, maxSearchUser,
			"must be letters, digits, '@', '.', '_', '+' or '-', and begin with a letter or digit")...)
	}
	return errs
}

// checkEach checks the items of a set.
func checkEach[T ~string](at *field.Path, items []T, pattern *regexp.Regexp, most int, rule string) field.ErrorList {
	var errs field.ErrorList
	if len(items) > maxSubjects {
		errs = append(errs, field.TooMany(at, len(items), maxSubjects))
	}
	seen := map[T]bool{}
	for i, item := range items {
		errs = append(errs, checkText(at.Index(i), string(item), pattern, most, rule)...)
		if seen[item] {
			errs = append(errs, field.Duplicate(at.Index(i), item))
		}
		seen[item] = true
	}
	return errs
}

// checkSearchKeys also keeps two keys from one Secret. A name without dots is never
// that of the certificate of a host.
func checkSearchKeys(at *field.Path, keys []v1alpha1.SearchKey) field.ErrorList {
	var errs field.ErrorList
	if len(keys) > maxKeys {
		errs = append(errs, field.TooMany(at, len(keys), maxKeys))
	}
	names, secrets := map[string]bool{}, map[string]bool{}
	for i, k := range keys {
		here := at.Index(i)
		rule := "must hold only lowercase letters, digits and hyphens, and begin and end with a letter or digit"
		errs = append(errs, checkText(here.Child("name"), k.Name, labelName, maxKey, rule)...)
		errs = append(errs, checkOneOf(here.Child("access"), k.Access, v1alpha1.SearchReader, v1alpha1.SearchWriter)...)
		errs = append(errs, checkText(here.Child("secretName"), secretName(k), labelName, maxSecretName, rule)...)
		if names[k.Name] {
			errs = append(errs, field.Duplicate(here.Child("name"), k.Name))
		}
		if secrets[secretName(k)] {
			errs = append(errs, field.Invalid(here.Child("secretName"), secretName(k), fmt.Sprintf("is the Secret of another key; choose another for key %q", k.Name)))
		}
		names[k.Name], secrets[secretName(k)] = true, true
	}
	return errs
}

func secretName(k v1alpha1.SearchKey) string {
	if k.SecretName != "" {
		return k.SecretName
	}
	return "elasticsearch-" + k.Name
}
