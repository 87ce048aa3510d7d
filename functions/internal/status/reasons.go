package status

// Reasons of conditions and resources: every word that a program may match. What
// the reader should do stands beside each.
const (
	// ReasonAccepted : nothing to do.
	ReasonAccepted = "Accepted"
	// ReasonInvalidClaim : the developer corrects the fields that the message names.
	ReasonInvalidClaim = "InvalidClaim"
	// ReasonInvalidBlueprint : the platform team corrects the Blueprint.
	ReasonInvalidBlueprint = "InvalidBlueprint"
	// ReasonBlueprintMissing : the platform team applies its Blueprint.
	ReasonBlueprintMissing = "BlueprintMissing"
	// ReasonPaused : the developer sets spec.paused to false to go on.
	ReasonPaused = "Paused"
	// ReasonNameTaken : the developer chooses another service, environment or host;
	// the message says which claim has the name.
	ReasonNameTaken = "NameTaken"

	// ReasonWithinLifetime : nothing to do before the day that the message names.
	ReasonWithinLifetime = "WithinLifetime"
	// ReasonExpired : the day has come on which the environment is no longer needed. The
	// developer deletes the claim, or commits a later day.
	ReasonExpired = "Expired"
	// ReasonReviewDue : the developer looks whether the environment is still needed, and
	// commits the next day to look.
	ReasonReviewDue = "ReviewDue"

	// ReasonAvailable : nothing to do.
	ReasonAvailable = "Available"
	// ReasonNotRequested : nothing to do; the claim does not ask for it.
	ReasonNotRequested = "NotRequested"
	// ReasonCreating : wait; the resource's controller is at work.
	ReasonCreating = "Creating"
	// ReasonDeleting : wait; the resource is made anew when it is gone.
	ReasonDeleting = "Deleting"
	// ReasonWaiting : look at what waitingFor names.
	ReasonWaiting = "Waiting"

	// ReasonExistsNotOwned : something of that name exists that Plumbline did not
	// make. The developer removes it, or chooses another name.
	ReasonExistsNotOwned = "ExistsNotOwned"
	// ReasonOwnedElsewhere : another control plane, or another claim, owns it. The
	// developer chooses another name.
	ReasonOwnedElsewhere = "OwnedElsewhere"
	// ReasonDiffers : what was taken over is not as the claim says, and Plumbline does not
	// write it. The platform team has its owner change what the message names.
	ReasonDiffers = "Differs"
	// ReasonImmutableIndex : the developer sets back what Elasticsearch cannot change
	// in an index, or takes an index of another name.
	ReasonImmutableIndex = "ImmutableIndex"
	// ReasonImmutableMapping : the developer sets back the field whose type changed, or
	// takes a data stream of another name.
	ReasonImmutableMapping = "ImmutableMapping"
	// ReasonRefused : the developer corrects the mapping, setting or alias that
	// Elasticsearch does not take; the message is what it said.
	ReasonRefused = "Refused"
	// ReasonDataLoss : the developer says what is to become of the documents that the
	// deletion of an index or data stream would lose.
	ReasonDataLoss = "DataLoss"
	// ReasonMembersUnknown : the developer corrects the members that the message
	// names. The others have their access.
	ReasonMembersUnknown = "MembersUnknown"
	// ReasonMembersDisabled : the developer takes out the members that the message
	// names, or has Entra ID let them sign in. The others have their access.
	ReasonMembersDisabled = "MembersDisabled"
	// ReasonServiceMissing : the developer deploys the Service that a route leads to.
	ReasonServiceMissing = "ServiceMissing"
	// ReasonKindMissing : the platform team installs the definition of a kind that a
	// route, or an extra of the Blueprint, needs.
	ReasonKindMissing = "KindMissing"
	// ReasonNotAllowed : the platform team lets Crossplane write the kind.
	ReasonNotAllowed = "NotAllowed"
	// ReasonExtraFailed : the platform team looks at the object; the message is what
	// its controller said.
	ReasonExtraFailed = "ExtraFailed"
	// ReasonThrottled : wait; the system behind the resource has more to do than it can,
	// and is asked again when it says so.
	ReasonThrottled = "Throttled"
	// ReasonQuotaUsedUp : the developer uses less, or takes a larger size; until then
	// the namespace refuses new pods that need what the message names.
	ReasonQuotaUsedUp = "QuotaUsedUp"
	// ReasonBackendFailed : the platform team looks at the system behind the
	// resource; the message is what that system, or the way to it, said.
	ReasonBackendFailed = "BackendFailed"
	// ReasonRouteRefused : the platform team looks at the Gateway of the zone, above all
	// at the routes that its listener lets in.
	ReasonRouteRefused = "RouteRefused"
	// ReasonLeadsElsewhere : the platform team looks at who made the record of the host,
	// and has it removed; ExternalDNS changes no record of others.
	ReasonLeadsElsewhere = "LeadsElsewhere"
	// ReasonRecordNotOwned : the platform team has the owner that the message names let go
	// of the record, and removes one that somebody made by hand.
	ReasonRecordNotOwned = "RecordNotOwned"
	// ReasonIssuingFailed : the platform team looks at the issuer of certificates.
	ReasonIssuingFailed = "IssuingFailed"
)
