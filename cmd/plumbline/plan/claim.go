package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

const labelTag = "metadata.labels[tags.plumbline.dev/"

// A File holds a claim as it is to be. Blueprints apply to all claims.
type File struct {
	Path  string
	Claim *v1alpha1.ServiceEnvironment
}

// Of plans claims that are to be, and those that are to go, which are named by team and
// name. A nil Blueprint is the control plane's own.
func Of(c *Cluster, files, removed []File, blueprint map[string]any) (Plan, error) {
	var err error
	if blueprint == nil {
		blueprint, err = c.get("apiextensions.crossplane.io/v1beta1", "EnvironmentConfig", "", "plumbline-blueprint")
		if err != nil {
			return Plan{}, err
		}
		if blueprint == nil {
			return Plan{}, errors.New("cannot find the Blueprint on the control plane: without EnvironmentConfig \"plumbline-blueprint\" no claim changes")
		}
	}
	p := planner{cluster: c, blueprint: blueprint, going: map[string]string{}, leaves: map[string]bool{}}
	var plan Plan
	for _, f := range removed {
		claim, err := p.remove(f)
		if err != nil {
			return Plan{}, err
		}
		plan.Claims = append(plan.Claims, claim)
	}
	for _, f := range files {
		claim, err := p.keep(f)
		if err != nil {
			return Plan{}, fmt.Errorf("cannot plan %s: %w", title(f.Claim), err)
		}
		plan.Claims = append(plan.Claims, claim)
	}
	slices.SortStableFunc(plan.Claims, func(a, b Claim) int { return strings.Compare(a.Title, b.Title) })
	return plan, nil
}

type planner struct {
	cluster   *Cluster
	blueprint map[string]any
	going     map[string]string // Namespaces that go with their claims, and those.
	leaves    map[string]bool   // Claims that go.
}

// remove plans a claim that is no longer in Git.
func (p planner) remove(f File) (Claim, error) {
	out := Claim{Title: title(f.Claim), File: f.Path, Action: None}
	l, err := p.cluster.live(f.Claim.GetNamespace(), f.Claim.GetName())
	if err != nil || l.claim == nil {
		return out, err
	}
	out.Action = Delete
	if why := l.protection(p.blueprint); why != "" {
		out.Refused = []string{why}
		return out, nil
	}
	p.leaves[out.Title] = true
	for _, r := range l.refs {
		r = l.removal(r)
		out.Resources = append(out.Resources, r)
		if r.Kind == "Namespace" {
			p.going[r.Name] = out.Title
		}
	}
	return out, nil
}

// keep plans a claim that is in Git.
func (p planner) keep(f File) (Claim, error) {
	out := Claim{Title: title(f.Claim), File: f.Path, Action: Create}
	l, err := p.cluster.live(f.Claim.GetNamespace(), f.Claim.GetName())
	if err != nil {
		return out, err
	}
	if l.claim != nil {
		out.Action = None
		if out.Refused, err = p.cluster.forbidden(f.Claim, l.claim); err != nil || len(out.Refused) > 0 {
			return out, err
		}
	}
	result, err := rehearsal.Foresee(f.Claim, p.blueprint, l.rehearsed(), p, time.Now())
	var refused *rehearsal.RefusedError
	switch {
	case errors.As(err, &refused) && refused.Reason == "Paused":
		out.Notes = []string{"the claim is paused: nothing of it changes before spec.paused is false"}
		return out, nil
	case errors.As(err, &refused):
		out.Refused = refused.Mistakes
		return out, nil
	case err != nil:
		return out, err
	}
	out.Refused = collisions(result.Status)
	if out.Resources, err = p.compare(l, result); err != nil {
		return out, err
	}
	out.Refused = append(out.Refused, behindOthers(out.Resources)...)
	out = out.folded()
	if out.Action == None && len(out.Resources)+len(out.Tags) > 0 {
		out.Action = Change
	}
	return out, nil
}

// collisions are the rows that somebody has to look after although all else goes well.
func collisions(s v1alpha1.ServiceEnvironmentStatus) []string {
	var out []string
	for _, r := range s.Resources {
		switch r.Reason {
		case "NameTaken", "ExistsNotOwned", "KindMissing", "NotAllowed":
			out = append(out, fmt.Sprintf("%s %s: %s", r.Kind, r.Name, r.Message))
		}
	}
	return out
}

