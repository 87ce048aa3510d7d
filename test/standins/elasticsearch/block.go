package elasticsearch

import (
	"fmt"
	"net/http"
)

// A block is what index.blocks.* do: see "Index blocks".
type block struct {
	setting string
	words   string
	status  int
}

var (
	readOnly  = block{"read_only", "FORBIDDEN/5/index read-only (api)", http.StatusForbidden}
	metadata  = block{"metadata", "FORBIDDEN/9/index metadata (api)", http.StatusForbidden}
	noWrite   = block{"write", "FORBIDDEN/8/index write (api)", http.StatusForbidden}
	noRead    = block{"read", "FORBIDDEN/7/index read (api)", http.StatusForbidden}
	diskFlood = block{
		"read_only_allow_delete", "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block",
		http.StatusTooManyRequests,
	}
)

func (i *index) blocks(setting string) bool {
	return i.settings.text("index.blocks."+setting) == "true"
}

func (i *index) checkBlocks(all ...block) error {
	for _, b := range all {
		if i.blocks(b.setting) {
			return blockedBy(i, b)
		}
	}
	return nil
}

// mayChange refuses changes of settings, mappings and aliases.
func (i *index) mayChange() error { return i.checkBlocks(readOnly, metadata, diskFlood) }

// mayWrite refuses documents.
func (i *index) mayWrite() error {
	if i.closed {
		return closed(i)
	}
	if i.lost {
		return unavailable("unavailable_shards_exception", "[%s][0] primary shard is not active Timeout: [1m]", i.name)
	}
	return i.checkBlocks(readOnly, noWrite, diskFlood)
}

func (i *index) mayRead() error {
	if i.closed {
		return closed(i)
	}
	return i.checkBlocks(noRead)
}

func blockedBy(i *index, b block) error {
	return &fault{status: b.status, kind: "cluster_block_exception", details: i.identity(),
		reason: fmt.Sprintf("index [%s] blocked by: [%s];", i.name, b.words)}
}
