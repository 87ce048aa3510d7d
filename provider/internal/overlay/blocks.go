package overlay

import "strings"

// Blocks says what keeps an index from being written to, other than what is desired; it
// is empty if nothing does. Blocks are not put right: Elasticsearch sets and lifts them
// itself, and an operator who does has a reason.
func Blocks(got, desired map[string]string) string {
	var out []string
	for _, name := range []string{"blocks.read_only", "blocks.read_only_allow_delete", "blocks.write"} {
		_, short := desired[name]
		_, full := desired["index."+name]
		if got[name] == "true" && !short && !full {
			out = append(out, "index."+name)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "Elasticsearch lets nobody write to it, as when a disk is full: " + strings.Join(out, ", ")
}
