package compose

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// AnnotationOwner is where the owner of an object of Kubernetes offers it to a claim.
const AnnotationOwner = "plumbline.dev/owner"

// Offer is the mark by which an object is offered to the claim that is its holder.
func Offer(holder string) string { return holder + ";offered" }

// MarkOf returns the mark that an observed object carries, or none.
func MarkOf(o Object) string { return o.text("metadata", "annotations", AnnotationOwner) }

// Adopt notes that the object of a part was taken over.
func Adopt(parts []Part, name string, differs []custody.Difference) {
	p := find(parts, name)
	p.Adopted, p.Differs = true, differs
}

// adopted is the health of what was taken over. It serves its users even where it is
// not as desired: nobody here may change it, so somebody is told.
func (p Part) adopted(o Object) status.Health {
	health := status.Available()
	switch {
	case o.deleting():
		return status.Progressing(status.ReasonDeleting, "Being deleted by its owner; it is made anew when it is gone")
	case p.Health != nil:
		health = p.Health(o)
	}
	if health.State != v1alpha1.ResourceReady || len(p.Differs) == 0 {
		return health
	}
	return status.Noted(status.ReasonDiffers, fmt.Sprintf(
		"It was taken over as it is, and differs in %s; have its owner change that", custody.Fields(p.Differs)), v1alpha1.FixerPlatformTeam)
}

// Differences are the fields in which what was found is not as a resource is desired,
// as far as the resource has an opinion.
func Differences(desired Resource, found Object) ([]custody.Difference, error) {
	object, err := applied(desired)
	if err != nil {
		return nil, err
	}
	want := object.AsMap()
	delete(want, "apiVersion") // It was looked up by them.
	delete(want, "kind")
	var fields []string
	differ("", want, map[string]any(found), &fields)
	slices.Sort(fields)
	var differences []custody.Difference
	for _, f := range fields {
		differences = append(differences, custody.Difference{Field: f})
	}
	return differences, nil
}

func differ(at string, want, got any, fields *[]string) {
	switch want := want.(type) {
	case map[string]any:
		found, _ := got.(map[string]any)
		for key, value := range want {
			differ(below(at, key), value, found[key], fields)
		}
		return
	case []any:
		found, _ := got.([]any)
		if len(want) == len(found) {
			for i := range want {
				differ(fmt.Sprintf("%s[%d]", at, i), want[i], found[i], fields)
			}
			return
		}
	default:
		if same(want, got) {
			return
		}
	}
	*fields = append(*fields, at)
}

// below writes keys with dots in them so that they can be read.
func below(at, key string) string {
	switch {
	case strings.ContainsAny(key, "./"):
		return at + "[" + key + "]"
	case at == "":
		return key
	default:
		return at + "." + key
	}
}

// same compares what JSON may write in two ways: numbers and quantities.
func same(want, got any) bool {
	if reflect.DeepEqual(want, got) {
		return true
	}
	if fmt.Sprint(want) == fmt.Sprint(got) && want != nil && got != nil {
		return true
	}
	a, isText := want.(string)
	b, isTextToo := got.(string)
	if !isText || !isTextToo {
		return false
	}
	first, err := resource.ParseQuantity(a)
	if err != nil {
		return false
	}
	second, err := resource.ParseQuantity(b)
	return err == nil && first.Cmp(second) == 0
}
