package environment

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// settingShape is that of a setting by its flat name without "index.".
var settingShape = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)

const maxSettingName = 100

// Where the Blueprint does not say.
const (
	defaultRetention    = v1alpha1.Retention("30d")
	defaultMaxRetention = v1alpha1.Retention("365d")
	defaultMaxShards    = 10
	defaultMaxReplicas  = 2
	defaultMaxIndices   = 20
)

// defaultSettings are dynamic, and none of them can harm another's index.
func defaultSettings() []string {
	return []string{
		"refresh_interval", "max_result_window", "max_inner_result_window", "max_docvalue_fields_search", "max_terms_count",
		"max_regex_length", "highlight.max_analyzed_offset", "mapping.total_fields.limit", "query.default_field",
	}
}

// otherwiseSet are settings that the claim or we have another way to set.
func otherwiseSet() []string {
	return []string{"number_of_shards", "number_of_replicas", "lifecycle.name", "hidden", "uuid"}
}

func searchWithDefaults(s v1alpha1.SearchBackend) v1alpha1.SearchBackend {
	if s.AllowedSettings == nil {
		s.AllowedSettings = defaultSettings()
	}
	s.GroupAccess = cmp.Or(s.GroupAccess, v1alpha1.SearchWriter)
	s.APIKey.Validity = cmp.Or(s.APIKey.Validity, "90d")
	s.APIKey.Overlap = cmp.Or(s.APIKey.Overlap, "24h")
	s.Limits.MaxShards = cmp.Or(s.Limits.MaxShards, defaultMaxShards)
	if s.Limits.MaxReplicas == nil {
		s.Limits.MaxReplicas = new(int32(defaultMaxReplicas))
	}
	if s.Limits.MaxIndices == nil {
		s.Limits.MaxIndices = new(int32(defaultMaxIndices))
	}
	return s
}

// retentionWithDefaults keeps what it fills in to its own bounds.
func retentionWithDefaults(r v1alpha1.RetentionBounds) v1alpha1.RetentionBounds {
	r.Max = cmp.Or(r.Max, defaultMaxRetention)
	if r.Default == "" {
		r.Default = defaultRetention
		if retentionShape.MatchString(string(r.Max)) && hours(r.Max) < hours(r.Default) {
			r.Default = r.Max
		}
	}
	return r
}

// retentionFor lays what a team has over what an environment has.
func retentionFor(team, class v1alpha1.RetentionBounds) v1alpha1.RetentionBounds {
	most, kept := cmp.Or(team.Max, class.Max), cmp.Or(team.Default, class.Default)
	shaped := retentionShape.MatchString(string(most)) && retentionShape.MatchString(string(kept))
	if team.Default == "" && shaped && hours(most) < hours(kept) {
		kept = most
	}
	return v1alpha1.RetentionBounds{Default: kept, Max: most}
}

func checkSearchBackend(at *field.Path, s v1alpha1.SearchBackend) field.ErrorList {
	errs := checkSubdomain(at.Child("providerConfig"), s.ProviderConfig)
	for i, setting := range s.AllowedSettings {
		here := at.Child("allowedSettings").Index(i)
		errs = append(errs, checkText(here, setting, settingShape, maxSettingName, "must be the flat name of a setting, such as refresh_interval")...)
		switch {
		case strings.HasPrefix(setting, "index."):
			errs = append(errs, field.Invalid(here, setting, `must leave out the leading "index."`))
		case slices.Contains(otherwiseSet(), setting):
			errs = append(errs, field.Forbidden(here, "a claim sets it in another way, or not at all"))
		}
	}
	limits := at.Child("limits")
	return append(errs, slices.Concat(
		checkSearchAccessRules(at, s),
		checkRange(limits.Child("maxShards"), &s.Limits.MaxShards, 1, maxShards),
		checkRange(limits.Child("maxReplicas"), s.Limits.MaxReplicas, 0, maxReplicas),
		checkRange(limits.Child("maxIndices"), s.Limits.MaxIndices, 0, 2*maxIndices),
	)...)
}

func checkRetentionBounds(at *field.Path, r v1alpha1.RetentionBounds) field.ErrorList {
	errs := checkText(at.Child("default"), string(r.Default), retentionShape, 6, retentionRule)
	errs = append(errs, checkText(at.Child("max"), string(r.Max), retentionShape, 6, retentionRule)...)
	if len(errs) == 0 && hours(r.Default) > hours(r.Max) {
		errs = append(errs, field.Invalid(at.Child("default"), r.Default, fmt.Sprintf("must be at most max, which is %s", r.Max)))
	}
	return errs
}
