package compose

import (
	"maps"
	"strings"
)

// transfer is the mark by which an environment hands an object of Kubernetes over to a
// claim, for which it is then as if it had made it.
func transfer(holder string) string { return holder + ";transferred" }

// Transferred says whether an object was handed over to a claim. Crossplane writes the
// mark while the former claim has the object; so whoever else can is its owner.
func Transferred(o Object, holder string) bool { return MarkOf(o) == transfer(holder) }

// HandOver marks what is desired for the claim that is to have it. Managed resources
// stay where they are: what they stand for is marked by their provider.
func HandOver(parts []Part, holder string) {
	for _, p := range parts {
		if p.Adopted || isOurs(p.Resource.GetObjectKind().GroupVersionKind().Group) {
			continue
		}
		annotations := map[string]string{}
		maps.Copy(annotations, p.Resource.GetAnnotations())
		annotations[AnnotationOwner] = transfer(holder)
		p.Resource.SetAnnotations(annotations)
	}
}

// HandedOver says whether all that is observed carries its mark. A managed resource tells
// whom the mark on what it stands for names; that of an API key is not handed over.
func HandedOver(parts []Part, o Observed, holder string) bool {
	for _, p := range parts {
		object, there := o[p.Name]
		wanted := object.text("spec", "handOver")
		switch {
		case !there:
			return false
		case p.Adopted, IsManaged(object) && (p.kind() == "APIKey" || p.kind() == "DataStream"):
		case IsManaged(object):
			if wanted == "" || object.condition("Synced").text("status") != "True" || !strings.HasSuffix(object.text("status", "atProvider", "owner"), "/"+wanted) {
				return false
			}
		case !Transferred(object, holder):
			return false
		}
	}
	return true
}
