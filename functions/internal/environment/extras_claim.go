package environment

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

const maxExtras = 20

// offers returns the names of the extras that an environment can have, in order.
func (s Spec) offers() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.blueprint.Extras)) {
		environments := s.blueprint.Extras[name].Environments
		if len(environments) == 0 || slices.Contains(environments, s.named) {
			names = append(names, name)
		}
	}
	return names
}

// request returns what the claim asks of an extra.
func (s Spec) request(name string) (v1alpha1.ExtraRequest, bool) {
	i := slices.IndexFunc(s.claim.Spec.Extras, func(r v1alpha1.ExtraRequest) bool { return r.Name == name })
	if i < 0 {
		return v1alpha1.ExtraRequest{}, false
	}
	return s.claim.Spec.Extras[i], true
}

// checkExtras holds what a claim asks for to what the Blueprint offers.
func (s Spec) checkExtras(at *field.Path) field.ErrorList {
	if s.named == "" {
		return nil // Already reported; nothing can be said to be offered.
	}
	var errs field.ErrorList
	if n := len(s.claim.Spec.Extras); n > maxExtras {
		errs = append(errs, field.TooMany(at, n, maxExtras))
	}
	seen := map[string]bool{}
	for i, r := range s.claim.Spec.Extras {
		here := at.Index(i)
		if seen[r.Name] {
			errs = append(errs, field.Duplicate(here.Child("name"), r.Name))
			continue
		}
		seen[r.Name] = true
		if !slices.Contains(s.offers(), r.Name) {
			errs = append(errs, field.NotSupported(here.Child("name"), r.Name, s.offers()))
			continue
		}
		_, mistakes := parameters(here.Child("parameters"), s.blueprint.Extras[r.Name], r)
		errs = append(errs, mistakes...)
	}
	return errs
}

// parameters reads the parameters of an extra: what the claim sets, and else the
// default.
func parameters(at *field.Path, e v1alpha1.Extra, r v1alpha1.ExtraRequest) (values, field.ErrorList) {
	var errs field.ErrorList
	if len(r.Parameters) > maxParameters {
		errs = append(errs, field.TooMany(at, len(r.Parameters), maxParameters))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
		if _, declared := e.Parameters[name]; !declared {
			errs = append(errs, field.NotSupported(at.Key(name), name, slices.Sorted(maps.Keys(e.Parameters))))
		}
	}
	v := values{}
	for _, name := range slices.Sorted(maps.Keys(e.Parameters)) {
		p := e.Parameters[name]
		text, set := r.Parameters[name]
		if !set && p.Default == nil {
			errs = append(errs, field.Required(at.Key(name), fmt.Sprintf("the Blueprint has no default for it; %s", p.Description)))
			continue
		}
		if !set {
			text = v1alpha1.ParameterValue(*p.Default)
		}
		value, mistakes := parameterValue(at.Key(name), p, string(text))
		errs = append(errs, mistakes...)
		v[parameterPlaceholder+name] = value
	}
	return v, errs
}

// extras are those that the environment always has, and those that the claim asks
// for.
func (s Spec) extras() []string {
	return slices.DeleteFunc(s.offers(), func(name string) bool {
		_, asked := s.request(name)
		return !asked && !s.blueprint.Extras[name].Always
	})
}

// extraObjects fills in the objects of the environment's extras. What tells an object
// from others is filled in before any parameter is known.
func (s Spec) extraObjects() []ExtraObject {
	var objects []ExtraObject
	for _, name := range s.extras() {
		request, _ := s.request(name)
		v, _ := parameters(nil, s.blueprint.Extras[name], request) // Parse found no mistake.
		names := s.values()
		maps.Copy(v, names)
		for _, t := range s.blueprint.templates[name] {
			manifest, _ := v.tree(t.manifest).(map[string]any)
			objects = append(objects, ExtraObject{
				Extra:     name,
				Identity:  names.text(t.identity()),
				Manifest:  manifest,
				Namespace: t.namespace,
				Outside:   t.outside,
				Condition: t.condition,
			})
		}
	}
	return objects
}

// serviceAccount is the one that the pods of the service run as.
func (s Spec) serviceAccount() ServiceAccount {
	w := s.blueprint.Workload.ServiceAccount
	account := ServiceAccount{
		Name:           w.Name,
		Annotations:    s.values().texts(w.Annotations),
		AutomountToken: w.AutomountToken,
	}
	if name := s.claim.Spec.ServiceAccountName; name != "" {
		account.Name = name
	}
	for _, name := range s.extras() {
		account.ImagePullSecrets = append(account.ImagePullSecrets, s.blueprint.Extras[name].ImagePullSecrets...)
	}
	slices.Sort(account.ImagePullSecrets)
	account.ImagePullSecrets = slices.Compact(account.ImagePullSecrets)
	return account
}
