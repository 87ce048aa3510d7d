package expand

import (
	"fmt"
	"maps"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// mayHave says whether the environment may have its namespace. While hold is not nil
// nothing new may be created: the name is not looked up yet, or somebody else has it.
// A namespace that may be taken over is returned.
func (in input) mayHave(p environment.Plan) (t taking, found compose.Object, err error) {
	if _, ours := in.observed[compose.PartNamespace]; ours {
		return taking{}, nil, nil
	}
	if !in.asked {
		return taking{refusal: new(status.Progressing(status.ReasonCreating, looking))}, nil, nil
	}
	if len(in.namespaces) == 0 {
		return taking{}, nil, nil
	}
	found = in.namespaces[0]
	t, err = in.take(p, compose.NamespaceOf(p), found)
	return t, found, err
}

// accepted is why the claim may not have its name, if somebody has it.
func (t taking) accepted() *status.Refusal {
	if t.refusal == nil || t.refusal.State != v1alpha1.ResourceFailed {
		return nil
	}
	return &status.Refusal{Reason: t.refusal.Reason, Mistakes: []string{t.refusal.Message}}
}

// holds are why parts cannot be created now, by their name.
func (in input) holds(p environment.Plan) map[string]*status.Health {
	holds := in.extraHolds(p)
	maps.Copy(holds, in.hostHolds(p))
	return holds
}

// hostHolds says which hosts the environment may not have, or not yet, and why. A host
// is looked at before it is composed, as the namespace is. Two claims that look at
// the same moment both find it free: the API server then takes one Lease and refuses
// the other, since no object has two controllers, and Crossplane goes on with the
// rest of that claim.
func (in input) hostHolds(p environment.Plan) map[string]*status.Health {
	holds := map[string]*status.Health{}
	for _, l := range p.Leases {
		part := compose.HostPart(l)
		if _, ours := in.observed[part]; ours {
			continue
		}
		found, asked := in.leases[l.Host]
		if !asked {
			holds[part] = new(status.Progressing(status.ReasonCreating, "Looking whether the host is free"))
			continue
		}
		for _, lease := range found {
			if owner := compose.Controller(lease); !in.mayTake(p, lease) {
				holds[part] = new(in.heldBy(l, owner.Kind, compose.Holder(lease)))
			}
		}
	}
	return holds
}

// mayTake says whether an object is ours already, or was handed over to us.
func (in input) mayTake(p environment.Plan, o compose.Object) bool {
	owner := compose.Controller(o)
	return owner.UID == in.uid && in.uid != "" || owner.UID == "" && compose.Transferred(o, p.Holder)
}

// heldBy says who has a host that is not ours.
func (in input) heldBy(l environment.HostLease, kind, holder string) status.Health {
	if kind != in.kind {
		return status.Failed(status.ReasonExistsNotOwned,
			fmt.Sprintf("Lease %q in namespace %q holds host %s, and Plumbline did not make it; remove it", l.Name, l.Namespace, l.Host), v1alpha1.FixerPlatformTeam)
	}
	team, _, _ := strings.Cut(holder, "/")
	what := "host " + l.Host
	if l.Domain {
		what = "domain " + l.Host + ", with all hosts in it,"
	}
	return status.Failed(status.ReasonNameTaken,
		fmt.Sprintf("%s belongs to %s (team %s); choose another host", what, holder, team), v1alpha1.FixerDeveloper)
}
