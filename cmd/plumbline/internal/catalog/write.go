package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"

	"sigs.k8s.io/yaml"
)

// YAML returns entities as documents of one file, as Backstage reads it.
func YAML(entities []Entity) ([]byte, error) {
	var out bytes.Buffer
	for _, e := range entities {
		// JSON is YAML. It is written and read several times as fast, and none of its
		// strings can be taken for anything else.
		line, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("cannot write entity %q: %w", e.Ref(), err)
		}
		out.WriteString("---\n")
		out.Write(line)
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

// Readable returns entities as YAML for people.
func Readable(entities []Entity) ([]byte, error) {
	var out bytes.Buffer
	for _, e := range entities {
		text, err := yaml.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("cannot write entity %q: %w", e.Ref(), err)
		}
		out.WriteString("---\n")
		out.Write(text)
	}
	return out.Bytes(), nil
}

// JSON returns entities as a list.
func JSON(entities []Entity) ([]byte, error) {
	if entities == nil {
		entities = []Entity{}
	}
	return json.MarshalIndent(entities, "", "  ")
}

func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
