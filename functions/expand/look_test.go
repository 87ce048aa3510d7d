package expand

import (
	"strings"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"

	"github.com/plumbline-dev/plumbline/functions/internal/compose"
)

const (
	offered     = "payments/checkout-prod;offered"
	partLease   = "namespace-lease"
	requireQuot = "object-quota"
)

// permitting lets claims of prod ask for any adoption.
func permitting(t *testing.T) edit {
	t.Helper()
	blueprint := builtIn(t)
	blueprint["environments"].(object)["prod"].(object)["adoption"] = object{"max": "Adopt"}
	return required(t, "blueprint", object{"data": blueprint})
}

// desiredOf returns a part as a claim that finds everything free composes it.
func desiredOf(t *testing.T, part string) object {
	t.Helper()
	rsp := run(t, ask(t, active(t), func(req *fnv1.RunFunctionRequest) {
		if part == compose.PartNamespace {
			delete(req.Observed.Resources, part)
		}
	}))
	return rsp.GetDesired().GetResources()[part].GetResource().AsMap()
}

// marked sets the mark of an object, and its phase.
func marked(o object, mark string) object {
	metadata, _ := o["metadata"].(object)
	annotations, _ := metadata["annotations"].(object)
	if annotations == nil {
		annotations = object{}
	}
	if mark != "" {
		annotations["plumbline.dev/owner"] = mark
	}
	metadata["annotations"] = annotations
	o["status"] = object{"phase": "Active"}
	return o
}

func TestNamespaceAdoption(t *testing.T) {
	bare := func(mark string) object { return marked(object{"metadata": object{"name": "checkout-prod"}}, mark) }
	lease := observed(t, partLease, object{})
	cases := map[string]struct {
		reason   string
		adoption string
		found    object
		edits    []edit
		accepted string
		leased   bool   // The Lease is desired.
		inside   bool   // What lies inside is desired.
		message  string // Part of the status.
	}{
		"Never": {
			reason: "An offer is not taken unasked.", adoption: "Never", found: bare(offered),
			accepted: "Accepted=FALSE ExistsNotOwned", message: "set spec.adoption to Adopt",
		},
		"Unoffered": {
			reason: "What nobody offers is not taken, and it is said how to offer it.", adoption: "Adopt", found: bare(""),
			accepted: "Accepted=FALSE ExistsNotOwned", message: "plumbline.dev/owner: " + offered,
		},
		"OfferedToAnother": {
			reason: "An offer is to one claim.", adoption: "Adopt", found: bare("shop/checkout-prod;offered"),
			accepted: "Accepted=FALSE OwnedElsewhere", message: "shop/checkout-prod;offered",
		},
		"NotAnOffer": {
			reason: "A mark that offers nothing is none.", adoption: "Adopt", found: bare("payments/checkout-prod"),
			accepted: "Accepted=FALSE OwnedElsewhere",
		},
		"OfferedToAnotherIdentical": {
			reason: "What is offered to another is not taken for being alike.", adoption: "IfIdentical",
			found:    marked(desiredOf(t, compose.PartNamespace), "shop/checkout-prod;offered"),
			accepted: "Accepted=FALSE OwnedElsewhere",
		},
		"Offered": {
			reason: "What is offered is taken by its Lease, before anything is put into it, and nothing of it is written.", adoption: "Adopt", found: bare(offered),
			accepted: "Accepted=TRUE Accepted", leased: true,
		},
		"Leased": {
			reason: "Once it is taken it is used, and it is said what is not as desired.", adoption: "Adopt", found: bare(offered), edits: []edit{lease},
			accepted: "Accepted=TRUE Accepted", leased: true, inside: true, message: "Differs: It was taken over as it is, and differs in metadata.labels[app.kubernetes.io/managed-by]",
		},
		"Withdrawn": {
			reason: "Without the offer nothing new is composed, and the Lease stays.", adoption: "Adopt", found: bare(""), edits: []edit{lease},
			accepted: "Accepted=FALSE ExistsNotOwned", leased: true,
		},
		"Identical": {
			reason: "What does not differ is taken.", adoption: "IfIdentical", found: marked(desiredOf(t, compose.PartNamespace), ""),
			accepted: "Accepted=TRUE Accepted", leased: true,
		},
		"NotIdentical": {
			reason: "What differs is not taken, and it is said in what.", adoption: "IfIdentical", found: bare(""),
			accepted: "Accepted=FALSE ExistsNotOwned", message: "differs in metadata.labels[app.kubernetes.io/managed-by]",
		},
		"IdenticalOnce": {
			reason: "What was identical when it was taken is kept when it changes, and it is said in what.", adoption: "IfIdentical", found: bare(""), edits: []edit{lease},
			accepted: "Accepted=TRUE Accepted", leased: true, inside: true, message: "Differs: ",
		},
		"Anothers": {
			reason: "What another claim has is not taken, whatever it carries.", adoption: "Adopt",
			found: object{"metadata": object{
				"name": "checkout-prod", "annotations": object{"plumbline.dev/owner": offered},
				"ownerReferences": []any{object{"kind": "XServiceEnvironment", "name": "other", "uid": "another", "controller": true}},
			}},
			accepted: "Accepted=FALSE NameTaken",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			edits := append([]edit{permitting(t), inSpec(t, "adoption", tc.adoption), required(t, "namespace", tc.found)}, tc.edits...)
			rsp := run(t, ask(t, edits...))
			if got := says(rsp)[0]; got != tc.accepted {
				t.Errorf("\n%s\nwant %s, got %s: %s", tc.reason, tc.accepted, got, summary(rsp))
			}
			if names(rsp)[compose.PartNamespace] {
				t.Errorf("\n%s\nA namespace that Plumbline did not make is never composed: it would go with the claim.", tc.reason)
			}
			if got := names(rsp)[partLease]; got != tc.leased {
				t.Errorf("\n%s\nthe Lease is desired: want %t, got %t", tc.reason, tc.leased, got)
			}
			if got := names(rsp)["quota"]; got != tc.inside {
				t.Errorf("\n%s\nwhat lies inside is desired: want %t, got %t", tc.reason, tc.inside, got)
			}
			if said := summary(rsp) + "\n" + table(rsp); !strings.Contains(said, tc.message) {
				t.Errorf("\n%s\nThe claim says %q, got:\n%s", tc.reason, tc.message, said)
			}
			if rsp.GetRequirements().GetResources()["namespace"] == nil {
				t.Errorf("\n%s\nThe namespace is watched.", tc.reason)
			}
		})
	}
}

