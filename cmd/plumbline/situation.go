package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// A situation is what a claim says of itself.
type situation struct {
	namespace, name string
	deleting        bool
	ready           bool
	status          v1alpha1.ServiceEnvironmentStatus
	conditions      []condition
	leaving         []v1alpha1.ResourceStatus // What is still being deleted of a claim that goes.
	blocked         []v1alpha1.ResourceStatus // What of the developer's own the API server refuses.
}

type condition struct{ kind, status, reason, message string }

func situationOf(u unstructured.Unstructured) situation {
	claim := v1alpha1.ServiceEnvironment{}
	// What cannot be read is not there: the control plane may be newer than this program.
	_ = runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &claim)
	s := situation{namespace: u.GetNamespace(), name: u.GetName(), status: claim.Status, deleting: u.GetDeletionTimestamp() != nil}
	list, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, entry := range list {
		m, _ := entry.(map[string]any)
		text := func(key string) string { t, _ := m[key].(string); return t }
		c := condition{kind: text("type"), status: text("status"), reason: text("reason"), message: text("message")}
		s.conditions = append(s.conditions, c)
		s.ready = s.ready || (c.kind == "Ready" && c.status == "True")
	}
	return s
}

func (s situation) title() string { return s.namespace + "/" + s.name }

// line is all that a list has room for.
func (s situation) line() string {
	return fmt.Sprintf("%s %s: %s", s.mark(), s.title(), s.summary())
}

func (s situation) mark() string {
	if s.ready && !s.deleting {
		return "✓"
	}
	return "✗"
}

func (s situation) summary() string {
	switch {
	case s.deleting:
		return "is being deleted" + s.heldUp()
	case s.status.Summary == "":
		return "Crossplane has not looked at it yet"
	default:
		return s.status.Summary
	}
}

func printSituations(out io.Writer, situations []situation) error {
	if len(situations) == 0 {
		_, err := fmt.Fprintln(out, "There are no ServiceEnvironments.")
		return err
	}
	for _, s := range situations {
		if _, err := fmt.Fprintln(out, s.line()); err != nil {
			return err
		}
	}
	return nil
}

// printSituation tells everything about one claim.
func printSituation(out io.Writer, s situation) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format+"\n", args...) } // Flush returns the error.
	p("%s", s.line())
	p("")
	for _, e := range s.endpoints() {
		p("  %s\t%s", e[0], e[1])
	}
	p("")
	p("  CONDITION\tSTATUS\tREASON\tMESSAGE")
	for _, c := range s.conditions {
		p("  %s\t%s\t%s\t%s", c.kind, c.status, c.reason, c.message)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	p("")
	p("  STATE\tKIND\tNAME\tWHO ACTS\tMESSAGE")
	for _, r := range s.resources() {
		p("  %s\t%s\t%s\t%s\t%s", r.State, r.Kind, r.Name, who(r.WhoFixes), wordsOf(r))
	}
	p("")
	return table.Flush()
}

// resources are those that the claim tells of, or, while it is being deleted, those that
// are still there, if somebody looked.
func (s situation) resources() []v1alpha1.ResourceStatus {
	if s.leaving != nil {
		return s.leaving
	}
	return slices.Concat(s.status.Resources, s.blocked)
}

func wordsOf(r v1alpha1.ResourceStatus) string {
	if r.WaitingFor != "" {
		return "waiting for " + r.WaitingFor
	}
	return r.Message
}

func who(f v1alpha1.Fixer) string {
	switch f {
	case v1alpha1.FixerDeveloper:
		return "the developer"
	case v1alpha1.FixerPlatformTeam:
		return "the platform team"
	default:
		return "-"
	}
}

// endpoints are where the environment is reached, by name.
func (s situation) endpoints() [][2]string {
	rows := [][2]string{}
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, [2]string{name, value})
		}
	}
	add("namespace", s.status.Namespace)
	if e := s.status.Endpoints; e != nil {
		add("URLs", strings.Join(e.URLs, ", "))
		add("indices", strings.Join(e.Indices, ", "))
		add("data streams", strings.Join(e.DataStreams, ", "))
		add("group", e.GroupID)
	}
	return rows
}
