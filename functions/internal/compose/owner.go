package compose

import "fmt"

// An Owner is who controls an observed object.
type Owner struct {
	Kind  string
	Name  string
	UID   string
	Claim string // The claim behind it in words, for people.
}

// Name returns the name of an observed object.
func Name(o Object) string { return o.text("metadata", "name") }

// Controller returns the owner that controls an object. It is empty where none does.
func Controller(o Object) Owner {
	for _, r := range o.list("metadata", "ownerReferences") {
		m, _ := r.(map[string]any)
		if m["controller"] != true {
			continue
		}
		owner := Object(m)
		return Owner{Kind: owner.text("kind"), Name: owner.text("name"), UID: owner.text("uid"), Claim: claimOf(o, owner)}
	}
	return Owner{}
}

// claimOf reads the labels by which Crossplane leads back to a claim.
func claimOf(o, owner Object) string {
	name, namespace := o.text("metadata", "labels", "crossplane.io/claim-name"), o.text("metadata", "labels", "crossplane.io/claim-namespace")
	if name == "" {
		return fmt.Sprintf("%s %q", owner.text("kind"), owner.text("name"))
	}
	return fmt.Sprintf("%s/%s (team %s)", namespace, name, namespace)
}
