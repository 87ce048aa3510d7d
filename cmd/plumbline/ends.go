package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"

	custody "github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/managed"
)

// labelClaim is how Crossplane names the claim on what it composes.
const labelClaim = "crossplane.io/claim-name"

// ends are what claims that go, and those that went, leave to see. The claim itself
// says nothing of it: nobody writes its status while it is being deleted.
type ends struct {
	leaving map[string][]v1alpha1.ResourceStatus // By namespace and name of the claim.
	kept    []custody.Tombstone
}

// lookAtEnds looks at what is being deleted with claims, and at the Tombstones. What
// this person may not see, or is not installed, is left out.
func (c statusCommand) lookAtEnds(ctx context.Context, plane dynamic.Interface, claims []unstructured.Unstructured) (ends, error) {
	e := ends{leaving: map[string][]v1alpha1.ResourceStatus{}}
	for _, claim := range claims {
		if err := e.lookAtNamespace(ctx, plane, situationOf(claim)); err != nil {
			return e, err
		}
	}
	if err := c.lookAtManaged(ctx, plane, e); err != nil {
		return e, err
	}
	var err error
	e.kept, err = c.lookAtTombstones(ctx, plane)
	return e, err
}

// lookAtManaged adds the managed resources that are being deleted.
func (c statusCommand) lookAtManaged(ctx context.Context, plane dynamic.Interface, e ends) error {
	options := metav1.ListOptions{}
	if c.Name != "" {
		options.LabelSelector = labels.Set{labelClaim: c.Name}.String()
	}
	for _, resource := range managed.Resources() {
		list, err := plane.Resource(resource).Namespace(c.Namespace).List(ctx, options)
		if unseen(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("cannot list %s: %w", resource.Resource, err)
		}
		for _, item := range list.Items {
			if item.GetDeletionTimestamp() != nil {
				title := item.GetNamespace() + "/" + item.GetLabels()[labelClaim]
				e.leaving[title] = append(e.leaving[title], managed.Leaving(item))
			}
		}
	}
	return nil
}

func (c statusCommand) lookAtTombstones(ctx context.Context, plane dynamic.Interface) ([]custody.Tombstone, error) {
	list, err := plane.Resource(custody.GroupVersion.WithResource("tombstones")).Namespace(c.Namespace).List(ctx, metav1.ListOptions{})
	if unseen(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list tombstones: %w", err)
	}
	var kept []custody.Tombstone
	for _, item := range list.Items {
		if t := tombstoneOf(item); c.Name == "" || t.Spec.Claim == c.Name {
			kept = append(kept, t)
		}
	}
	slices.SortFunc(kept, func(a, b custody.Tombstone) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	return kept, nil
}

func unseen(err error) bool { return kerrors.IsNotFound(err) || kerrors.IsForbidden(err) }

func tombstoneOf(u unstructured.Unstructured) custody.Tombstone {
	t := custody.Tombstone{}
	// What cannot be read is not there: the control plane may be newer than this program.
	_ = runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &t)
	return t
}

// lookAtNamespace adds the namespace of a claim that goes. Kubernetes says in its
// conditions what is left in it, such as a pod that does not end.
func (e ends) lookAtNamespace(ctx context.Context, plane dynamic.Interface, s situation) error {
	if !s.deleting || s.status.Namespace == "" {
		return nil
	}
	ns, err := plane.Resource(corev1.SchemeGroupVersion.WithResource("namespaces")).Get(ctx, s.status.Namespace, metav1.GetOptions{})
	if unseen(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot get namespace %q: %w", s.status.Namespace, err)
	}
	words := []string{"Being deleted"}
	for _, c := range situationOf(*ns).conditions {
		if c.status == "True" {
			words = append(words, c.message)
		}
	}
	if ns.GetDeletionTimestamp() != nil {
		e.leaving[s.title()] = append(e.leaving[s.title()], v1alpha1.ResourceStatus{
			Kind: "Namespace", Name: ns.GetName(), State: v1alpha1.ResourceProgressing, Message: strings.Join(words, "; "),
		})
	}
	return nil
}

// with adds what the claim cannot say of its end.
func (s situation) with(e ends) situation {
	if s.deleting {
		s.leaving = append([]v1alpha1.ResourceStatus{}, e.leaving[s.title()]...)
	}
	return s
}

// heldUp says what a deletion waits for, and who has to act.
func (s situation) heldUp() string {
	for _, r := range s.leaving {
		if r.State == v1alpha1.ResourceFailed {
			return fmt.Sprintf(", and held up by %s %s: %s (%s acts)", r.Kind, r.Name, r.Message, who(r.WhoFixes))
		}
	}
	return ""
}

// printKept lists what outlived its claim.
func printKept(out io.Writer, kept []custody.Tombstone) error {
	if len(kept) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintf(table, "\nKept after its claim was deleted:\n\n  KIND\tNAME\tCLAIM\tSINCE\tUNTIL\tTOMBSTONE\n")
	for _, t := range kept {
		until := "for good"
		if t.Spec.Until != nil {
			until = day(*t.Spec.Until)
		}
		_, _ = fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\n", t.Spec.Object.Kind, t.Spec.Object.Name,
			t.Namespace+"/"+t.Spec.Claim, day(t.Spec.Since), until, t.Name)
	}
	_, _ = fmt.Fprintf(table, "\nAdd a claim again to have what it left back. Set spec.until of a Tombstone to a time that has passed to delete it.\n")
	return table.Flush()
}

func day(t metav1.Time) string { return t.UTC().Format("2006-01-02 15:04") }
