package survey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/functions/rehearsal"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// offer rehearses the draft, and says how the owner of what is there offers to it what
// has the names that it gives.
func (d *drafting) offer(ctx context.Context, kube client.Reader, config map[string]any) error {
	result, err := rehearsal.Run(d.Claim, config, time.Now())
	if mistakes := mistakesOf(err); len(mistakes) > 0 {
		d.Mistakes = mistakes
		return nil
	}
	if err != nil {
		return err
	}
	for _, r := range result.Resources {
		u := &unstructured.Unstructured{Object: r.Object}
		switch {
		case u.GetKind() == "Namespace":
			d.offerNamespace(u)
		case u.GetKind() == "Index":
			d.offerIndex(u)
		case u.GetKind() == "Group":
			d.offerGroup(u)
		case u.GetNamespace() == d.found.namespace.Name:
			if err := d.offerObject(ctx, kube, u); err != nil {
				return err
			}
		}
	}
	return nil
}

// mistakesOf returns why a claim is refused, if that is what an error says.
func mistakesOf(err error) []string {
	var refused *rehearsal.RefusedError
	if errors.As(err, &refused) {
		return refused.Mistakes
	}
	return nil
}

// holder is the claim as marks on objects of Kubernetes name it.
func (d *drafting) holder() string { return d.Claim.Namespace + "/" + d.Claim.Name }

func (d *drafting) offerNamespace(desired *unstructured.Unstructured) {
	name := d.found.namespace.Name
	if d.found.namespace.Labels["pod-security.kubernetes.io/enforce"] == "" {
		d.remarkf("Nothing enforces Pod Security in the namespace now; the labels below do: add --dry-run=server to see which pods they would refuse")
	}
	if missing := other(desired.GetLabels(), d.found.namespace.Labels); len(missing) > 0 {
		d.commandf("kubectl label namespace %s --overwrite %s", name, strings.Join(missing, " "))
	}
	if missing := other(desired.GetAnnotations(), d.found.namespace.Annotations); len(missing) > 0 {
		d.commandf("kubectl annotate namespace %s --overwrite %s", name, strings.Join(missing, " "))
	}
	d.commandf("kubectl annotate namespace %s --overwrite %s", name, quoted(owner.Key+"="+d.holder()+";offered"))
}

// other are the labels or annotations that have to be set, as kubectl takes them.
func other(desired, found map[string]string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(desired)) {
		if value, set := found[key]; !set || value != desired[key] {
			out = append(out, quoted(key+"="+desired[key]))
		}
	}
	return out
}

// offerIndex sets the mark in the _meta that is there: Elasticsearch replaces it as a
// whole.
func (d *drafting) offerIndex(desired *unstructured.Unstructured) {
	name := externalName(desired.Object)
	found, exists := d.found.search.indices[name]
	if !exists {
		return
	}
	meta, _ := found.Mappings["_meta"].(map[string]any)
	meta = maps.Clone(meta)
	if meta == nil {
		meta = map[string]any{}
	}
	meta[owner.Key] = offerTo(d.found.search.installation, desired)
	body, err := json.Marshal(map[string]any{"_meta": meta})
	if err != nil { // What JSON decoded, JSON encodes.
		return
	}
	d.commandf("curl --fail -X PUT -u \"$ELASTICSEARCH_USERNAME:$ELASTICSEARCH_PASSWORD\" -H 'Content-Type: application/json' %s -d %s",
		quoted(strings.TrimSuffix(d.found.search.endpoint, "/")+"/"+name+"/_mapping"), quoted(string(body)))
}

// offerGroup puts the mark at the end of the description that is there.
func (d *drafting) offerGroup(desired *unstructured.Unstructured) {
	g := d.found.group.group
	if g == nil || g.DisplayName != d.names.group {
		return
	}
	description := strings.TrimSpace(fmt.Sprintf("%s [%s=%s]", g.Description, owner.Key, offerTo(d.found.group.installation, desired)))
	body, err := json.Marshal(map[string]any{"description": description})
	if err != nil { // A text is always encoded.
		return
	}
	d.commandf("az rest --method PATCH --url %s --body %s", quoted(strings.TrimSuffix(d.found.group.endpoint, "/")+"/v1.0/groups/"+g.ID), quoted(string(body)))
}

// offerTo is the mark that offers something to a managed resource.
func offerTo(installation string, mr metav1.Object) string {
	return owner.Mark{Marker: owner.Of(installation, mr), State: owner.Offered}.String()
}

// offerObject is about what lies in the namespace under a name that the claim gives.
func (d *drafting) offerObject(ctx context.Context, kube client.Reader, desired *unstructured.Unstructured) error {
	there := &unstructured.Unstructured{}
	there.SetGroupVersionKind(desired.GroupVersionKind())
	err := kube.Get(ctx, client.ObjectKeyFromObject(desired), there)
	if kerrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot get %s %q: %w", desired.GetKind(), desired.GetName(), err)
	}
	d.remarkf("%s %s has the name of the claim's own; rename it, or offer it as it is, and the claim writes none", desired.GetKind(), desired.GetName())
	d.commandf("kubectl annotate -n %s %s %s --overwrite %s", desired.GetNamespace(), strings.ToLower(desired.GetKind()), desired.GetName(),
		quoted(owner.Key+"="+d.holder()+";offered"))
	return nil
}

func (d *drafting) commandf(format string, args ...any) {
	d.Offers = append(d.Offers, fmt.Sprintf(format, args...))
}

// quoted is a text as one word of a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
