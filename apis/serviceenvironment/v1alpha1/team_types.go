package v1alpha1

// A Team is what the Blueprint gives to some teams otherwise than to all. Each list and
// map says what there is for them: what it does not name they cannot have, and an empty
// one gives nothing. What is left out is as for all teams.
type Team struct {
	// Namespaces of the claims that this is about; * stands for any characters.
	Namespaces []string `json:"namespaces"`

	// Services that the team's claims may name; * stands for any characters. Left out:
	// all.
	// +optional
	Services []string `json:"services,omitempty"`

	// Members and owners that the team's claims may name in spec.access; * stands for
	// any characters, as in *@payments.example.com. Left out: all.
	// +optional
	Members []string `json:"members,omitempty"`

	// Environments that the team's claims may name, and what is otherwise in each.
	// Left out: all, as they are.
	// +optional
	Environments map[string]TeamEnvironment `json:"environments,omitempty"`

	// Sizes that the team's claims may name, and what is otherwise about each. Left
	// out: all, as they are.
	// +optional
	Sizes map[string]TeamSize `json:"sizes,omitempty"`

	// Zones that the team's routes may be in, and what is otherwise in each. Left out:
	// all, as they are.
	// +optional
	Zones map[string]TeamZone `json:"zones,omitempty"`

	// Extras that the team's claims may ask for. Those that are always there are there
	// for every team. Left out: all.
	// +optional
	Extras []string `json:"extras,omitempty"`

	// SearchLimits of what one claim may ask for, each in place of that of search.limits.
	// +optional
	SearchLimits SearchLimits `json:"searchLimits,omitempty"`
}

// A TeamEnvironment is what is otherwise in an environment of a team. What is left out
// is as the environment says.
type TeamEnvironment struct {
	// Size of an environment whose claim names none.
	// +optional
	Size string `json:"size,omitempty"`

	// DeletionPolicy of an environment whose claim names none.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// Protect says whether an environment can be deleted whose claim does not set
	// spec.deletion.protect.
	// +optional
	Protect *bool `json:"protect,omitempty"`

	// HostSuffixes by zone, each in place of those that the environment has for the zone.
	// +optional
	HostSuffixes map[string][]string `json:"hostSuffixes,omitempty"`

	// Retention of the documents of data streams.
	// +optional
	Retention RetentionBounds `json:"retention,omitempty"`

	// Lifetime of environments.
	// +optional
	Lifetime LifetimeBounds `json:"lifetime,omitempty"`
}

// A TeamSize is what is otherwise about a size for a team.
type TeamSize struct {
	// MaxQuota is the most that the team's claims may ask for, each in place of that of
	// the size.
	// +optional
	MaxQuota map[string]string `json:"maxQuota,omitempty"`
}

// A TeamZone is what is otherwise in a zone for a team.
type TeamZone struct {
	// Plugins that the team's routes may name, of those that the zone has. Left out:
	// all.
	// +optional
	Plugins []string `json:"plugins,omitempty"`
}
