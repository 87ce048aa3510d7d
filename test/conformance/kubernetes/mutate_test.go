package kubernetes

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// values that somebody may write where they do not belong, or nearly do.
func values() []any {
	return []any{
		"", "a", "A", "a-b", "-a", "a-", "a.b", "*", "*.a", "a b", "é", "\u200b", "{team}", "{service}-{environment}", "a{{b}}", "null", "true", "0", "1", "-1", "1.5", "1500m", "10Gi", "1e9",
		"30d", "12h", "1h30m", "999999d", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "192.0.2.1", "www.example.com", "system:masters", "kube-system", "/a", "/a//b", "/%zz", "a/b", "example.com/a",
		"plumbline.dev/team", strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a", 254), strings.Repeat("a.", 120) + "a",
		float64(0), float64(1), float64(-1), float64(70000), float64(1 << 40), 1.5, true, false, nil,
		[]any{}, []any{"a"}, []any{"a", "a"}, []any{float64(1)}, map[string]any{}, map[string]any{"a": "b"}, map[string]any{"a/b": "c d"}, map[string]any{"limits.cpu": "1"},
	}
}

// mutate changes one thing somewhere in a document, as a mistake or an attack would.
func mutate(random *rand.Rand, v any) any {
	const stay = 5 // One in so many steps changes what it has come to.
	pool := values()
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		if len(keys) == 0 || random.IntN(stay) == 0 {
			text, _ := pool[random.IntN(len(pool))].(string)
			v[text] = pool[random.IntN(len(pool))]
			return v
		}
		key := keys[random.IntN(len(keys))]
		if random.IntN(4*stay) == 0 {
			delete(v, key)
			return v
		}
		v[key] = mutate(random, v[key])
		return v
	case []any:
		if len(v) == 0 || random.IntN(stay) == 0 {
			return append(v, pool[random.IntN(len(pool))])
		}
		i := random.IntN(len(v))
		v[i] = mutate(random, v[i])
		return v
	case string:
		if random.IntN(2) == 0 { // What is nearly right goes farther.
			add, _ := pool[random.IntN(len(pool))].(string)
			return v + add
		}
		return pool[random.IntN(len(pool))]
	default:
		return pool[random.IntN(len(pool))]
	}
}
