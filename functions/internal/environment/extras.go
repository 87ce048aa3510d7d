package environment

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	pathvalidation "k8s.io/apimachinery/pkg/api/validation/path"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

const (
	maxExtra     = 40 // Letters of the name of an extra, as in the claim's schema.
	maxObject    = 253
	maxCondition = 316
)

// A template is an object of an extra, read.
type template struct {
	manifest  map[string]any
	condition string // That must be True; none: the object need only exist.
	namespace string // Where it lies, if not in the environment's own.
	outside   bool   // It lies in that namespace, or in none.
}

// parseExtras reads the objects of all extras. Its templates are sound only where it
// finds no mistake.
func parseExtras(at *field.Path, b v1alpha1.Blueprint) (map[string][]template, field.ErrorList) {
	var errs field.ErrorList
	extras := map[string][]template{}
	seen := map[string]*field.Path{}
	for _, name := range slices.Sorted(maps.Keys(b.Extras)) {
		extra, here := b.Extras[name], at.Key(name)
		errs = append(errs, checkText(here, name, serviceName, maxExtra, "must be lowercase letters, digits and hyphens, and begin with a letter")...)
		errs = append(errs, checkExtra(here, extra, b)...)
		for i, o := range extra.Objects {
			l := language{tags: b.RequiredTags, parameters: extra.Parameters}
			t, mistakes := parseObject(here.Child("objects").Index(i), o, l)
			errs = append(errs, mistakes...)
			extras[name] = append(extras[name], t)
			if first, twice := seen[t.identity()]; twice && len(mistakes) == 0 {
				errs = append(errs, field.Invalid(here.Child("objects").Index(i), t.identity(), fmt.Sprintf("is the same object as %s", first)))
			} else if len(mistakes) == 0 {
				seen[t.identity()] = here.Child("objects").Index(i)
			}
		}
	}
	return extras, errs
}

func checkExtra(at *field.Path, e v1alpha1.Extra, b v1alpha1.Blueprint) field.ErrorList {
	var errs field.ErrorList
	for i, name := range e.Environments {
		if _, known := b.Environments[name]; !known {
			errs = append(errs, field.NotSupported(at.Child("environments").Index(i), name, slices.Sorted(maps.Keys(b.Environments))))
		}
	}
	if len(e.Objects)+len(e.ImagePullSecrets) == 0 {
		errs = append(errs, field.Required(at.Child("objects"), "an extra gives something: objects or imagePullSecrets"))
	}
	for i, name := range e.ImagePullSecrets {
		errs = append(errs, checkSubdomain(at.Child("imagePullSecrets").Index(i), name)...)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Parameters)) {
		p, here := e.Parameters[name], at.Child("parameters").Key(name)
		errs = append(errs, checkParameter(here, name, p)...)
		if e.Always && p.Default == nil {
			errs = append(errs, field.Required(here.Child("default"), "an extra that is always there is there for claims that set nothing"))
		}
		if !uses(e, name) {
			errs = append(errs, field.Invalid(here, name, fmt.Sprintf("no object holds {%s%s}", parameterPlaceholder, name)))
		}
	}
	return errs
}

// parseObject reads one object.
func parseObject(at *field.Path, o v1alpha1.ExtraObject, l language) (template, field.ErrorList) {
	t := template{condition: o.Ready.Condition, namespace: o.Namespace, outside: o.Namespace != "" || o.ClusterScoped}
	manifest := at.Child("manifest")
	if err := utiljson.Unmarshal(o.Manifest.Raw, &t.manifest); err != nil || len(t.manifest) == 0 {
		return t, field.ErrorList{field.Required(manifest, "give the whole object, with apiVersion, kind and metadata.name")}
	}
	errs := checkPlacement(at, o)
	errs = append(errs, checkManifest(manifest, t, l)...)
	if c := o.Ready.Condition; len(c) > maxCondition || c != strings.TrimSpace(c) {
		errs = append(errs, field.Invalid(at.Child("ready", "condition"), c, "must be the type of a condition"))
	}
	return t, errs
}

func checkPlacement(at *field.Path, o v1alpha1.ExtraObject) field.ErrorList {
	if o.Namespace == "" {
		return nil
	}
	errs := checkLabel(at.Child("namespace"), o.Namespace)
	if o.ClusterScoped {
		errs = append(errs, field.Forbidden(at.Child("namespace"), "what is clusterScoped lies in no namespace"))
	}
	return errs
}

