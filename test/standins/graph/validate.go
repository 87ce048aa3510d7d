package graph

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxBind is the number of relationships that one request may add.
const maxBind = 20

func textUpTo(limit int) func(any) bool {
	return func(v any) bool {
		s, ok := v.(string)
		return v == nil || ok && utf8.RuneCountInString(s) <= limit
	}
}

func isBool(v any) bool { _, ok := v.(bool); return ok }

func isDisplayName(v any) bool {
	s, ok := v.(string)
	return ok && s != "" && utf8.RuneCountInString(s) <= 256
}

var mailNickname = regexp.MustCompile(`^[!-~]{1,64}$`)

func isMailNickname(v any) bool {
	s, ok := v.(string)
	return ok && mailNickname.MatchString(s) && !strings.ContainsAny(s, `@()\[]";:<>, `)
}

func isUniqueName(v any) bool {
	s, ok := v.(string)
	return ok && s != "" && utf8.RuneCountInString(s) <= 256
}

func isVisibility(v any) bool {
	s, ok := v.(string)
	return v == nil || ok && slices.Contains([]string{"Private", "Public", "HiddenMembership"}, s)
}

func isGroupTypes(v any) bool {
	list, ok := v.([]any)
	return ok && (len(list) == 0 || len(list) == 1 && list[0] == "Unified")
}

var required = []string{"displayName", "mailEnabled", "mailNickname", "securityEnabled"}

// checkNew checks the properties of a group that is about to be created.
func checkNew(properties map[string]any) error {
	if err := checkWrite(properties, onCreate); err != nil {
		return err
	}
	for _, name := range required {
		if v, set := properties[name]; !set || v == nil {
			return badRequest("A value is required for property '%s' of resource 'Group'.", name)
		}
	}
	unified := slices.Contains(list(properties["groupTypes"]), any("Unified"))
	if properties["mailEnabled"] == true != unified || !unified && properties["securityEnabled"] != true {
		return badRequest("The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.")
	}
	return nil
}

// checkWrite checks properties that a client sets when a group is created, or
// later.
func checkWrite(properties map[string]any, when writable) error {
	for name, value := range properties {
		p, known := propertyOf(group, name)
		switch {
		case !known:
			return badRequest("Invalid property '%s'.", name)
		case p.write == never, p.write == onCreate && when == always:
			return badRequest("Property '%s' is read-only and cannot be set.", name)
		case !p.valid(value):
			return badRequest("Invalid value specified for property '%s' of resource 'Group'.", name)
		}
	}
	return nil
}

// checkUpdate checks properties that a client sets of a group that exists.
func checkUpdate(g *object, properties map[string]any) error {
	if err := checkWrite(properties, always); err != nil {
		return err
	}
	for _, name := range []string{"mailEnabled", "securityEnabled"} {
		if v, set := properties[name]; set && v != g.properties[name] {
			return badRequest("The service does not currently support changing the property '%s' of resource 'Group'.", name)
		}
	}
	return nil
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}
