package engine

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// wipe deletes everything that a test may have left on a node.
func wipe(ctx context.Context, node, name string) error {
	all := []string{"/_all?expand_wildcards=all", "/_index_template/*"}
	if name == OpenSearch { // An index of a data stream goes with it alone.
		all = append([]string{"/_data_stream/*"}, all...)
	}
	for _, path := range all {
		req, err := http.NewRequestWithContext(ctx, http.MethodDelete, node+path, nil) //nolint:gosec // It is a node that cmd/engine started.
		if err != nil {
			return err
		}
		rsp, err := http.DefaultClient.Do(req) //nolint:gosec // As above.
		if err != nil {
			return err
		}
		body, err := io.ReadAll(rsp.Body)
		_ = rsp.Body.Close()
		if err != nil || rsp.StatusCode >= http.StatusMultipleChoices && rsp.StatusCode != http.StatusNotFound {
			return fmt.Errorf("%s: %s %s %w", path, rsp.Status, body, err)
		}
	}
	return nil
}
