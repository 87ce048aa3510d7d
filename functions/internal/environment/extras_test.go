package environment

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

type tree = map[string]any

// manifest is a right manifest, changed by edits.
func manifest(edits ...func(tree)) tree {
	m := tree{"apiVersion": "example.com/v1", "kind": "Thing", "metadata": tree{"name": "thing"}, "spec": tree{}}
	for _, edit := range edits {
		edit(m)
	}
	return m
}

// with is an edit that sets a field at a path.
func with(value any, path ...string) func(tree) {
	return func(o tree) {
		for _, key := range path[:len(path)-1] {
			o = o[key].(tree)
		}
		o[path[len(path)-1]] = value
	}
}

// offering returns the built-in Blueprint with extras.
func offering(t *testing.T, extras tree, edits ...func(tree)) []byte {
	t.Helper()
	return blueprintWith(t, func(b tree) {
		b["extras"] = extras
		for _, edit := range edits {
			edit(b)
		}
	})
}

func TestParseBlueprintExtras(t *testing.T) {
	objects := func(objects ...any) tree { return tree{"thing": tree{"objects": objects}} }
	cases := map[string]struct {
		reason string
		extras tree
		edits  []func(tree)
		want   []string
	}{
		"Right": {
			reason: "All that a Blueprint can say of an extra.",
			extras: tree{"thing": tree{
				"description": "A thing", "environments": []any{"dev"}, "always": true, "imagePullSecrets": []any{"pull"},
				"parameters": tree{
					"word":  tree{"type": "string", "pattern": "[a-z]+", "default": "a"},
					"one":   tree{"type": "string", "enum": []any{"a", "b"}, "default": "b"},
					"count": tree{"type": "integer", "minimum": 0, "maximum": 9, "default": "3"},
					"yes":   tree{"type": "boolean", "default": "true"},
				},
				"objects": []any{
					tree{"manifest": manifest(with([]any{"{parameter:word}", tree{"a": "{parameter:one}{parameter:count}"}, "{parameter:yes}"}, "spec", "x")), "ready": tree{"condition": "Ready"}},
					tree{"manifest": manifest(with("{service}-{environment}", "metadata", "name"), with(tree{"team": "{team}", "cost": "{tag:cost}"}, "metadata", "labels"))},
					tree{"manifest": manifest(with("a-{namespace}", "metadata", "name")), "namespace": "elsewhere"},
					tree{"manifest": manifest(with("{namespace}", "metadata", "name")), "clusterScoped": true},
				},
			}},
			edits: []func(tree){func(b tree) { b["requiredTags"] = []any{"cost"} }},
		},
		"OthersBraces": {
			reason: "PromQL, JSON, HCL and templates of others hold braces that are no placeholders.",
			extras: objects(tree{"manifest": manifest(with([]any{
				`up{namespace="{namespace}"} > 0`, `{"a":{"b":"{team}"}}`, `path "x" { capabilities = ["read"] }`, "{{ $labels.pod }} {{unknown}}", "${auth/x/@accessor}", "{}", "{", "a{2,3}",
			}, "spec", "x"))}),
		},
		"EveryMistakeAtOnce": {
			reason: "All mistakes are told at once, each at its field.",
			extras: tree{
				"Thing": tree{},
				"thing": tree{
					"environments": []any{"moon"}, "always": true, "imagePullSecrets": []any{"A B"},
					"parameters": tree{
						"1":     tree{"type": "string", "pattern": "a"},
						"word":  tree{"type": "string"},
						"both":  tree{"type": "string", "pattern": "a", "enum": []any{"a"}, "default": "a"},
						"count": tree{"type": "integer", "pattern": "a", "minimum": 3, "maximum": 1, "default": "2"},
						"late":  tree{"type": "string", "pattern": "[a-z", "default": "a"},
						"wrong": tree{"type": "integer", "default": "1e3"},
						"kind":  tree{"type": "object", "default": "a"},
					},
					"objects": []any{
						tree{"manifest": tree{}},
						tree{"manifest": manifest(with("v1", "apiVersion"), with("Namespace", "kind"))},
						tree{"manifest": manifest(with("plumbline.dev/v1alpha1", "apiVersion"))},
						tree{"manifest": manifest(with("{team}/v1", "apiVersion"), with("{team}", "kind"))},
						tree{"manifest": manifest(with("{parameter:word}", "metadata", "name"))},
						tree{"manifest": manifest(with("kube-system", "metadata", "namespace"), with([]any{}, "metadata", "finalizers"), with(tree{}, "status"))},
						tree{"manifest": manifest(with(tree{"plumbline.dev/team": "x", "a": "-", "b": "{parameter:word}", "c": "{service}-{team}"}, "metadata", "labels"))},
						tree{"manifest": manifest(with(tree{"crossplane.io/composition-resource-name": "namespace", "b": 1}, "metadata", "annotations"))},
						tree{"manifest": manifest(with("{who} {tag:none} {parameter:none}", "spec", "a"), with("x", "spec", "{team}"))},
						tree{"manifest": manifest(), "namespace": "elsewhere"},
						tree{"manifest": manifest(with("{namespace}", "metadata", "name")), "namespace": "{team}", "clusterScoped": true},
					},
				},
			},
			want: []string{
				"FieldValueInvalid data.extras[Thing]", "FieldValueRequired data.extras[Thing].objects",
				"FieldValueNotSupported data.extras[thing].environments[0]", "FieldValueInvalid data.extras[thing].imagePullSecrets[0]",
				"FieldValueInvalid data.extras[thing].parameters[1]", "FieldValueRequired data.extras[thing].parameters[1].default", "FieldValueInvalid data.extras[thing].parameters[1]",
				"FieldValueRequired data.extras[thing].parameters[both].pattern", "FieldValueInvalid data.extras[thing].parameters[both]",
				"FieldValueForbidden data.extras[thing].parameters[count].type", "FieldValueInvalid data.extras[thing].parameters[count].minimum", "FieldValueInvalid data.extras[thing].parameters[count]",
				"FieldValueNotSupported data.extras[thing].parameters[kind].type", "FieldValueInvalid data.extras[thing].parameters[kind]",
				"FieldValueInvalid data.extras[thing].parameters[late].pattern", "FieldValueInvalid data.extras[thing].parameters[late]",
				"FieldValueRequired data.extras[thing].parameters[word].pattern", "FieldValueRequired data.extras[thing].parameters[word].default",
				"FieldValueInvalid data.extras[thing].parameters[wrong].default", "FieldValueInvalid data.extras[thing].parameters[wrong]",
				"FieldValueRequired data.extras[thing].objects[0].manifest",
				"FieldValueForbidden data.extras[thing].objects[1].manifest.kind",
				"FieldValueForbidden data.extras[thing].objects[2].manifest.kind",
				"FieldValueInvalid data.extras[thing].objects[3].manifest.apiVersion", "FieldValueInvalid data.extras[thing].objects[3].manifest.kind",
				"FieldValueInvalid data.extras[thing].objects[4].manifest.metadata.name",
				"FieldValueForbidden data.extras[thing].objects[5].manifest.metadata.finalizers", "FieldValueForbidden data.extras[thing].objects[5].manifest.metadata.namespace", "FieldValueForbidden data.extras[thing].objects[5].manifest.status",
				"FieldValueInvalid data.extras[thing].objects[6].manifest.metadata.labels[a]", "FieldValueInvalid data.extras[thing].objects[6].manifest.metadata.labels[c]", "FieldValueForbidden data.extras[thing].objects[6].manifest.metadata.labels[plumbline.dev/team]", "FieldValueInvalid data.extras[thing].objects[6].manifest.metadata.labels[b]",
				"FieldValueInvalid data.extras[thing].objects[7].manifest.metadata.annotations[b]",
				"FieldValueForbidden data.extras[thing].objects[7].manifest.metadata.annotations[crossplane.io/composition-resource-name]",
				"FieldValueInvalid data.extras[thing].objects[8].manifest.spec.a", "FieldValueInvalid data.extras[thing].objects[8].manifest.spec.a", "FieldValueInvalid data.extras[thing].objects[8].manifest.spec.a", "FieldValueInvalid data.extras[thing].objects[8].manifest.spec",
				"FieldValueInvalid data.extras[thing].objects[9].manifest.metadata.name",
				"FieldValueInvalid data.extras[thing].objects[10].namespace", "FieldValueForbidden data.extras[thing].objects[10].namespace",
			},
		},
		"SameObjectTwice": {
			reason: "Two objects of one kind, place and name are one, whichever version each is written in.",
			extras: objects(tree{"manifest": manifest()}, tree{"manifest": manifest(with("example.com/v2", "apiVersion"))}),
			want:   []string{"FieldValueInvalid data.extras[thing].objects[1]"},
		},
		"Namespace": {
			reason: "What follows from the claim cannot be set on the namespace, and what is filled in must fit.",
			edits: []func(tree){func(b tree) {
				b["environments"].(tree)["dev"].(tree)["namespace"] = tree{
					"labels":      tree{"plumbline.dev/team": "x", "pod-security.kubernetes.io/enforce": "privileged", "kubernetes.io/metadata.name": "x", "a": "{team}{team}", "b": "{who}", "ok": "{team}"},
					"annotations": tree{"tags.plumbline.dev/x": "y", "ok": "{team} {service} {environment} {namespace}", "c": "{tag:none}"},
				}
			}},
			want: []string{
				"FieldValueInvalid data.environments[dev].namespace.labels[a]",
				"FieldValueForbidden data.environments[dev].namespace.labels[kubernetes.io/metadata.name]",
				"FieldValueForbidden data.environments[dev].namespace.labels[plumbline.dev/team]",
				"FieldValueForbidden data.environments[dev].namespace.labels[pod-security.kubernetes.io/enforce]",
				"FieldValueInvalid data.environments[dev].namespace.labels[b]",
				"FieldValueForbidden data.environments[dev].namespace.annotations[tags.plumbline.dev/x]",
				"FieldValueInvalid data.environments[dev].namespace.annotations[c]",
			},
		},
		"Workload": {
			reason: "The service account has a name, and its annotations hold placeholders.",
			edits: []func(tree){func(b tree) {
				b["workload"] = tree{"serviceAccount": tree{"name": "a.b", "annotations": tree{"a": "{parameter:x}", "b": "{namespace}"}}}
			}},
			want: []string{"FieldValueInvalid data.workload.serviceAccount.name", "FieldValueInvalid data.workload.serviceAccount.annotations[a]"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := ParseBlueprint(offering(t, tc.extras, tc.edits...))
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\nParseBlueprint(...): -want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}

// menu is a Blueprint with an extra of each sort.
func menu(t *testing.T) Blueprint {
	t.Helper()
	b, errs := ParseBlueprint(offering(t, tree{
		"base": tree{"always": true, "imagePullSecrets": []any{"pull"}},
		"chosen": tree{
			"imagePullSecrets": []any{"more", "pull"},
			"parameters": tree{
				"word":  tree{"type": "string", "pattern": "[a-z]+", "maxLength": 5, "default": "abc"},
				"one":   tree{"type": "string", "enum": []any{"a", "b"}},
				"count": tree{"type": "integer", "minimum": 1, "maximum": 9, "default": "3"},
				"yes":   tree{"type": "boolean", "default": "false"},
			},
			"objects": []any{tree{"manifest": manifest(with(tree{
				"word": "{parameter:word}", "text": "{team}/{parameter:one}/{parameter:count}/{parameter:yes}", "count": "{parameter:count}", "yes": "{parameter:yes}",
			}, "spec"))}},
		},
		"elsewhere": tree{"environments": []any{"dev"}, "imagePullSecrets": []any{"dev"}},
	}))
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	return b
}

func asking(name string, parameters map[string]v1alpha1.ParameterValue) Claim {
	return checkout(func(c *Claim) { c.Spec.Extras = []v1alpha1.ExtraRequest{{Name: name, Parameters: parameters}} })
}

func TestParseExtras(t *testing.T) {
	type set = map[string]v1alpha1.ParameterValue
	cases := map[string]struct {
		reason string
		claim  Claim
		want   []string
	}{
		"Right":     {reason: "What has no default is set.", claim: asking("chosen", set{"one": "a"})},
		"All":       {reason: "All may be set.", claim: asking("chosen", set{"one": "b", "word": "abcde", "count": "9", "yes": "true"})},
		"Always":    {reason: "What is always there may be named.", claim: asking("base", nil)},
		"Unknown":   {reason: "An extra that the Blueprint does not have.", claim: asking("none", nil), want: []string{"FieldValueNotSupported spec.extras[0].name"}},
		"Elsewhere": {reason: "An extra of another environment.", claim: asking("elsewhere", nil), want: []string{"FieldValueNotSupported spec.extras[0].name"}},
		"Missing":   {reason: "A parameter without a default.", claim: asking("chosen", nil), want: []string{"FieldValueRequired spec.extras[0].parameters[one]"}},
		"EveryMistakeAtOnce": {
			reason: "All mistakes of all parameters are told at once.",
			claim:  asking("chosen", set{"one": "c", "word": "a\nb", "count": "10", "yes": "yes", "more": ""}),
			want: []string{
				"FieldValueNotSupported spec.extras[0].parameters[more]", "FieldValueInvalid spec.extras[0].parameters[count]",
				"FieldValueNotSupported spec.extras[0].parameters[one]", "FieldValueInvalid spec.extras[0].parameters[word]", "FieldValueNotSupported spec.extras[0].parameters[yes]",
			},
		},
		"TooLong":    {reason: "A text is bounded.", claim: asking("chosen", set{"one": "a", "word": "abcdef"}), want: []string{"FieldValueTooLong spec.extras[0].parameters[word]"}},
		"HalfMatch":  {reason: "A pattern holds for all of a text.", claim: asking("chosen", set{"one": "a", "word": "ab1"}), want: []string{"FieldValueInvalid spec.extras[0].parameters[word]"}},
		"OddNumber":  {reason: "A number is written in one way.", claim: asking("chosen", set{"one": "a", "count": "+3"}), want: []string{"FieldValueInvalid spec.extras[0].parameters[count]"}},
		"LongNumber": {reason: "A number that does not fit is none.", claim: asking("chosen", set{"one": "a", "count": "99999999999999999999"}), want: []string{"FieldValueInvalid spec.extras[0].parameters[count]"}},
		"Twice": {
			reason: "An extra is asked for once.",
			claim:  checkout(func(c *Claim) { c.Spec.Extras = []v1alpha1.ExtraRequest{{Name: "base"}, {Name: "base"}} }),
			want:   []string{"FieldValueDuplicate spec.extras[1].name"},
		},
		"ServiceAccount": {
			reason: "A service account has the name of one.",
			claim:  checkout(func(c *Claim) { c.Spec.ServiceAccountName = "A" }),
			want:   []string{"FieldValueInvalid spec.serviceAccountName"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := Parse(tc.claim, menu(t))
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\nParse(...): -want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}

func TestResolveExtras(t *testing.T) {
	s, errs := Parse(asking("chosen", map[string]v1alpha1.ParameterValue{"one": "a"}), menu(t))
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	p := Resolve(s)
	want := []ExtraObject{{Extra: "chosen", Identity: "thing.example.com/thing", Manifest: manifest(with(tree{
		"word": "abc", "text": "payments/a/3/false", "count": int64(3), "yes": false,
	}, "spec"))}}
	if diff := cmp.Diff(want, p.Extras); diff != "" {
		t.Errorf("\nA parameter alone in a text has its own type; in a longer text it is written out.\nResolve(...): -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"more", "pull"}, p.ServiceAccount.ImagePullSecrets); diff != "" {
		t.Errorf("\nThe service account names each Secret of the extras that the environment has, once.\nResolve(...): -want, +got:\n%s", diff)
	}
}

func TestWithheldRole(t *testing.T) {
	_, errs := ParseBlueprint(blueprintWith(t, func(b tree) { b["access"] = tree{"roles": []any{"Viewer", "Owner"}} }))
	if diff := cmp.Diff([]string{"FieldValueNotSupported data.access.roles[1]"}, mistakes(errs)); diff != "" {
		t.Errorf("\nA role that there is not.\nParseBlueprint(...): -want, +got:\n%s", diff)
	}
	b := builtIn(t)
	b.Access.Roles = []v1alpha1.Role{v1alpha1.RoleViewer}
	_, errs = Parse(granting(
		v1alpha1.RoleGrant{Role: v1alpha1.RoleViewer, Users: []v1alpha1.Subject{"ana@example.com"}},
		v1alpha1.RoleGrant{Role: v1alpha1.RoleAdmin, Users: []v1alpha1.Subject{"ana@example.com"}},
	), b)
	if diff := cmp.Diff([]string{"FieldValueForbidden spec.access.roles[1].role"}, mistakes(errs)); diff != "" {
		t.Errorf("\nA claim cannot give a role that the Blueprint withholds.\nParse(...): -want, +got:\n%s", diff)
	}
}

// FuzzPlaceholders holds that a value takes the place of a text and of nothing else:
// the shape of an object, its keys, and every text without a placeholder stay, and
// nothing that is filled in is looked at again.
func FuzzPlaceholders(f *testing.F) {
	f.Add(`{"apiVersion":"v1","kind":"{parameter:x}","a":["{team}","{{team}}",{"{team}":1}]}`, `"}, "kind": "Secret", {team}`)
	f.Add(`{"a":"{{{parameter:x}}}","b":"{parameter:x}{parameter:x}"}`, "{parameter:x}")
	f.Fuzz(func(t *testing.T, object, value string) {
		from := tree{}
		if json.Unmarshal([]byte(object), &from) != nil {
			t.Skip("no object")
		}
		got := values{"team": "payments", "parameter:x": value}.tree(from)
		same(t, "", from, got, value)
	})
}

// same compares shapes, and texts up to what was filled in.
func same(t *testing.T, path string, from, got any, value string) {
	t.Helper()
	switch from := from.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok || len(object) != len(from) {
			t.Fatalf("%s: an object keeps its keys, got %v of %v", path, got, from)
		}
		for key := range from {
			same(t, path+"."+key, from[key], object[key], value)
		}
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(from) {
			t.Fatalf("%s: a list keeps its length, got %v of %v", path, got, from)
		}
		for i := range from {
			same(t, path, from[i], list[i], value)
		}
	case string:
		text, ok := got.(string)
		if !ok {
			t.Fatalf("%s: a text stays a text, got %v", path, got)
		}
		if len(placeholders(from)) == 0 && text != from {
			t.Fatalf("%s: a text without a placeholder stays, got %q of %q", path, text, from)
		}
		if from == "{parameter:x}" && text != value {
			t.Fatalf("%s: a value is not looked at again, got %q of %q", path, text, value)
		}
		if strings.Count(from, "{") == 1 && len(placeholders(from)) == 1 && strings.Contains(from, "{parameter:x}") && text != strings.Replace(from, "{parameter:x}", value, 1) {
			t.Fatalf("%s: the value takes the place of its placeholder, got %q of %q", path, text, from)
		}
	default:
		if !cmp.Equal(from, got) {
			t.Fatalf("%s: what is no text stays, got %v of %v", path, got, from)
		}
	}
}
