package elasticsearch

import (
	"slices"
	"strings"
)

// overlap tells whether a name may fit patterns of both.
func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return meet(x, y) })
	})
}

// meet tells whether a name may fit two patterns.
func meet(a, b string) bool {
	switch {
	case a == "" || b == "":
		return strings.Trim(a+b, "*") == ""
	case a[0] == '*':
		return meet(a[1:], b) || b[0] != '*' && meet(a, b[1:]) || b[0] == '*' && meet(a, b[1:])
	case b[0] == '*':
		return meet(b, a)
	}
	return a[0] == b[0] && meet(a[1:], b[1:])
}

// listed returns a list of texts, or a single one as a list.
func listed(v any) []string {
	if text, single := v.(string); single {
		return []string{text}
	}
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		if text, is := e.(string); is {
			out = append(out, text)
		}
	}
	return out
}

func anyOf(texts []string) []any {
	out := make([]any, len(texts))
	for n, t := range texts {
		out[n] = t
	}
	return out
}
