package graph

import "strings"

// A creation is an attempt to create a group, and what is answered.
type creation struct {
	reason string
	body   map[string]any
	want   string
}

// creations are the attempts of TestCreateGroup.
var creations = map[string]creation{
	"Security": {
		reason: "A security group is created.",
		body:   security(), want: "201",
	},
	"Microsoft365": {
		reason: "A Microsoft 365 group is enabled for mail.",
		body:   with(with(security(), "groupTypes", []string{"Unified"}), "mailEnabled", true), want: "201",
	},
	"NoDisplayName": {
		reason: "A display name is required.",
		body:   with(security(), "displayName", nil),
		want:   "400 Request_BadRequest: A value is required for property 'displayName' of resource 'Group'.",
	},
	"NoMailNickname": {
		reason: "Even a group without mail needs a nickname for it.",
		body:   with(security(), "mailNickname", nil),
		want:   "400 Request_BadRequest: A value is required for property 'mailNickname' of resource 'Group'.",
	},
	"NicknameWithSpace": {
		reason: "A nickname is part of a mail address.",
		body:   with(security(), "mailNickname", "a b"),
		want:   "400 Request_BadRequest: Invalid value specified for property 'mailNickname' of resource 'Group'.",
	},
	"NicknameWithDot": {
		reason: "A dot is allowed in a nickname.",
		body:   with(security(), "mailNickname", "a.b"), want: "201",
	},
	"NicknameTooLong": {
		reason: "A nickname has at most 64 characters.",
		body:   with(security(), "mailNickname", strings.Repeat("n", 65)),
		want:   "400 Request_BadRequest: Invalid value specified for property 'mailNickname' of resource 'Group'.",
	},
	"DisplayNameTooLong": {
		reason: "A display name has at most 256 characters.",
		body:   with(security(), "displayName", strings.Repeat("ä", 257)),
		want:   "400 Request_BadRequest: Invalid value specified for property 'displayName' of resource 'Group'.",
	},
	"DisplayNameLong": {
		reason: "Characters are counted, not bytes.",
		body:   with(security(), "displayName", strings.Repeat("ä", 256)), want: "201",
	},
	"UnknownProperty": {
		reason: "A misspelt property is refused.",
		body:   with(security(), "displayedName", "d"),
		want:   "400 Request_BadRequest: Invalid property 'displayedName'.",
	},
	"ReadOnly": {
		reason: "The directory chooses ids.",
		body:   with(security(), "id", missing),
		want:   "400 Request_BadRequest: Property 'id' is read-only and cannot be set.",
	},
	"WrongType": {
		reason: "A flag is a boolean.",
		body:   with(security(), "securityEnabled", "true"),
		want:   "400 Request_BadRequest: Invalid value specified for property 'securityEnabled' of resource 'Group'.",
	},
	"Mail": {
		reason: "Mail-enabled security groups are made elsewhere.",
		body:   with(security(), "mailEnabled", true),
		want:   "400 Request_BadRequest: The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.",
	},
	"TwentyMembers": {
		reason: "A group is created with up to 20 members.",
		body:   with(security(), "members@odata.bind", refs(many(20))), want: "201",
	},
	"TooManyMembers": {
		reason: "More than 20 relationships in one request are refused.",
		body:   with(security(), "members@odata.bind", refs(many(21))),
		want:   "400 Request_BadRequest: The number of references in 'members@odata.bind' exceeds the limit of 20.",
	},
	"OwnerTwice": {
		reason: "An owner that is given twice is refused.",
		body:   with(security(), "owners@odata.bind", []string{refs(many(1))[0], refs(many(1))[0]}),
		want:   "400 Request_BadRequest: Request contains a property with duplicate values.",
	},
	"MissingOwner": {
		reason: "An owner that does not exist is named.",
		body:   with(security(), "owners@odata.bind", []string{ref(missing)}),
		want:   "404 Request_ResourceNotFound: Resource '" + missing + "' does not exist or one of its queried reference-property objects are not present.",
	},
}