// compare says what happens to each object, those that leave last.
func (p planner) compare(l live, result rehearsal.Result) ([]Resource, error) {
	var out []Resource
	wanted := map[string]bool{}
	for _, desired := range result.Resources {
		o := desired.Object
		r := resourceOf(o)
		wanted[r.key()] = true
		r, err := p.fate(l, r, o)
		if err != nil {
			return nil, err
		}
		if r.Action != None {
			out = append(out, r)
		}
	}
	for _, adopted := range result.Adopted {
		if r := resourceOf(adopted.Object); !l.has(r) {
			r.Action, r.Note = Adopt, "exists, and was offered or is as the claim wants it; it stays as it is, and outlives the claim"
			out = append(out, r)
		}
	}
	for _, r := range l.refs {
		if !wanted[r.key()] {
			out = append(out, l.removal(r))
		}
	}
	return out, nil
}

func resourceOf(o map[string]any) Resource {
	return Resource{APIVersion: text(o, "apiVersion"), Kind: text(o, "kind"), Namespace: text(o, "metadata", "namespace"), Name: text(o, "metadata", "name")}
}

// fate compares one object with what exists.
func (p planner) fate(l live, r Resource, desired map[string]any) (Resource, error) {
	if object := l.objects[r.key()]; object != nil {
		desired, err := p.cluster.defaulted(desired)
		if err != nil {
			return r, err
		}
		r.Fields, r.Action = changed(object, desired), None
		if len(r.Fields) > 0 {
			r.Action = Change
		}
		return r, nil
	}
	r.Action = Create
	if slices.ContainsFunc(l.refs, func(ref Resource) bool { return ref.key() == r.key() }) {
		r.Action = None
		return r, nil
	}
	if before := p.going[r.Namespace]; before != "" {
		return r, nil // What is there goes with its namespace.
	}
	found, err := p.cluster.get(r.APIVersion, r.Kind, r.Namespace, r.Name)
	if err != nil {
		return r, err
	}
	if found == nil {
		return p.behind(r, desired)
	}
	if before := p.going[r.Name]; before != "" && r.Kind == "Namespace" {
		r.Action, r.Note = Recreate, "that of "+before+" goes first, with everything in it"
		return r, nil
	}
	if holder := controller(found); holder != "" {
		r.Action, r.Note = Collide, "belongs to "+holder
		return r, nil
	}
	r.Action, r.Note = Collide, "exists, and Plumbline did not make it"
	return r, nil
}

// folded gathers from all objects what the claim changed once: its tags, and its quota.
func (c Claim) folded() Claim {
	var kept []Resource
	for _, r := range c.Resources {
		if r.Kind == "ResourceQuota" && r.Action == Change {
			c.Quota = append(c.Quota, within(r.Fields, "spec.hard")...)
		}
		tags := within(r.Fields, labelTag)
		for _, t := range tags {
			if !slices.ContainsFunc(c.Tags, func(has Field) bool { return has.Path == t.Path }) {
				c.Tags = append(c.Tags, t)
			}
		}
		r.Fields = slices.DeleteFunc(r.Fields, func(f Field) bool { return strings.HasPrefix(f.Path, labelTag) })
		if r.Action != Change || len(r.Fields) > 0 {
			kept = append(kept, r)
		}
	}
	if marked := len(c.Resources) - len(kept); marked > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("of %d more objects only the tags change", marked))
	}
	c.Resources = kept
	return c
}

// within returns the fields below a path, by what follows it.
func within(fields []Field, prefix string) []Field {
	var out []Field
	for _, f := range fields {
		if rest, ok := strings.CutPrefix(f.Path, prefix); ok {
			f.Path = strings.Trim(rest, "[].")
			out = append(out, f)
		}
	}
	return out
}

// controller names who controls an object, by the claim behind it where there is one.
func controller(object map[string]any) string {
	owner := controllerOf(object)
	claim := text(object, "metadata", "labels", "crossplane.io/claim-name")
	switch {
	case owner == nil:
		return ""
	case claim != "":
		return text(object, "metadata", "labels", "crossplane.io/claim-namespace") + "/" + claim
	default:
		return text(owner, "kind") + " " + text(owner, "name")
	}
}

// controllerOf returns the owner that controls an object, or nil.
func controllerOf(object map[string]any) map[string]any {
	metadata, _ := object["metadata"].(map[string]any)
	owners, _ := metadata["ownerReferences"].([]any)
	for _, entry := range owners {
		if owner, _ := entry.(map[string]any); owner["controller"] == true {
			return owner
		}
	}
	return nil
}

func title(c *v1alpha1.ServiceEnvironment) string { return c.GetNamespace() + "/" + c.GetName() }
