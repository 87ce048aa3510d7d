package environment

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// retentionShape is that of the claim's schema.
var retentionShape = regexp.MustCompile(`^[1-9][0-9]{0,4}[dh]$`)

// Limits of spec.search, as in its schema.
const (
	maxIndices  = 50 // And as many data streams.
	maxIndex    = 63
	maxShards   = 1024
	maxReplicas = 100
	maxSettings = 30
	maxSetting  = 200
	maxAliases  = 20
)

const (
	retentionRule = "must be a number of days or hours such as 30d or 12h"
	nameRule      = "must hold only lowercase letters, digits and hyphens, and begin and end with a letter or digit"
)

// checkSearch holds indices and data streams to the Blueprint's limits, and their
// names, with those of aliases, apart.
func (s Spec) checkSearch(at *field.Path) field.ErrorList {
	search := s.claim.Spec.Search
	if search == nil {
		return nil
	}
	errs := s.checkCounts(at, search)
	names := map[string]bool{}
	size := 0
	for i, index := range search.Indices {
		here := at.Child("indices").Index(i)
		errs = append(errs, checkFreeName(here.Child("name"), index.Name, names)...)
		errs = append(errs, s.checkShards(here, index.Shards, index.Replicas)...)
		errs = append(errs, checkMappings(here.Child("mappings"), index.Mappings, &size)...)
		errs = append(errs, s.checkSettings(here.Child("settings"), index.Settings)...)
	}
	for i, stream := range search.Streams {
		here := at.Child("streams").Index(i)
		errs = append(errs, checkFreeName(here.Child("name"), stream.Name, names)...)
		errs = append(errs, s.checkRetention(here.Child("retention"), stream.Retention)...)
		errs = append(errs, s.checkShards(here, stream.Shards, stream.Replicas)...)
		errs = append(errs, checkMappings(here.Child("mappings"), stream.Mappings, &size)...)
		errs = append(errs, s.checkSettings(here.Child("settings"), stream.Settings)...)
	}
	if size > maxAllMappings {
		errs = append(errs, field.TooLong(at, "", maxAllMappings))
	}
	return append(errs, checkAliases(at.Child("indices"), search.Indices, names)...)
}

func (s Spec) checkCounts(at *field.Path, search *v1alpha1.Search) field.ErrorList {
	var errs field.ErrorList
	if n := len(search.Indices); n > maxIndices {
		errs = append(errs, field.TooMany(at.Child("indices"), n, maxIndices))
	}
	if n := len(search.Streams); n > maxIndices {
		errs = append(errs, field.TooMany(at.Child("streams"), n, maxIndices))
	}
	if n, most := len(search.Indices)+len(search.Streams), int(*s.blueprint.Search.Limits.MaxIndices); n > most {
		errs = append(errs, field.Invalid(at, n, fmt.Sprintf("must be at most %d indices and data streams; ask the platform team for search.limits.maxIndices", most)))
	}
	return errs
}

// checkFreeName takes a name, which nothing before it may have.
func checkFreeName(at *field.Path, name string, taken map[string]bool) field.ErrorList {
	errs := checkText(at, name, labelName, maxIndex, nameRule)
	if taken[name] {
		errs = append(errs, field.Duplicate(at, name))
	}
	taken[name] = true
	return errs
}

func (s Spec) checkShards(at *field.Path, shards, replicas *int32) field.ErrorList {
	limits := s.blueprint.Search.Limits
	return append(
		checkLimit(at.Child("shards"), shards, 1, maxShards, limits.MaxShards, "maxShards"),
		checkLimit(at.Child("replicas"), replicas, 0, maxReplicas, *limits.MaxReplicas, "maxReplicas")...)
}

// checkLimit tells what nobody may ask for from what the Blueprint does not allow.
func checkLimit(at *field.Path, value *int32, least, most, limit int32, name string) field.ErrorList {
	errs := checkRange(at, value, least, most)
	if len(errs) == 0 && value != nil && *value > limit {
		errs = append(errs, field.Invalid(at, *value, fmt.Sprintf("must be at most %d; ask the platform team for search.limits.%s", limit, name)))
	}
	return errs
}

func (s Spec) checkSettings(at *field.Path, settings map[string]v1alpha1.Setting) field.ErrorList {
	var errs field.ErrorList
	if len(settings) > maxSettings {
		errs = append(errs, field.TooMany(at, len(settings), maxSettings))
	}
	allowed := s.blueprint.Search.AllowedSettings
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if !slices.Contains(allowed, key) {
			errs = append(errs, field.Forbidden(at.Key(key), fmt.Sprintf("the Blueprint lets a claim set %s; ask the platform team for search.allowedSettings",
				cmp.Or(strings.Join(allowed, ", "), "no settings"))))
		}
		switch n := utf8Len(string(settings[key])); {
		case n == 0:
			errs = append(errs, field.Required(at.Key(key), "leave the setting out to have Elasticsearch's own value"))
		case n > maxSetting:
			errs = append(errs, field.TooLong(at.Key(key), "", maxSetting))
		}
	}
	return errs
}

