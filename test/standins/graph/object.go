package graph

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// A kind of directory object, as @odata.type names it.
type kind string

const (
	user             kind = "user"
	group            kind = "group"
	servicePrincipal kind = "servicePrincipal"
)

// An object of the directory.
type object struct {
	kind       kind
	properties map[string]any
	visible    time.Time // From when on a group can be read.
	deleted    *time.Time
	relations  map[string][]*link // Members and owners of a group.
	changed    uint64             // When its properties last did, in the order of changes.
}

func (o *object) id() string { return o.text("id") }

func (o *object) text(property string) string {
	s, _ := o.properties[property].(string)
	return s
}

// A User of the tenant.
type User struct {
	UserPrincipalName string
	DisplayName       string
	Mail              string // By default the user principal name.
	ID                string // By default ObjectID of the user principal name.
	Disabled          bool
	Guest             bool
}

// DefaultUsers are three ordinary users, one who may not sign in, and a guest.
func DefaultUsers() []User {
	return []User{
		{UserPrincipalName: "ana@example.com", DisplayName: "Ana"},
		{UserPrincipalName: "bo@example.com", DisplayName: "Bo"},
		{UserPrincipalName: "cy@example.com", DisplayName: "Cy"},
		{UserPrincipalName: "dee@example.com", DisplayName: "Dee", Disabled: true},
		{UserPrincipalName: "eli@example.com", DisplayName: "Eli", Guest: true},
	}
}

func (u User) object() *object {
	userType := "Member"
	if u.Guest {
		userType = "Guest"
	}
	return &object{kind: user, properties: map[string]any{
		"id": or(u.ID, ObjectID(u.UserPrincipalName)), "userPrincipalName": u.UserPrincipalName,
		"displayName": or(u.DisplayName, u.UserPrincipalName), "mail": or(u.Mail, u.UserPrincipalName),
		"accountEnabled": !u.Disabled, "userType": userType,
	}}
}

// A ServicePrincipal of the tenant.
type ServicePrincipal struct {
	AppID       string
	DisplayName string
	ID          string // By default ObjectID of the application's id.
}

func (p ServicePrincipal) object() *object {
	return &object{kind: servicePrincipal, properties: map[string]any{
		"id": or(p.ID, ObjectID(p.AppID)), "appId": p.AppID,
		"displayName": or(p.DisplayName, p.AppID), "accountEnabled": true, "servicePrincipalType": "Application",
	}}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// ObjectID returns the object id of a user principal name, or of a service
// principal's application id, that was given none. It is always the same.
func ObjectID(name string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(name)))
	return format([16]byte(sum[:16]), 8) // Version 8 is for one's own derivations.
}

func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // It never fails.
	return format(b, 4)
}

func format(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