// TestObjectOfOthers holds that nothing inside the namespace, and no managed resource,
// is taken over silently.
func TestObjectOfOthers(t *testing.T) {
	quota := func(mark string) object {
		return marked(object{"metadata": object{"name": "environment", "namespace": "checkout-prod"}, "spec": object{"hard": object{"pods": "1"}}}, mark)
	}
	controlled := func(kind, uid string) object {
		o := quota(offered)
		o["metadata"].(object)["ownerReferences"] = []any{object{"kind": kind, "name": "other", "uid": uid, "controller": true}}
		return o
	}
	cases := map[string]struct {
		reason   string
		adoption string
		part     string
		found    object
		desired  bool
		message  string
	}{
		"Free":      {reason: "What nobody has is composed.", part: "quota", desired: true, message: "Creating: Being created"},
		"Nobodys":   {reason: "What nothing controls is not taken over.", part: "quota", found: quota(""), message: `ExistsNotOwned: ResourceQuota "environment" in namespace "checkout-prod" exists`},
		"Anothers":  {reason: "What another claim has is said to be its.", part: "quota", found: controlled("XServiceEnvironment", "another"), message: `NameTaken: ResourceQuota "environment" in namespace "checkout-prod" belongs to`},
		"Operators": {reason: "What another controller has is its, whatever it carries.", adoption: "Adopt", part: "quota", found: controlled("Tenant", "another"), message: `belongs to Tenant "other"`},
		"Ours":      {reason: "What is ours, though it was not observed in this call, is composed.", part: "quota", found: controlled("XServiceEnvironment", "our-uid"), desired: true},
		"Offered":   {reason: "What is offered is taken as it is.", adoption: "Adopt", part: "quota", found: quota(offered), message: "Differs: It was taken over as it is, and differs in metadata.labels"},
		"Identical": {reason: "What does not differ is taken.", adoption: "IfIdentical", part: "quota", found: desiredOf(t, "quota"), message: "Available: "},
		"Secrets":   {reason: "A Secret with the name of an API key's is not overwritten.", part: "search-secret-elasticsearch-app", found: object{"metadata": object{"name": "elasticsearch-app", "namespace": "checkout-prod"}}, message: `ExistsNotOwned: Secret "elasticsearch-app" in namespace "checkout-prod" exists`},
		"ByHand":    {reason: "A managed resource that somebody made by hand is not taken over, offered or not.", adoption: "Adopt", part: "index-orders", found: marked(object{"apiVersion": "elasticsearch.plumbline.dev/v1alpha1", "metadata": object{"name": "checkout-prod.orders", "namespace": "payments"}}, offered), message: `ExistsNotOwned: Index "checkout-prod.orders" in namespace "payments" exists`},
	}
	search := inSpec(t, "search", object{"indices": []any{object{"name": "orders"}}, "apiKeys": []any{object{"name": "app", "access": "Writer"}}})
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			edits := []edit{permitting(t), active(t), search}
			if tc.adoption != "" {
				edits = append(edits, inSpec(t, "adoption", tc.adoption))
			}
			if tc.found != nil {
				edits = append(edits, required(t, requireObject+tc.part, tc.found))
			}
			rsp := run(t, ask(t, edits...))
			if got := names(rsp)[tc.part]; got != tc.desired {
				t.Errorf("\n%s\ndesired: want %t, got %t", tc.reason, tc.desired, got)
			}
			if got := says(rsp)[0]; got != "Accepted=TRUE Accepted" || !names(rsp)["limits"] {
				t.Errorf("\n%s\nThe rest of the environment is composed, got %s", tc.reason, got)
			}
			if said := table(rsp); !strings.Contains(said, tc.message) {
				t.Errorf("\n%s\nThe claim says %q, got:\n%s", tc.reason, tc.message, said)
			}
		})
	}
}

// TestNothingOnAGuess holds that what was not looked at yet is not composed.
func TestNothingOnAGuess(t *testing.T) {
	req := ask(t, active(t))
	delete(req.RequiredResources, requireQuot)
	rsp := run(t, req)
	if names(rsp)["quota"] || rsp.GetRequirements().GetResources()[requireQuot] == nil {
		t.Errorf("a quota that nobody looked for is looked for before it is composed, got %v", names(rsp))
	}
	if !names(rsp)["limits"] {
		t.Errorf("the rest is composed, got %v", names(rsp))
	}
}