// checkAliases holds aliases to names of their own. Several indices may have one, as
// long as at most one of them is written to.
func checkAliases(at *field.Path, indices []v1alpha1.Index, taken map[string]bool) field.ErrorList {
	var errs field.ErrorList
	writers := map[string]string{}
	for i, index := range indices {
		if len(index.Aliases) > maxAliases {
			errs = append(errs, field.TooMany(at.Index(i).Child("aliases"), len(index.Aliases), maxAliases))
		}
		own := map[string]bool{}
		for j, alias := range index.Aliases {
			here := at.Index(i).Child("aliases").Index(j)
			errs = append(errs, checkFreeName(here.Child("name"), alias.Name, own)...)
			if taken[alias.Name] {
				errs = append(errs, field.Invalid(here.Child("name"), alias.Name, "is the name of an index or a data stream of this claim; choose another"))
			}
			if alias.IsWriteIndex == nil || !*alias.IsWriteIndex {
				continue
			}
			if other, is := writers[alias.Name]; is && other != index.Name {
				errs = append(errs, field.Invalid(here.Child("isWriteIndex"), true, fmt.Sprintf("index %q is the alias's write index already; there can be one", other)))
			}
			writers[alias.Name] = index.Name
		}
	}
	return errs
}

func (s Spec) checkRetention(at *field.Path, r v1alpha1.Retention) field.ErrorList {
	most := s.class.Retention.Max
	switch {
	case r == "":
	case !retentionShape.MatchString(string(r)):
		return field.ErrorList{field.Invalid(at, r, retentionRule)}
	case most != "" && hours(r) > hours(most): // Without an environment that is known there is no most; that is already reported.
		return field.ErrorList{field.Invalid(at, r, fmt.Sprintf("must be at most %s in environment %q; ask the platform team for environments[%s].retention.max",
			most, s.claim.Spec.Environment, s.named))}
	}
	return nil
}

// hours of a retention that has its shape.
func hours(r v1alpha1.Retention) int {
	n, err := strconv.Atoi(string(r[:len(r)-1]))
	if err != nil {
		return 0
	}
	if strings.HasSuffix(string(r), "d") {
		return n * 24
	}
	return n
}

func (s Spec) indices(n names) []Index {
	if s.claim.Spec.Search == nil {
		return nil
	}
	policy := s.deletionPolicy(s.deletion().Search)
	var indices []Index
	for _, i := range s.claim.Spec.Search.Indices {
		index := Index{
			Key:            i.Name,
			Resource:       s.claim.Name + "." + i.Name,
			Name:           n.index(i.Name),
			Shards:         i.Shards,
			Replicas:       i.Replicas,
			Mappings:       s.mappings(i.Mappings),
			Settings:       plainSettings(i.Settings),
			ProviderConfig: s.blueprint.Search.ProviderConfig,
			Policy:         policy,
			Grace:          s.grace(policy),
		}
		for _, a := range i.Aliases {
			index.Aliases = append(index.Aliases, Alias{Name: n.index(a.Name), IsWriteIndex: a.IsWriteIndex})
		}
		indices = append(indices, index)
	}
	return indices
}

func (s Spec) streams(n names) []Stream {
	if s.claim.Spec.Search == nil {
		return nil
	}
	policy := s.deletionPolicy(s.deletion().Search)
	var streams []Stream
	for _, i := range s.claim.Spec.Search.Streams {
		streams = append(streams, Stream{
			Key:            i.Name,
			Resource:       s.claim.Name + "." + i.Name,
			Name:           n.index(i.Name),
			Retention:      string(cmp.Or(i.Retention, s.class.Retention.Default)),
			Shards:         i.Shards,
			Replicas:       i.Replicas,
			Mappings:       s.mappings(i.Mappings),
			Settings:       plainSettings(i.Settings),
			ProviderConfig: s.blueprint.Search.ProviderConfig,
			Policy:         policy,
			Grace:          s.grace(policy),
		})
	}
	return streams
}

func plainSettings(from map[string]v1alpha1.Setting) map[string]string {
	if len(from) == 0 {
		return nil
	}
	settings := map[string]string{}
	for key, value := range from {
		settings[key] = string(value)
	}
	return settings
}
