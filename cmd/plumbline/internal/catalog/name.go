package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
)

// Backstage's rules for names are those of Kubernetes' labels, and for tags its own.
const (
	longest   = 63
	suffixLen = 8
)

var (
	objectName = regexp.MustCompile(`^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$`)
	dnsLabel   = regexp.MustCompile(`^[a-z0-9]+(?:-+[a-z0-9]+)*$`)
	tagName    = regexp.MustCompile(`^[a-z0-9:+#]+(-[a-z0-9:+#]+)*$`)
	notInName  = regexp.MustCompile(`[^-A-Za-z0-9_.]+`)
	notInTag   = regexp.MustCompile(`[^a-z0-9:+#]+`)
)

// nameOf returns the name of an entity for what a thing is called. What Backstage does
// not take as it is ends with a hash of it, so that no two things share a name.
func nameOf(called string) string {
	if len(called) <= longest && objectName.MatchString(called) {
		return called
	}
	return distinct(called, called)
}

// distinct returns a name that is like what a thing is called, and ends with a hash of
// what tells it from all others.
func distinct(called, identity string) string {
	sum := sha256.Sum256([]byte(identity))
	base := strings.Trim(notInName.ReplaceAllString(called, "-"), "-_.")
	base = strings.TrimRight(base[:min(len(base), longest-suffixLen-1)], "-_.")
	return strings.TrimLeft(base+"-"+hex.EncodeToString(sum[:])[:suffixLen], "-")
}

// tagsOf returns the tags of a claim as Backstage writes them, such as
// costcenter:4711. What is too long for a tag is in the labels still.
func tagsOf(environment string, tags map[string]string) []string {
	out := []string{environment}
	for key, value := range tags {
		tag := strings.Trim(notInTag.ReplaceAllString(strings.ToLower(key+":"+value), "-"), "-")
		if len(tag) <= longest && tagName.MatchString(tag) {
			out = append(out, tag)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
