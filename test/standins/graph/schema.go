package graph

import "slices"

// A property as one kind of object has it.
type property struct {
	name string
	// shown tells whether v1.0 answers with it if the client selects nothing.
	shown bool
	// filter tells whether lists can be filtered by it.
	filter bool
	// write tells when a client may set a property of a group.
	write writable
	// valid checks what a client sets.
	valid func(any) bool
}

type writable int

const (
	never writable = iota
	onCreate
	always
)

// schema lists the properties of each kind that the directory knows, as v1.0 of
// Microsoft Graph documents them.
var schema = map[kind][]property{
	user: {
		{name: "id", shown: true, filter: true},
		{name: "businessPhones", shown: true}, {name: "displayName", shown: true, filter: true},
		{name: "givenName", shown: true, filter: true}, {name: "jobTitle", shown: true, filter: true},
		{name: "mail", shown: true, filter: true}, {name: "mobilePhone", shown: true},
		{name: "officeLocation", shown: true}, {name: "preferredLanguage", shown: true},
		{name: "surname", shown: true, filter: true}, {name: "userPrincipalName", shown: true, filter: true},
		{name: "accountEnabled", filter: true}, {name: "userType", filter: true}, {name: "deletedDateTime"},
	},
	servicePrincipal: {
		{name: "id", shown: true, filter: true}, {name: "appId", shown: true, filter: true},
		{name: "displayName", shown: true, filter: true}, {name: "accountEnabled", shown: true, filter: true},
		{name: "servicePrincipalType", shown: true, filter: true}, {name: "deletedDateTime", shown: true},
	},
	group: {
		{name: "id", shown: true, filter: true}, {name: "deletedDateTime", shown: true},
		{name: "createdDateTime", shown: true}, {name: "renewedDateTime", shown: true},
		{name: "mail", shown: true, filter: true}, {name: "securityIdentifier", shown: true},
		{name: "description", shown: true, write: always, valid: textUpTo(1024)},
		{name: "displayName", shown: true, filter: true, write: always, valid: isDisplayName},
		{name: "groupTypes", shown: true, write: onCreate, valid: isGroupTypes},
		{name: "isAssignableToRole", shown: true, write: onCreate, valid: isBool},
		{name: "mailEnabled", shown: true, filter: true, write: always, valid: isBool},
		{name: "mailNickname", shown: true, filter: true, write: always, valid: isMailNickname},
		{name: "securityEnabled", shown: true, filter: true, write: always, valid: isBool},
		{name: "uniqueName", shown: true, filter: true, write: onCreate, valid: isUniqueName},
		{name: "visibility", shown: true, write: always, valid: isVisibility},
		{name: "classification", shown: true, write: always, valid: textUpTo(256)},
		{name: "preferredLanguage", shown: true, write: always, valid: textUpTo(32)},
	},
}

// kinds are all kinds, each of which lists of directory objects may hold.
var kinds = []kind{user, group, servicePrincipal}

func propertyOf(k kind, name string) (property, bool) {
	i := slices.IndexFunc(schema[k], func(p property) bool { return p.name == name })
	if i < 0 {
		return property{}, false
	}
	return schema[k][i], true
}

// known reports whether any of the kinds has a property.
func known(name string, of ...kind) bool {
	return slices.ContainsFunc(of, func(k kind) bool {
		_, found := propertyOf(k, name)
		return found
	})
}
