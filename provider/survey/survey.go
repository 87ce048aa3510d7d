// Package survey looks at a service that runs already, and drafts the claim that would
// describe it: its namespace, its indices, its group and its routes. It only reads.
//
//	look      what is there, by the caller's own rights        kubernetes.go search.go directory.go
//	describe  what a claim can say of it, and what it cannot   claim.go access.go network.go
//	offer     what its owner has to do so that it is taken     offer.go
//
// The names that a claim gives come from the very code of the function, which
// rehearses the draft.
package survey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

// A Question says what to look at, and whose claim to draft.
type Question struct {
	Namespace   string // That the service runs in.
	Team        string // The namespace of the claim.
	Service     string // Left out, it follows from the namespace's name.
	Environment string // Likewise.
	Tags        map[string]string
	Indices     string // Pattern of names; left out, those that the claim would give.
	Group       string // Display name or object id; left out, the name that the claim would give.

	Blueprint   map[string]any // The EnvironmentConfig; nil: the one of the cluster.
	Credentials Credentials
}

// Credentials are the caller's own. What is left out is not looked at.
type Credentials struct {
	CABundle []byte

	ElasticsearchAPIKey   string
	ElasticsearchUsername string
	ElasticsearchPassword string

	AzureClientID     string
	AzureClientSecret string
}

// A Draft is a claim, and what has to be known before it is committed.
type Draft struct {
	Claim    *v1alpha1.ServiceEnvironment
	Remarks  []string // What the claim does not say of what is there.
	Offers   []string // Commands by which the present owner offers it.
	Mistakes []string // Why the claim would be refused.
}

// Run looks, and drafts.
func Run(ctx context.Context, kube client.Reader, q Question) (Draft, error) {
	config, err := q.blueprint(ctx, kube)
	if err != nil {
		return Draft{}, err
	}
	b, mistakes, err := rehearsal.Blueprint(config)
	if err != nil || len(mistakes) > 0 {
		return Draft{}, fmt.Errorf("cannot use the Blueprint: %s", cmp.Or(strings.Join(mistakes, "; "), fmt.Sprint(err)))
	}
	if err := q.complete(b); err != nil {
		return Draft{}, err
	}
	names, err := namesOf(q, config)
	if err != nil {
		return Draft{}, err
	}
	f, err := look(ctx, kube, q, b, names)
	if err != nil {
		return Draft{}, err
	}
	d := &drafting{Draft: Draft{Claim: q.claim()}, blueprint: b, names: names, found: f}
	d.describe()
	return d.Draft, d.offer(ctx, kube, config)
}

// complete derives service and environment from the namespace's name, by the
// Blueprint's template.
func (q *Question) complete(b v1alpha1.Blueprint) error {
	service, environment, ok := split(b.Names.Namespace, q.Namespace)
	q.Service, q.Environment = cmp.Or(q.Service, service), cmp.Or(q.Environment, environment)
	if q.Service == "" || q.Environment == "" {
		return fmt.Errorf("cannot tell service and environment from namespace %q by the Blueprint's template %q; name them", q.Namespace, b.Names.Namespace)
	}
	if !ok || q.Service != service || q.Environment != environment {
		return fmt.Errorf("cannot describe namespace %q: service %q in environment %q gives another by the Blueprint's template %q, and a namespace cannot be renamed",
			q.Namespace, q.Service, q.Environment, b.Names.Namespace)
	}
	return nil
}

// split takes the name of an environment out of a name that a template gave. An
// environment holds no hyphen, so it splits in one way.
func split(template, name string) (service, environment string, ok bool) {
	before, after, _ := strings.Cut(template, "{service}-{environment}")
	middle, ok := strings.CutPrefix(name, before)
	if !ok {
		return "", "", false
	}
	if middle, ok = strings.CutSuffix(middle, after); !ok {
		return "", "", false
	}
	i := strings.LastIndex(middle, "-")
	if i < 1 {
		return "", "", false
	}
	return middle[:i], middle[i+1:], true
}

// claim is the least that a claim says.
func (q *Question) claim() *v1alpha1.ServiceEnvironment {
	c := &v1alpha1.ServiceEnvironment{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.ServiceEnvironmentGroupVersionKind.Kind},
		ObjectMeta: metav1.ObjectMeta{Name: q.Service + "-" + q.Environment, Namespace: q.Team},
		Spec:       v1alpha1.ServiceEnvironmentSpec{Service: q.Service, Environment: q.Environment, Adoption: custody.AdoptionAdopt},
	}
	for key, value := range q.Tags {
		if c.Spec.Tags == nil {
			c.Spec.Tags = map[string]v1alpha1.TagValue{}
		}
		c.Spec.Tags[key] = v1alpha1.TagValue(value)
	}
	return c
}

// names are those that the claim gives.
type names struct {
	group       string
	indexPrefix string
}

// namesOf rehearses the least claim, with one index more, under a Blueprint that lets
// it adopt: whether it may is told of the whole draft.
func namesOf(q Question, config map[string]any) (names, error) {
	const probe = "x"
	c := q.claim()
	c.Spec.Adoption = ""
	c.Spec.Search = &v1alpha1.Search{Indices: []v1alpha1.Index{{Name: probe}}}
	result, err := rehearsal.Run(c, config, time.Now())
	if err != nil {
		return names{}, explained(err)
	}
	n := names{}
	for _, r := range result.Resources {
		switch r.Object["kind"] {
		case "Group":
			n.group = text(r.Object, "spec", "forProvider", "uniqueName")
		case "Index":
			n.indexPrefix = strings.TrimSuffix(externalName(r.Object), probe)
		}
	}
	return n, nil
}

// explained tells all mistakes of a claim.
func explained(err error) error {
	if mistakes := mistakesOf(err); len(mistakes) > 0 {
		return fmt.Errorf("cannot draft a claim: %s", strings.Join(mistakes, "; "))
	}
	return err
}

// drafting is a Draft on its way.
type drafting struct {
	Draft

	blueprint v1alpha1.Blueprint
	names     names
	found     found
}

func (d *drafting) remarkf(format string, args ...any) {
	if r := fmt.Sprintf(format, args...); !slices.Contains(d.Remarks, r) {
		d.Remarks = append(d.Remarks, r)
	}
}
