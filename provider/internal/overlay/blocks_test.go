package overlay

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBlocks(t *testing.T) {
	const words = "Elasticsearch lets nobody write to it, as when a disk is full: "
	cases := map[string]struct {
		reason       string
		got, desired map[string]string
		want         string
	}{
		"None":    {"An index that is written to has none.", map[string]string{"blocks.write": "false", "blocks.metadata": "true"}, nil, ""},
		"Disk":    {"A disk that is full is named by its block.", map[string]string{"blocks.read_only_allow_delete": "true"}, nil, words + "index.blocks.read_only_allow_delete"},
		"All":     {"All are named.", map[string]string{"blocks.read_only": "true", "blocks.write": "true"}, nil, words + "index.blocks.read_only, index.blocks.write"},
		"Desired": {"One that is desired is no trouble.", map[string]string{"blocks.write": "true"}, map[string]string{"blocks.write": "true"}, ""},
		"InFull":  {"Nor is one that is desired by its full name.", map[string]string{"blocks.write": "true"}, map[string]string{"index.blocks.write": "true"}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Blocks(tc.got, tc.desired)); diff != "" {
				t.Errorf("\n%s\nBlocks(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
