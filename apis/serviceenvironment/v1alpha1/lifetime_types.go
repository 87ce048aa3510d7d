package v1alpha1

// A Date is a day of the calendar in UTC.
// +kubebuilder:example="2027-01-31"
// +kubebuilder:validation:Format=date
// +kubebuilder:validation:MaxLength=10
// +kubebuilder:validation:Pattern=`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`
type Date string

// Lifetime says until when the environment is needed. Nothing is deleted because a day
// has come: Git is the truth, and the status says from that day on who has to commit
// what.
type Lifetime struct {
	// Expires is the day on which the environment is no longer needed. From then on
	// the status asks to delete the claim, or to commit a later day. The Blueprint may
	// demand one, and say how far ahead it may lie.
	// +kubebuilder:title="Expires"
	// +kubebuilder:example="2027-01-31"
	// +optional
	Expires Date `json:"expires,omitempty"`

	// Review is the day on which its owners look whether the environment is still
	// needed, and right. From then on the status asks them to, and to commit the next
	// such day. The Blueprint may demand one, and say how far ahead it may lie.
	// +kubebuilder:title="Review"
	// +kubebuilder:example="2027-06-30"
	// +optional
	Review Date `json:"review,omitempty"`
}

// LifetimeBounds say which days a claim must name, and how far ahead they may lie.
// Each is a number of days, as in 14d.
type LifetimeBounds struct {
	// ExpiresWithin demands spec.lifetime.expires of every claim, at most so many days
	// ahead. Left out, a claim need not end, and may end at any time.
	// +optional
	ExpiresWithin string `json:"expiresWithin,omitempty"`

	// ReviewWithin demands spec.lifetime.review of every claim, at most so many days
	// ahead. Left out, a claim need not be reviewed.
	// +optional
	ReviewWithin string `json:"reviewWithin,omitempty"`
}
