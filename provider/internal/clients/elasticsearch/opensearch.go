package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
)

// An OpenSearchError says that OpenSearch answers at the endpoint. It understands many of
// the calls, and the same words mean something else in some answers: guessing on would
// create what is there, and leave undone what was asked for.
type OpenSearchError struct{ Host, Version string }

// Error says what is missing there, and what to do.
func (e *OpenSearchError) Error() string {
	return fmt.Sprintf("UnsupportedEngine: %s is OpenSearch %s, and the kinds of elasticsearch.plumbline.dev need Elasticsearch 8 or 9: "+
		"OpenSearch has neither ILM, for LifecyclePolicy, nor data stream lifecycles, for DataStream, nor /_security, for Role, RoleMapping and APIKey, "+
		"and answers for an Index that there is none with success; set the endpoint of the provider config to a cluster of Elasticsearch", e.Host, e.Version)
}

// telling are the statuses of answers that are mistaken for Elasticsearch's if
// OpenSearch sends them. Others say that something is wrong, whoever sends them.
var telling = []int{http.StatusOK, http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable}

// checkProduct reports that OpenSearch sent an answer, not Elasticsearch. Only where an
// answer does not name Elasticsearch does it ask what it is that answers.
func (c *Client) checkProduct(ctx context.Context, rsp *http.Response) error {
	if rsp.Header.Get(productHeader) == productName || !slices.Contains(telling, rsp.StatusCode) {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return fmt.Errorf("cannot make request: %w", err)
	}
	about, err := c.transport.Perform(req)
	if err != nil {
		return nil // The answer that it is about speaks for itself.
	}
	defer about.Body.Close() //nolint:errcheck // Nothing is lost when closing a body that has been read.
	var answer struct {
		Version struct {
			Distribution string `json:"distribution"`
			Number       string `json:"number"`
		} `json:"version"`
	}
	body, err := io.ReadAll(io.LimitReader(about.Body, maxError))
	if err != nil || json.Unmarshal(body, &answer) != nil || answer.Version.Distribution != "opensearch" {
		return nil
	}
	return &OpenSearchError{Host: c.host, Version: oneLine(answer.Version.Number)}
}