// checkManifest holds the object to what the platform team alone decides: its kind,
// its place and its name are the same whatever a claim says.
func checkManifest(at *field.Path, t template, l language) field.ErrorList {
	errs := checkType(at, t)
	metadata, _ := t.manifest["metadata"].(map[string]any)
	here := at.Child("metadata")
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		switch key {
		case "name", "labels", "annotations":
		case "namespace":
			errs = append(errs, field.Forbidden(here.Child(key), "it lies in the environment's own namespace, or in the one that stands beside the manifest"))
		default:
			errs = append(errs, field.Forbidden(here.Child(key), "a manifest sets name, labels and annotations"))
		}
	}
	if _, ok := t.manifest["status"]; ok {
		errs = append(errs, field.Forbidden(at.Child("status"), "only the object's own controller may write it"))
	}
	errs = append(errs, checkObjectName(here.Child("name"), t)...)
	errs = append(errs, checkMetadata(here.Child("labels"), metadata["labels"], validation.IsValidLabelValue)...)
	errs = append(errs, checkMetadata(here.Child("annotations"), metadata["annotations"], nil)...)
	return append(errs, checkTree(at, t.manifest, l)...)
}

func checkType(at *field.Path, t template) field.ErrorList {
	var errs field.ErrorList
	group, version := t.groupVersion()
	errs = append(errs, checkLabel(at.Child("apiVersion"), version)...)
	if group != "" {
		errs = append(errs, checkSubdomain(at.Child("apiVersion"), group)...)
	}
	errs = append(errs, checkText(at.Child("kind"), t.kind(), kindShape, maxNamespace, "must be a kind such as ConfigMap")...)
	if group == v1alpha1.GroupVersion.Group || group == "" && t.kind() == "Namespace" {
		errs = append(errs, field.Forbidden(at.Child("kind"), "an extra makes neither environments nor namespaces; environments[].namespace sets labels and annotations of the namespace"))
	}
	return errs
}

// checkObjectName also keeps environments apart where they share a namespace, or
// have none: no two have the same namespace's name.
func checkObjectName(at *field.Path, t template) field.ErrorList {
	name := t.name()
	if name == "" {
		return field.ErrorList{field.Required(at, "")}
	}
	var errs field.ErrorList
	for _, p := range placeholders(name) {
		if _, known := claimPlaceholders[p]; !known {
			errs = append(errs, field.Invalid(at, name, fmt.Sprintf("a name cannot depend on {%s}", p)))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	if t.outside && !slices.Contains(placeholders(name), "namespace") {
		errs = append(errs, field.Invalid(at, name, "must hold {namespace}, as environments would else share the object"))
	}
	sample := longest(name)
	for _, problem := range pathvalidation.IsValidPathSegmentName(sample) {
		errs = append(errs, field.Invalid(at, name, problem))
	}
	if len(sample) > maxObject {
		errs = append(errs, field.Invalid(at, name, fmt.Sprintf("may become %d letters long; the most is %d", len(sample), maxObject)))
	}
	return errs
}

// checkMetadata checks labels or annotations of an object.
func checkMetadata(at *field.Path, v any, rules func(string) []string) field.ErrorList {
	if v == nil {
		return nil
	}
	entries, ok := v.(map[string]any)
	if !ok {
		return field.ErrorList{field.Invalid(at, v, "must be a map of texts")}
	}
	var errs field.ErrorList
	texts := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		text, ok := entries[key].(string)
		if !ok {
			errs = append(errs, field.Invalid(at.Key(key), entries[key], "must be a text; put it in quotes"))
		}
		texts[key] = text
	}
	errs = append(errs, checkKeys(at, texts, rules)...)
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		if rules != nil && strings.Contains(texts[key], "{"+parameterPlaceholder) {
			errs = append(errs, field.Invalid(at.Key(key), texts[key], "a label cannot depend on a parameter"))
		}
	}
	return errs
}

// checkTree checks every text of an object. Keys are never filled in.
func checkTree(at *field.Path, v any, l language) field.ErrorList {
	var errs field.ErrorList
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if len(placeholders(key)) > 0 {
				errs = append(errs, field.Invalid(at, key, "placeholders stand in values, not in keys"))
			}
			errs = append(errs, checkTree(at.Child(key), v[key], l)...)
		}
	case []any:
		for i, item := range v {
			errs = append(errs, checkTree(at.Index(i), item, l)...)
		}
	case string:
		return l.check(at, v)
	}
	return errs
}

func (t template) kind() string {
	kind, _ := t.manifest["kind"].(string)
	return kind
}

func (t template) groupVersion() (group, version string) {
	apiVersion, _ := t.manifest["apiVersion"].(string)
	if group, version, ok := strings.Cut(apiVersion, "/"); ok {
		return group, version
	}
	return "", apiVersion
}

func (t template) name() string {
	metadata, _ := t.manifest["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	return name
}

// identity tells the object from every other: its kind, its place and its name. An
// object of another version is the same.
func (t template) identity() string {
	group, _ := t.groupVersion()
	resource := strings.ToLower(t.kind())
	if group != "" {
		resource += "." + group
	}
	if t.namespace != "" {
		resource += "/" + t.namespace
	}
	return resource + "/" + t.name()
}
